import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// What `check(as:)` returns about photos.
final class MediaInfoTests: XCTestCase {
    private func size(_ bytes: [UInt8], _ format: MediaFormat) throws -> [Int]? {
        try PixelSize.of(MediaBytes(Data(bytes)), format).map { [$0.width, $0.height] }
    }

    func testPhotoHasFormatSizeAndPixels() throws {
        let photo = SampleMedia.portraitPNG(width: 40, height: 30)
        let info = try XCTUnwrap(try MediaSource.data(photo).check(as: .image))
        XCTAssertEqual(info.mimeType, "image/png")
        XCTAssertEqual(info.byteCount, Int64(photo.count))
        XCTAssertEqual(info.pixelSize.map { [$0.width, $0.height] }, [40, 30])
        XCTAssertNil(info.duration)
        XCTAssertNil(try MediaSource("https://a.example/me.png").check(as: .image))
    }

    func testRecordingHasLengthAndNoPixels() throws {
        let info = try XCTUnwrap(try MediaSource.data(SampleMedia.speechWAV(seconds: 2)).check(as: .audio))
        XCTAssertEqual(info.mimeType, "audio/wav")
        XCTAssertEqual(info.duration, .seconds(2))
        XCTAssertNil(info.pixelSize)
    }

    func testPixelsOfEveryFormat() throws {
        let (text, little, box) = (WholeFiles.text, WholeFiles.little, WholeFiles.box)
        // The first frame header counts, whatever its process. A table may precede it.
        XCTAssertEqual(
            try size([0xff, 0xd8] + PhotoSample.tables + PhotoSample.segment(0xc2, [8, 2, 1, 3, 0, 3]), .jpeg),
            [768, 513]
        )
        XCTAssertEqual(try size(WholeFiles.all.first { $0.fileExtension == "gif" }?.bytes ?? [], .gif), [1, 1])
        let extended = text("VP8X") + little(10) + [0, 0, 0, 0] + [0xff, 1, 0, 0x2b, 1, 0]
        XCTAssertEqual(try size(WholeFiles.riff("WEBP", extended), .webp), [512, 300])
        // The width minus 1 takes the lower 14 bits, and the height minus 1 the next 14.
        let lossless = text("VP8L") + little(5) + [0x2f] + little(99 << 14 | 639)
        XCTAssertEqual(try size(WholeFiles.riff("WEBP", lossless), .webp), [640, 100])
        let lossy = text("VP8 ") + little(10) + [0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0xe0, 0x01]
        XCTAssertEqual(try size(WholeFiles.riff("WEBP", lossy), .webp), [640, 480])
        let bitmap = text("BM") + little(0) + little(0) + little(54) + little(40)
        XCTAssertEqual(try size(bitmap + little(20) + little(10), .bmp), [20, 10])
        XCTAssertEqual(
            try size(bitmap + little(20) + [0xf6, 0xff, 0xff, 0xff], .bmp),
            [20, 10],
            "The top row comes first."
        )
        XCTAssertEqual(
            try size(WholeFiles.tiff(entries: [(0x100, 3, 1, 4_000), (0x101, 4, 1, 3_000)]), .tiff),
            [4_000, 3_000]
        )
        let header = box("jp2h", box("ihdr", WholeFiles.big(30) + WholeFiles.big(40)))
        XCTAssertEqual(try size(box("jP  ", [1]) + header, .jp2), [40, 30])
        let codestream: [UInt8] = [0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0] + WholeFiles.big(50) + WholeFiles.big(60)
        XCTAssertEqual(try size(codestream + WholeFiles.big(10) + WholeFiles.big(20), .jp2), [40, 40])
    }

    func testPixelsOfHEICAreThoseOfTheLargestImage() throws {
        func extent(_ width: UInt32, _ height: UInt32) -> [UInt8] {
            WholeFiles.box("ispe", WholeFiles.big(0) + WholeFiles.big(width) + WholeFiles.big(height))
        }
        var sample = HEIFSample()
        sample.properties = extent(512, 512) + extent(4_032, 3_024) + extent(320, 240)
        XCTAssertEqual(try size([UInt8](sample.data), .heic), [4_032, 3_024])
    }

    func testPhotoWithoutReadableSizeHasNone() throws {
        XCTAssertNil(try size([0xff, 0xd8, 0xff, 0xda, 0, 2, 1], .jpeg))
        XCTAssertNil(try size([UInt8](PhotoSample.png().prefix(22)), .png))
        XCTAssertNil(try size(WholeFiles.riff("WEBP", WholeFiles.text("VP9 ") + WholeFiles.filler(20)), .webp))
        XCTAssertNil(try size([UInt8](WholeFiles["heic"]), .heic))
        XCTAssertNil(
            try size(PhotoSample.signature + WholeFiles.filler(8) + WholeFiles.big(0) + WholeFiles.big(5), .png)
        )
    }
}
