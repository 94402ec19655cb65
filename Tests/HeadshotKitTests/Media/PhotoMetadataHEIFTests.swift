import XCTest

@testable import HeadshotKit

/// A small HEIC file: a handler, two images, and Exif and XMP items.
struct HEIFSample {
    typealias Extent = (method: Int, offset: Int, length: Int)

    var exif = PhotoSample.bigEndian(0) + PhotoSample.exif(6)
    var xmp = Array("SECRET-XMP".utf8)
    var image = [UInt8](1...9)
    var thumbnail = [UInt8](11...15)
    var properties: [UInt8] = box("ispe", [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]) + box("udes", Array("SECRET".utf8))
    var metaBoxes: [UInt8] = []
    var after: [UInt8] = box("uuid", Array("1234567890123456SECRET".utf8))
    var isXMPInMeta = true
    var types = ["hvc1", "hvc1", "Exif", "mime"]
    /// Changes of the extents, by the number of the item.
    var changes: [Int: (inout Extent) -> Void] = [:]

    static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
        PhotoSample.bigEndian(content.count + 8) + Array(type.utf8) + content
    }

    private var mdat: [UInt8] {
        Array("GAP".utf8) + image + exif + thumbnail + (isXMPInMeta ? [] : xmp) + Array("SECRET".utf8)
    }

    private static let ftyp = box("ftyp", Array("heic".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8))

    private func meta(_ start: Int) -> [UInt8] {
        let data = start + 3
        var extents: [Extent] = [
            (0, data, image.count), (0, data + image.count + exif.count, thumbnail.count),
            (0, data + image.count, exif.count),
            isXMPInMeta
                ? (1, 0, xmp.count) : (0, data + image.count + exif.count + thumbnail.count, xmp.count),
        ]
        for (number, change) in changes { change(&extents[number - 1]) }
        var locations: [UInt8] = []
        for (index, extent) in extents.enumerated() {
            locations += [0, UInt8(index + 1), 0, UInt8(extent.method), 0, 0, 0, 1]
            locations += PhotoSample.bigEndian(extent.offset) + PhotoSample.bigEndian(extent.length)
        }
        var items: [UInt8] = []
        for (index, type) in types.enumerated() {
            items += Self.box("infe", [2, 0, 0, 0, 0, UInt8(index + 1), 0, 0] + Array(type.utf8) + [0])
        }
        let handler = [0, 0, 0, 0, 0, 0, 0, 0] + Array("pict".utf8) + [UInt8](repeating: 0, count: 12)
        var boxes = Self.box("hdlr", handler + Array("SECRET\0".utf8)) + Self.box("pitm", [0, 0, 0, 0, 0, 1])
        boxes += Self.box("iinf", [0, 0, 0, 0, 0, UInt8(types.count)] + items)
        boxes += Self.box("iloc", [1, 0, 0, 0, 0x44, 0, 0, UInt8(extents.count)] + locations)
        boxes += Self.box("iprp", Self.box("ipco", properties) + Self.box("ipma", [0, 0, 0, 0, 0, 0, 0, 0]))
        if isXMPInMeta { boxes += Self.box("idat", xmp) }
        return Self.box("meta", [0, 0, 0, 0] + boxes + metaBoxes)
    }

    var data: Data {
        let start = Self.ftyp.count + meta(0).count + 8
        return Data(Self.ftyp + meta(start) + Self.box("mdat", mdat) + after)
    }
}

final class PhotoMetadataHEIFTests: XCTestCase {
    /// Returns the sample with zeros, or other bytes, in place of texts.
    private func replace(_ photo: Data, _ replacements: [(String, [UInt8])]) throws -> Data {
        var photo = photo
        for (text, bytes) in replacements {
            let range = try XCTUnwrap(photo.range(of: Data(text.utf8)), text)
            photo.replaceSubrange(range, with: bytes + [UInt8](repeating: 0, count: text.utf8.count - bytes.count))
        }
        return photo
    }

    private func expected(_ sample: HEIFSample, orientation: UInt8 = 6) throws -> Data {
        let exif = [0, 0, 0, 0] + PhotoSample.orientationExif(orientation)
        var photo = sample.data
        let range = try XCTUnwrap(photo.range(of: Data(sample.exif)))
        photo.replaceSubrange(range, with: exif + [UInt8](repeating: 0, count: sample.exif.count - exif.count))
        return try replace(
            photo,
            [
                ("udesSECRET", Array("free".utf8)), ("uuid1234567890123456SECRET", Array("free".utf8)),
                ("SECRET-XMP", Array("          ".utf8)), ("SECRET", []), ("SECRET", []), ("GAP", []),
            ]
        )
    }

    func testMetadataIsReplacedInPlaceAndImagesAreUnchanged() throws {
        let sample = HEIFSample()
        try assertRemoval(sample.data, expected(sample))
    }

    func testMetadataOutsideTheMetaBoxIsReplaced() throws {
        let sample = HEIFSample(isXMPInMeta: false)
        try assertRemoval(sample.data, expected(sample))
    }

    func testLongXMPBecomesADocumentWithoutProperties() throws {
        let sample = HEIFSample(xmp: Array("SECRET-XMP".utf8) + [UInt8](repeating: 7, count: 100))
        let result = try PhotoMetadata.remove(from: sample.data)
        let document = #"<x:xmpmeta xmlns:x="adobe:ns:meta/"/>"#
        XCTAssertNotNil(result.range(of: Data((document + String(repeating: " ", count: 110 - document.count)).utf8)))
    }

    func testExifWithoutOrientationBecomesUpright() throws {
        let sample = HEIFSample(exif: [0, 0, 0, 2] + [UInt8](repeating: 7, count: 40))
        try assertRemoval(sample.data, expected(sample, orientation: 1))
    }

    func testExifOffsetIsFollowed() throws {
        let sample = HEIFSample(exif: [0, 0, 0, 6] + Array("Exif\0\0".utf8) + PhotoSample.exif(3))
        try assertRemoval(sample.data, expected(sample, orientation: 3))
    }

    func testExifTooShortForOrientationBecomesZeros() throws {
        let sample = HEIFSample(exif: Array("SHORT-EXIF".utf8))
        let result = try PhotoMetadata.remove(from: sample.data)
        XCTAssertNil(result.range(of: Data("SHORT".utf8)))
        XCTAssertNotNil(result.range(of: Data([0, 0, 0] + sample.image + [UInt8](repeating: 0, count: 10))))
    }

    func testUnknownBoxInMetaBoxIsReplaced() throws {
        let sample = HEIFSample(metaBoxes: HEIFSample.box("udta", Array("PRIVATE".utf8)))
        let expected = try replace(expected(sample), [("udtaPRIVATE", Array("free".utf8))])
        try assertRemoval(sample.data, expected)
    }

    func testImageThatSharesDataWithMetadataIsRejected() {
        let change: (inout HEIFSample.Extent) -> Void = { $0.length += 1 }
        assertRejected(HEIFSample(changes: [1: change]).data, "share data")
        assertRejected(HEIFSample(changes: [3: change]).data, "share data")
    }

    func testDataOutsideTheDataBoxesIsRejected() {
        assertRejected(HEIFSample(changes: [1: { $0.offset = 0 }]).data, "is outside the data boxes")
        assertRejected(HEIFSample(changes: [1: { $0.offset -= 4 }]).data, "is outside the data boxes")
        assertRejected(HEIFSample(changes: [4: { $0.length += 1 }]).data, "is outside the data boxes")
    }

    func testDataAfterTheEndOfTheFileIsRejected() {
        assertRejected(HEIFSample(changes: [1: { $0.length = 0xffff_ffff }]).data, "the file is truncated")
    }

    func testDataWithoutLengthIsRejected() {
        assertRejected(HEIFSample(changes: [4: { $0.length = 0 }]).data, "the data of item 4 has no length")
    }

    func testDataInAnotherItemIsRejected() {
        assertRejected(HEIFSample(changes: [4: { $0.method = 2 }]).data, "is not in the file or in another item")
    }

    func testUnknownItemIsRejected() {
        assertRejected(HEIFSample(types: ["hvc1", "hvc1", "Exif", "abcd"]).data, "has an unknown type")
    }

    func testPhotoWithoutPrimaryImageIsRejected() {
        assertRejected(HEIFSample(types: ["mime", "hvc1", "Exif", "mime"]).data, "it contains no image")
    }

    func testImageSequenceIsRejected() {
        assertRejected(HEIFSample(after: HEIFSample.box("moov", [])).data, "it is an image sequence or a video")
    }

    func testBoxesThatEndBeforeTheFileAreRejected() {
        assertRejected(HEIFSample(after: [1, 2, 3]).data, "is longer than the data around it")
    }

    func testSecondMetaBoxIsRejected() {
        assertRejected(HEIFSample(after: HEIFSample.box("meta", [0, 0, 0, 0])).data, "it has two meta boxes")
    }
}
