/// An item of a HEIC or AVIF file: an image, or metadata about images.
struct PhotoMetadataItem {
    let type: String
    private(set) var extents: [Range<Int64>] = []

    var isExif: Bool { type == "Exif" }
    /// Whether the item is a document, which is XMP in practice.
    var isXMP: Bool { type == "mime" }
    var isImage: Bool { Self.images.contains(type) }

    private static let images: Set<String> = [
        "hvc1", "lhv1", "hvt1", "av01", "avc1", "vvc1", "evc1", "j2k1", "unci", "grid", "iovl", "iden", "tmap",
    ]
    private static let metadata: Set<String> = ["Exif", "mime", "uri "]
    private static let maximumMetadataItems = 64
    private static let maximumExtents = 1 << 14

    /// Returns the items that the boxes of a meta box describe.
    static func all(_ bytes: MediaBytes, _ boxes: [String: PhotoMetadataBox]) throws -> [PhotoMetadataItem] {
        guard let information = boxes["iinf"], let locations = boxes["iloc"], let primary = boxes["pitm"] else {
            throw PhotoMetadataRejection("it does not list its items")
        }
        var items = try types(bytes, information)
        try locate(&items, bytes, locations, data: boxes["idat"]?.content)
        let isLong = try bytes.required(primary.fullContent(skipping: 6).lowerBound - 6, 1) > 0
        let number = try bytes.required(primary.content.lowerBound + 4, isLong ? 4 : 2)
        guard items[number]?.isImage == true, items.values.contains(where: { $0.isImage && !$0.extents.isEmpty }) else {
            throw PhotoMetadataRejection("it contains no image")
        }
        guard items.values.count(where: { !$0.isImage }) <= maximumMetadataItems else {
            throw PhotoMetadataRejection("it has too many metadata items")
        }
        return Array(items.values)
    }

    /// Returns the contents, up to a limit.
    func read(_ bytes: MediaBytes, limit: Int64) throws -> [UInt8] {
        var contents: [UInt8] = []
        for extent in extents {
            let count = min(limit - Int64(contents.count), extent.upperBound - extent.lowerBound)
            contents += try bytes.read(extent.lowerBound, Int(count))
        }
        return contents
    }

    private static func types(_ bytes: MediaBytes, _ box: PhotoMetadataBox) throws -> [Int64: PhotoMetadataItem] {
        var items: [Int64: PhotoMetadataItem] = [:]
        let isLong = try bytes.required(box.fullContent(skipping: 6).lowerBound - 6, 1) > 0
        for entry in try PhotoMetadataBox.all(bytes, in: box.fullContent(skipping: isLong ? 8 : 6)) {
            let start = try entry.fullContent(skipping: 13).lowerBound - 13
            let version = try bytes.required(start, 1)
            guard entry.type == "infe", version == 2 || version == 3 else {
                throw PhotoMetadataRejection("the item at byte \(start) has an unknown description")
            }
            let width = version == 2 ? 2 : 4
            let number = try bytes.required(start + 4, width)
            let type = try bytes.name(start + 6 + Int64(width))
            guard try bytes.required(start + 4 + Int64(width), 2) == 0 else {
                throw PhotoMetadataRejection("the item at byte \(start) is encrypted")
            }
            guard images.contains(type) || metadata.contains(type) else {
                throw PhotoMetadataRejection("the item at byte \(start) has an unknown type")
            }
            guard items.updateValue(PhotoMetadataItem(type: type), forKey: number) == nil else {
                throw PhotoMetadataRejection("it has two items with the number \(number)")
            }
        }
        return items
    }

    /// Reads the extents of the items. `data` is the contents of the box that some extents are relative to.
    private static func locate(
        _ items: inout [Int64: PhotoMetadataItem],
        _ bytes: MediaBytes,
        _ box: PhotoMetadataBox,
        data: Range<Int64>?
    ) throws {
        var reader = FieldReader(bytes: bytes, range: try box.fullContent(skipping: 0))
        let version = try reader.number(4) >> 24
        let sizes = try reader.number(2)
        let (offsetWidth, lengthWidth) = try (width(sizes >> 12), width(sizes >> 8))
        let (baseWidth, indexWidth) = try (width(sizes >> 4), version == 0 ? 0 : width(sizes))
        guard version <= 2 else { throw PhotoMetadataRejection("the locations of its items have an unknown version") }
        var total: Int64 = 0
        var located: Set<Int64> = []
        for _ in 0..<(try reader.number(version < 2 ? 2 : 4)) {
            let number = try reader.number(version < 2 ? 2 : 4)
            let method = version == 0 ? 0 : try reader.number(2) & 0xf
            guard items[number] != nil, located.insert(number).inserted else {
                throw PhotoMetadataRejection("the location of item \(number) has no item of its own")
            }
            guard try reader.number(2) == 0, method == 0 || method == 1 && data != nil else {
                throw PhotoMetadataRejection("the data of item \(number) is not in the file or in another item")
            }
            let base = try (method == 0 ? 0 : data?.lowerBound ?? 0) + reader.number(baseWidth)
            let count = try reader.number(2)
            total += count
            guard total <= maximumExtents else { throw PhotoMetadataRejection("its items have too many parts") }
            for _ in 0..<count {
                _ = try reader.number(indexWidth)
                let start = try base + reader.number(offsetWidth)
                let length = try reader.number(lengthWidth)
                guard length > 0 else { throw PhotoMetadataRejection("the data of item \(number) has no length") }
                guard start + length <= bytes.size else { throw MediaBytes.truncated }
                items[number]?.extents.append(start..<start + length)
            }
        }
    }

    /// Returns the width of a field, from the lower four bits.
    private static func width(_ bits: Int64) throws -> Int {
        guard [0, 4, 8].contains(bits & 0xf) else {
            throw PhotoMetadataRejection("the locations of its items have fields of unknown width")
        }
        return Int(bits & 0xf)
    }

    /// A reader of consecutive fields in a box.
    private struct FieldReader {
        let bytes: MediaBytes
        let range: Range<Int64>
        private var offset: Int64

        init(bytes: MediaBytes, range: Range<Int64>) {
            (self.bytes, self.range, offset) = (bytes, range, range.lowerBound)
        }

        mutating func number(_ width: Int) throws -> Int64 {
            if width == 0 { return 0 }
            guard Int64(width) <= range.upperBound - offset else {
                throw PhotoMetadataRejection("the locations of its items are incomplete")
            }
            defer { offset += Int64(width) }
            return try bytes.required(offset, width)
        }
    }
}
