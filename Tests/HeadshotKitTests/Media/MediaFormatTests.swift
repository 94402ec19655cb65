import XCTest

@testable import HeadshotKit

final class MediaFormatTests: XCTestCase {
    /// The first bytes of a file of every extension that the services take.
    private static let heads: [String: [UInt8]] = [
        "png": [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
        "jpg": [0xff, 0xd8, 0xff, 0xe0, 0, 0x10] + Array("JFIF".utf8),
        "heic": box("heic"),
        "heif": box("mif1", "mif1"),
        "webp": Array("RIFF".utf8) + [9, 0, 0, 0] + Array("WEBPVP8 ".utf8),
        "avif": box("avif", "mif1"),
        "jp2": [0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a],
        "tiff": [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8],
        "bmp": Array("BM".utf8) + [9, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0],
        "mp3": Array("ID3".utf8) + [4, 0, 0],
        "wav": Array("RIFF".utf8) + [9, 0, 0, 0] + Array("WAVEfmt ".utf8),
        "aac": [0xff, 0xf1, 0x50, 0x80],
        "flac": Array("fLaC".utf8),
        "webm": [0x1a, 0x45, 0xdf, 0xa3],
        "m4a": box("M4A "),
        "opus": Array("OggS".utf8) + [UInt8](repeating: 0, count: 24) + Array("OpusHead".utf8),
        "ogg": Array("OggS".utf8) + [UInt8](repeating: 0, count: 24) + Array("\u{1}vorbis".utf8),
        "aiff": Array("FORM".utf8) + [0, 0, 0, 9] + Array("AIFF".utf8),
        "amr": Array("#!AMR\n".utf8),
        "mp4": box("isom"),
        "m4v": box("M4V "),
        "mov": box("qt  "),
    ]

    private static func box(_ brand: String, _ compatible: String = "") -> [UInt8] {
        [0, 0, 0, 0x20] + Array("ftyp\(brand)".utf8) + [0, 0, 0, 0] + Array(compatible.utf8)
    }

    func testEveryFormatIsToldByItsFirstBytes() {
        for (fileExtension, head) in Self.heads {
            XCTAssertEqual(MediaFormat.detect(Data(head))?.fileExtensions.first, fileExtension)
        }
    }

    func testEveryExtensionThatTheServicesTakeIsKnown() {
        let known = Set(Self.heads.values.compactMap { MediaFormat.detect(Data($0)) }.flatMap(\.fileExtensions))
        for kind in [MediaKind.image, .audio, .video] {
            XCTAssertEqual(kind.fileExtensions.filter { !known.contains($0) }, [], "\(kind)")
        }
    }

    func testOtherFormsOfTheSameFormatsAreTold() {
        XCTAssertEqual(MediaFormat.detect(Data([0x49, 0x49, 0x2a, 0, 8]))?.fileExtensions.first, "tiff")
        XCTAssertEqual(MediaFormat.detect(Data([0xff, 0xfb, 0x90, 0x64]))?.fileExtensions.first, "mp3")
        XCTAssertEqual(MediaFormat.detect(Data(Self.box("mif1", "heic")))?.fileExtensions.first, "heic")
        XCTAssertEqual(MediaFormat.detect(Data(Self.box("mif1", "mif1avif")))?.fileExtensions.first, "avif")
    }

    func testWhatIsNoMediaIsNotTakenForAny() {
        for text in [
            "", "B", "BM is how this sentence begins", "RIFF", "%PDF-1.7", "<html>", "{}", "\u{0}\u{0}", "OggX",
        ] {
            XCTAssertNil(MediaFormat.detect(Data(text.utf8)), text)
        }
        XCTAssertNil(MediaFormat.detect(Data([0xff, 0xff, 0xff, 0xff])))
    }
}
