import XCTest

@testable import HeadshotKit

final class PhotoMetadataJPEGTests: XCTestCase {
    private typealias Sample = PhotoSample

    func testPrivateSegmentsAndTrailingBytesAreRemovedAndImageIsUnchanged() throws {
        let orientation = Sample.exifSegment(Sample.orientationExif(6))
        try assertRemoval(
            Sample.privateJPEG(),
            Sample.jpeg(Sample.jfif + orientation + Sample.profile + Sample.adobe)
        )
    }

    func testUprightPhotoHasNoExifAfterRemoval() throws {
        try assertRemoval(Sample.privateJPEG(1), Sample.jpeg(Sample.jfif + Sample.profile + Sample.adobe))
    }

    func testEveryOrientationIsKept() throws {
        for orientation in UInt8(2)...8 {
            try assertRemoval(
                Sample.jpeg(Sample.exifSegment(Sample.exif(orientation))),
                Sample.jpeg(Sample.exifSegment(Sample.orientationExif(orientation)))
            )
        }
    }

    func testOrientationOutsideTheDefinedValuesIsRemoved() throws {
        for orientation: UInt8 in [0, 9, 255] {
            try assertRemoval(Sample.jpeg(Sample.exifSegment(Sample.exif(orientation))), Sample.jpeg())
        }
    }

    func testOrientationWithSeveralValuesIsRemoved() throws {
        var exif = PhotoSample.exif(6)
        // The number of values of the second field.
        exif[26] = 2
        try assertRemoval(Sample.jpeg(Sample.exifSegment(exif)), Sample.jpeg())
    }

    func testOrientationOfFirstExifBlockIsKept() throws {
        try assertRemoval(
            Sample.jpeg(Sample.exifSegment(Sample.exif(3)) + Sample.exifSegment(Sample.exif(8))),
            Sample.jpeg(Sample.exifSegment(Sample.orientationExif(3)))
        )
    }

    func testThumbnailsOfJFIFAreRemoved() throws {
        let head = Array("JFIF\0".utf8) + [1, 2, 1, 0, 72, 0, 72]
        let thumbnail = Sample.segment(0xe0, head + [1, 1, 7, 7, 7]) + Sample.segment(0xe0, "JFXX\0\u{10}SECRET")
        try assertRemoval(
            Sample.jpeg(thumbnail),
            Sample.jpeg(Sample.segment(0xe0, head + [0, 0]))
        )
    }

    func testUnknownApplicationSegmentsAreRemoved() throws {
        let segments = (UInt8(0xe0)...0xef).flatMap { Sample.segment($0, "SECRET") }
        try assertRemoval(Sample.jpeg(segments), Sample.jpeg())
    }

    func testBytesAfterTheColorTransformAreRemoved() throws {
        let long = Sample.segment(0xee, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 1] + Array("SECRET".utf8))
        try assertRemoval(Sample.jpeg(long), Sample.jpeg(Sample.adobe))
    }

    func testDamagedExifIsRemoved() throws {
        try assertRemoval(Sample.jpeg(Sample.exifSegment(Array("nonsense".utf8))), Sample.jpeg())
        try assertRemoval(
            Sample.jpeg(Sample.exifSegment([0x4d, 0x4d, 0, 0x2a, 0xff, 0xff, 0xff, 0xff])),
            Sample.jpeg()
        )
    }

    func testFillBytesBeforeSegmentAreRemoved() throws {
        try assertRemoval(Sample.jpeg([0xff, 0xff] + Sample.jfif), Sample.jpeg(Sample.jfif))
    }

    func testSecondImageIsRemoved() throws {
        try assertRemoval(Sample.jpeg() + Sample.privateJPEG(), Sample.jpeg())
    }

    func testStrayBytesBetweenSegmentsAreRejected() {
        assertRejected(Sample.jpeg(Sample.jfif + [7]), "there is no marker at byte 20")
    }

    func testSegmentWithoutLengthIsRejected() {
        assertRejected(Sample.jpeg([0xff, 0xe1, 0, 1]), "the segment at byte 2 has no length")
    }

    func testSegmentLongerThanFileIsRejected() {
        assertRejected(Sample.jpeg([0xff, 0xe1, 0xff, 0xff]), "the file is truncated")
    }

    func testUnexpectedMarkerIsRejected() {
        assertRejected(Sample.jpeg([0xff, 0xd8]), "the marker FFD8 at byte 2 is unexpected")
    }

    func testPhotoWithoutImageIsRejected() {
        assertRejected(Data([0xff, 0xd8] + Sample.jfif + [0xff, 0xd9]), "it contains no image")
        assertRejected(Data([0xff, 0xd8] + Sample.scan + [0xff, 0xd9]), "has no frame")
    }

    func testScanHeaderWithExtraBytesIsRejected() {
        let scan = Sample.segment(0xda, [1, 1, 0, 0, 63, 0] + Array("SECRET".utf8)) + [1]
        assertRejected(
            Data([0xff, 0xd8] + Sample.frame + scan + [0xff, 0xd9]),
            "the scan header at byte 15 is damaged"
        )
    }
}
