import XCTest

@testable import HeadshotKit

final class PhotoMetadataPNGTests: XCTestCase {
    private typealias Sample = PhotoSample

    func testPrivateChunksAndTrailingBytesAreRemovedAndImageIsUnchanged() throws {
        try assertRemoval(
            Sample.privatePNG(),
            Sample.png(Sample.chunk("gAMA", [0, 0, 0, 1]) + Sample.chunk("eXIf", Sample.orientationExif(6)))
        )
    }

    func testUprightPhotoHasNoExifAfterRemoval() throws {
        try assertRemoval(Sample.privatePNG(1), Sample.png(Sample.chunk("gAMA", [0, 0, 0, 1])))
    }

    func testExifWithThePrefixOfJPEGIsRead() throws {
        try assertRemoval(
            Sample.png(Sample.chunk("eXIf", Array("Exif\0\0".utf8) + Sample.exif(8))),
            Sample.png(Sample.chunk("eXIf", Sample.orientationExif(8)))
        )
    }

    func testChunksThatDetermineThePictureStay() throws {
        let lengths = [
            "PLTE": 3, "tRNS": 2, "gAMA": 4, "cHRM": 32, "sRGB": 1, "iCCP": 9, "cICP": 4, "mDCV": 24, "cLLI": 8,
            "sBIT": 1, "pHYs": 9, "bKGD": 2, "acTL": 8, "fcTL": 26, "fdAT": 7,
        ]
        for (name, length) in lengths {
            let photo = Sample.png(Sample.chunk(name, [UInt8](repeating: 5, count: length)))
            try assertRemoval(photo, photo)
        }
    }

    func testChecksumOfOriginalStaysEvenIfWrong() throws {
        var photo = Sample.png()
        photo[photo.startIndex + 30] ^= 1
        try assertRemoval(photo, photo)
    }

    func testChunkOfFixedLengthWithExtraBytesIsRejected() {
        assertRejected(
            Sample.png(Sample.chunk("pHYs", Array("123456789SECRET".utf8))),
            "the chunk pHYs at byte 33 has the wrong length"
        )
    }

    func testUnknownRequiredChunkIsRejected() {
        assertRejected(Sample.png(Sample.chunk("CgBI", [0])), "the chunk CgBI at byte 33 is unknown but required")
    }

    func testBytesThatAreNoChunkAreRejected() {
        assertRejected(Sample.png([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]), "there is no chunk at byte 33")
    }

    func testPhotoWithoutImageIsRejected() {
        assertRejected(Data(Sample.signature + Sample.header + Sample.chunk("IEND")), "it contains no image")
        assertRejected(Data(Sample.signature + Sample.pixels), "its first chunk is not its only header")
    }

    func testChunkLongerThanFileIsRejected() {
        assertRejected(Sample.png([0xff, 0xff, 0xff, 0xff] + Array("tEXt".utf8)), "the file is truncated")
    }
}
