import Foundation
import XCTest

@testable import HeadshotKit

/// Small photos, built from literal bytes.
enum PhotoSample {
    static let secret = "SECRET"

    static func bigEndian(_ value: Int, _ width: Int = 4) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func littleEndian(_ value: Int) -> [UInt8] { bigEndian(value).reversed() }

    /// An Exif block with a camera, an orientation, and trailing private bytes.
    static func exif(_ orientation: UInt8) -> [UInt8] {
        [0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 2, 0]
            + [0x0f, 0x01, 2, 0, 7, 0, 0, 0, 38, 0, 0, 0]
            + [0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]
            + [0, 0, 0, 0] + Array("SECRET\0".utf8)
    }

    /// The Exif block that contains only an orientation.
    static func orientationExif(_ orientation: UInt8) -> [UInt8] {
        [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
    }

    // MARK: JPEG

    static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xff, marker] + bigEndian(content.count + 2, 2) + content
    }

    static func segment(_ marker: UInt8, _ content: String) -> [UInt8] { segment(marker, Array(content.utf8)) }

    static let jfif = segment(0xe0, Array("JFIF\0".utf8) + [1, 2, 1, 0, 72, 0, 72, 0, 0])
    static let adobe = segment(0xee, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 1])
    static let profile = segment(0xe2, "ICC_PROFILE\0\u{1}\u{1}colors")
    static let tables = segment(0xdb, [0] + [UInt8](repeating: 1, count: 64))
    static let frame = segment(0xc0, [8, 0, 1, 0, 1, 1, 1, 0x11, 0])
    /// A scan with a stuffed byte, a restart marker, and a fill byte.
    static let scan = segment(0xda, [1, 1, 0, 0, 63, 0]) + [0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff]
    static let secondScan = segment(0xda, [1, 1, 0, 0, 63, 0]) + [0x78, 0xff, 0x00]
    static let image = tables + frame + scan + segment(0xc4, [0, 1, 2]) + secondScan + [0xff, 0xd9]

    static func exifSegment(_ exif: [UInt8]) -> [UInt8] { segment(0xe1, Array("Exif\0\0".utf8) + exif) }

    static func jpeg(_ segments: [UInt8] = [], after: [UInt8] = []) -> Data {
        Data([0xff, 0xd8] + segments + image + after)
    }

    /// A photo with every kind of private segment.
    static func privateJPEG(_ orientation: UInt8 = 6) -> Data {
        let first = exifSegment(exif(orientation)) + segment(0xe1, "http://ns.adobe.com/xap/1.0/\0SECRET")
        let second = segment(0xed, "Photoshop 3.0\08BIMSECRET") + segment(0xfe, "SECRET") + segment(0xe2, "MPF\0SECRET")
        let between = segment(0xfe, "SECRET")
        let image = tables + frame + scan + between + segment(0xc4, [0, 1, 2]) + secondScan + [0xff, 0xd9]
        return Data([0xff, 0xd8] + jfif + first + profile + second + adobe + image + Array("SECRET".utf8))
    }

    // MARK: PNG

    static func chunk(_ type: String, _ content: [UInt8] = []) -> [UInt8] {
        bigEndian(content.count) + Array(type.utf8) + content + bigEndian(crc(Array(type.utf8) + content))
    }

    /// Returns the CRC-32 checksum, computed bit by bit as in the PNG specification.
    private static func crc(_ bytes: [UInt8]) -> Int {
        var register: UInt32 = 0xffff_ffff
        for byte in bytes {
            for bit in 0..<8 {
                let isOdd = (register ^ UInt32(byte) >> UInt32(bit)) & 1 == 1
                register = register >> 1 ^ (isOdd ? 0xedb8_8320 : 0)
            }
        }
        return Int(~register)
    }

    static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    static let header = chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
    static let pixels = chunk("IDAT", [0x78, 1, 2, 3]) + chunk("IDAT", [4, 5])

    static func png(_ chunks: [UInt8] = [], after: [UInt8] = []) -> Data {
        Data(signature + header + chunks + pixels + after + chunk("IEND"))
    }

    static func privatePNG(_ orientation: UInt8 = 6) -> Data {
        let texts = ["tEXt", "zTXt", "iTXt", "caBX"].flatMap { chunk($0, Array("SECRET".utf8)) }
        let before =
            chunk("gAMA", [0, 0, 0, 1]) + chunk("eXIf", exif(orientation)) + chunk("tIME", [7, 1, 1, 1, 1, 1, 1])
        return png(before + texts, after: chunk("tEXt", Array("SECRET".utf8))) + Data("SECRET".utf8)
    }

    // MARK: WebP

    static func riffChunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        Array(type.utf8) + littleEndian(content.count) + content + (content.count % 2 == 1 ? [0] : [])
    }

    static let webpImage = riffChunk("VP8L", [0x2f, 1, 2])

    static func webp(_ chunks: [UInt8]) -> Data {
        Data(Array("RIFF".utf8) + littleEndian(chunks.count + 4) + Array("WEBP".utf8) + chunks)
    }

    static func webpHeader(_ flags: UInt8) -> [UInt8] { riffChunk("VP8X", [flags, 0, 0, 0, 9, 0, 0, 9, 0, 0]) }

    static func animation(_ chunks: [UInt8]) -> [UInt8] {
        riffChunk("ANMF", [UInt8](repeating: 3, count: 16) + chunks)
    }

    static func privateWebP(_ orientation: UInt8 = 6) -> Data {
        let colors = riffChunk("ICCP", Array("colors".utf8)) + riffChunk("ANIM", [1, 2, 3, 4, 0, 0])
        let secret = riffChunk("SECR", Array("SECRET".utf8))
        let frames = animation(webpImage) + animation(riffChunk("ALPH", [1]) + secret + webpImage)
        let metadata = riffChunk("EXIF", exif(orientation)) + riffChunk("XMP ", Array("SECRET".utf8)) + secret
        return webp(webpHeader(0x2e) + colors + frames + webpImage + metadata) + Data("SECRET".utf8)
    }

    // MARK: GIF

    static let loop: [UInt8] = [0x21, 0xff, 11] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 0]
    static let control: [UInt8] = [0x21, 0xf9, 4, 0, 10, 0, 0, 0]
    static let gifHead = Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
    static let gifImage: [UInt8] = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0x80, 9, 9, 9, 8, 8, 8, 2, 2, 0x4c, 1, 1, 7, 0]
    static let comment: [UInt8] = [0x21, 0xfe, 6] + Array("SECRET".utf8) + [3, 1, 2, 3, 0]

    static func gif(_ blocks: [UInt8]) -> Data { Data(gifHead + blocks + gifImage + [0x3b]) }

    static func privateGIF() -> Data {
        let xmp = [0x21, 0xff, 11] + Array("XMP DataXMP".utf8) + [6] + Array("SECRET".utf8) + [0]
        return gif(loop + comment + xmp + control) + Data("SECRET".utf8)
    }
}

extension XCTestCase {
    /// Checks that removal fails with an error whose text contains the problem.
    func assertRejected(_ photo: Data, _ problem: String, file: StaticString = #filePath, line: UInt = #line) {
        XCTAssertThrowsError(try PhotoMetadata.remove(from: photo), file: file, line: line) { error in
            guard let error = error as? HeadshotKitError else { return XCTFail("\(error)", file: file, line: line) }
            XCTAssertEqual(error.code, .invalidMedia, file: file, line: line)
            XCTAssertTrue(error.message.contains(problem), error.message, file: file, line: line)
        }
    }

    /// Checks the result of removal, and that a second removal changes nothing.
    func assertRemoval(_ photo: Data, _ expected: Data, file: StaticString = #filePath, line: UInt = #line) throws {
        let result = try PhotoMetadata.remove(from: photo)
        XCTAssertEqual([UInt8](result), [UInt8](expected), file: file, line: line)
        XCTAssertEqual(try PhotoMetadata.remove(from: result), result, "the second removal", file: file, line: line)
    }
}
