import XCTest

@testable import HeadshotKit

final class PhotoMetadataGIFTests: XCTestCase {
    private typealias Sample = PhotoSample

    func testCommentsAndXMPAreRemovedAndAnimationStays() throws {
        try assertRemoval(Sample.privateGIF(), Sample.gif(Sample.loop + Sample.control))
    }

    func testCommentBetweenFramesIsRemoved() throws {
        let frames = Sample.control + Sample.gifImage
        try assertRemoval(Sample.gif(frames + Sample.comment + frames), Sample.gif(frames + frames))
    }

    func testColorProfileStaysAndOtherApplicationsAreRemoved() throws {
        let profile = [0x21, 0xff, 11] + Array("ICCRGBG1012".utf8) + [2, 1, 2, 0]
        let other = [0x21, 0xff, 11] + Array("SECRETSECRE".utf8) + [2, 1, 2, 0] + [0x21, 0xff, 1, 7, 0]
        try assertRemoval(Sample.gif(profile + other + [0x21, 0x77, 0]), Sample.gif(profile))
    }

    func testBlocksAfterTheTimingAndTheLoopCountAreRemoved() throws {
        let secret = [6] + Array("SECRET".utf8)
        let loop = Sample.loop.dropLast() + secret + [0]
        let control = Sample.control.dropLast() + secret + [0]
        try assertRemoval(Sample.gif(loop + control), Sample.gif(Sample.loop + Sample.control))
        let buffer = [0x21, 0xff, 11] + Array("NETSCAPE2.0".utf8) + [5, 2, 1, 2, 3, 4, 0]
        try assertRemoval(Sample.gif(buffer), Sample.gif([]))
    }

    func testDamagedTimingIsRejected() {
        assertRejected(Sample.gif([0x21, 0xf9, 3, 0, 10, 0, 0]), "the graphic control at byte 19 is damaged")
    }

    func testPlainTextIsRejected() {
        assertRejected(Sample.gif([0x21, 0x01, 1, 7, 0]), "it contains a plain text extension at byte 19")
    }

    func testUnknownBlockIsRejected() {
        assertRejected(Sample.gif([7]), "there is no block at byte 19")
    }

    func testPhotoWithoutImageIsRejected() {
        assertRejected(Data(Sample.gifHead + [0x3b]), "it contains no image")
    }
}
