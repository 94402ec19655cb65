import XCTest

@testable import HeadshotKit

final class MediaFormatTests: XCTestCase {
    /// The first bytes of a file for every extension that the services accept.
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

    func testEveryFormatIsDetectedByFirstBytes() {
        for (fileExtension, head) in Self.heads {
            XCTAssertEqual(MediaFormat.detect(Data(head))?.fileExtensions.first, fileExtension)
        }
    }

    func testEveryExtensionAcceptedByServicesIsKnown() {
        let known = Set(Self.heads.values.compactMap { MediaFormat.detect(Data($0)) }.flatMap(\.fileExtensions))
        for kind in [MediaKind.image, .audio, .video] {
            XCTAssertEqual(kind.fileExtensions.filter { !known.contains($0) }, [], "\(kind)")
        }
    }

    func testFormatVariantsAreDetected() {
        XCTAssertEqual(MediaFormat.detect(Data([0x49, 0x49, 0x2a, 0, 8]))?.fileExtensions.first, "tiff")
        XCTAssertEqual(MediaFormat.detect(Data([0xff, 0xfb, 0x90, 0x64]))?.fileExtensions.first, "mp3")
        XCTAssertEqual(MediaFormat.detect(Data(Self.box("mif1", "heic")))?.fileExtensions.first, "heic")
        XCTAssertEqual(MediaFormat.detect(Data(Self.box("mif1", "mif1avif")))?.fileExtensions.first, "avif")
    }

    func testContentThatIsNotMediaIsNotDetected() {
        for text in [
            "", "B", "BM is how this sentence begins", "RIFF", "%PDF-1.7", "<html>", "{}", "\u{0}\u{0}", "OggX",
        ] {
            XCTAssertNil(MediaFormat.detect(Data(text.utf8)), text)
        }
        XCTAssertNil(MediaFormat.detect(Data([0xff, 0xff, 0xff, 0xff])))
    }

    func testCompleteFileIsDistinguishedFromTruncatedFile() throws {
        for (fileExtension, _, bytes) in WholeFiles.all {
            let format = try XCTUnwrap(MediaFormat.detect(Data(bytes)), fileExtension)
            XCTAssertEqual(format.fileExtensions.first, fileExtension)
            XCTAssertEqual(try MediaExtent.of(MediaBytes(Data(bytes)), format), .whole, fileExtension)
            // Bytes after the end of the file are ignored.
            let padded = Data(bytes) + Data([0, 0, 0xff, 0x13, 0x37])
            XCTAssertEqual(try MediaExtent.of(MediaBytes(padded), format), .whole, fileExtension)
            guard WholeFiles.ending.contains(fileExtension) else { continue }
            for count in 16..<bytes.count {
                let part = Data(bytes.prefix(count))
                guard let format = MediaFormat.detect(part) else { continue }
                XCTAssertLessThan(try MediaExtent.of(MediaBytes(part), format), .whole, "\(fileExtension) \(count)")
            }
        }
    }

    func testDamagedFileNeitherTrapsNorHangs() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<60 {
            for (_, _, bytes) in WholeFiles.all {
                var damaged = bytes
                for _ in 0..<4 {
                    let index = Int.random(in: damaged.indices, using: &random)
                    let value: UInt8 = [0, 1, 0x7f, 0x80, 0xff][Int.random(in: 0..<5, using: &random)]
                    for offset in index..<min(index + 8, damaged.count) { damaged[offset] = value }
                }
                guard let format = MediaFormat.detect(Data(damaged)) else { continue }
                _ = try MediaExtent.of(MediaBytes(Data(damaged)), format)
                _ = try TIFF(MediaBytes(Data(damaged)))?.isCameraRaw()
            }
        }
    }

    func testTextOfEveryEncodingIsDetected() {
        func wide(_ text: String, _ order: [Int]) -> [UInt8] {
            text.utf16.flatMap { unit in order.map { $0 < 2 ? UInt8(unit >> (8 * UInt16($0)) & 0xff) : 0 } }
        }
        let texts: [[UInt8]] = [
            Array("{}".utf8), Array("Not ready".utf8), Array("  \n<?xml version=\"1.0\"?><Error/>".utf8),
            Array("<!-- a --><html></html>".utf8), Array("null\0".utf8), [0xef, 0xbb, 0xbf, 0x7b],
            [0xff, 0xfe, 0x3c, 0],
            wide("Не готово, попробуйте позже", [0, 1]), wide("Not ready yet", [1, 0]),
            wide("Not ready", [0, 1, 2, 3]),
            [0xcd, 0xe5, 0x20, 0xe3, 0xee, 0xf2, 0xee, 0xe2, 0xee], Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + [0, 1, 2],
            [0, 0, 0, 0], Array("\u{1b}[31mError\u{1b}[0m".utf8),
        ]
        for text in texts { XCTAssertTrue(TextContent.isText(text), "\(text)") }
        var random = SeededRandom(seed: 3)
        for _ in 0..<50 { XCTAssertFalse(TextContent.isText(random.bytes(300))) }
    }
}
