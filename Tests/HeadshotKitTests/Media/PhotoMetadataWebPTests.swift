import XCTest

@testable import HeadshotKit

final class PhotoMetadataWebPTests: XCTestCase {
    private typealias Sample = PhotoSample
    private let colors =
        Sample.riffChunk("ICCP", Array("colors".utf8)) + Sample.riffChunk("ANIM", [1, 2, 3, 4, 0, 0])

    func testPrivateChunksAreRemovedFromFileAndFramesAndOrientationIsKept() throws {
        let frames =
            Sample.animation(Sample.webpImage) + Sample.animation(Sample.riffChunk("ALPH", [1]) + Sample.webpImage)
        try assertRemoval(
            Sample.privateWebP(),
            Sample.webp(
                Sample.webpHeader(0x2a) + colors + frames + Sample.webpImage
                    + Sample.riffChunk("EXIF", Sample.orientationExif(6))
            )
        )
    }

    func testFlagsOfUprightPhotoAreCleared() throws {
        let exif = Sample.riffChunk("EXIF", Sample.exif(1))
        try assertRemoval(
            Sample.webp(Sample.webpHeader(0x3e) + Sample.webpImage + exif),
            Sample.webp(Sample.webpHeader(0x32) + Sample.webpImage)
        )
    }

    func testChunksAfterASimpleImageAreRemoved() throws {
        try assertRemoval(
            Sample.webp(Sample.webpImage + Sample.riffChunk("EXIF", Sample.exif(6))),
            Sample.webp(Sample.webpImage)
        )
    }

    func testPhotoWithoutImageIsRejected() {
        assertRejected(Sample.webp(Sample.webpHeader(0) + colors), "it contains no image")
        assertRejected(Sample.webp(Sample.riffChunk("EXIF", Sample.exif(6))), "its first chunk is not an image")
    }

    func testChunkLongerThanFileIsRejected() {
        let long = Array("XMP ".utf8) + [0xff, 0xff, 0xff, 0xff]
        assertRejected(
            Sample.webp(Sample.webpHeader(0) + Sample.webpImage + long),
            "is longer than the chunk around it"
        )
    }

    func testTwoHeadersAreRejected() {
        assertRejected(
            Sample.webp(Sample.webpHeader(0) + Sample.webpHeader(0) + Sample.webpImage),
            "it has two headers"
        )
    }

    func testFrameWithoutImageIsRejected() {
        for frame in [Sample.animation([]), Sample.animation(Sample.riffChunk("ALPH", [1]))] {
            assertRejected(Sample.webp(Sample.webpHeader(2) + frame), "the frame at byte 30 contains no image")
        }
    }
}
