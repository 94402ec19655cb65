/// The removal of private metadata from a HEIC or AVIF file, in place: boxes and items keep their offsets.
///
/// The meta box lists the items of the file and where their data is. Only the data of images is copied.
struct PhotoMetadataHEIF {
    /// A replacement of a range: bytes, and then one byte repeatedly.
    private struct Edit {
        let range: Range<Int64>
        var contents: [UInt8] = []
        var padding: UInt8 = 0
    }

    private let bytes: MediaBytes
    private var edits: [Edit] = []
    /// The ranges that hold the data of items.
    private var dataRanges: [Range<Int64>] = []

    private init(_ bytes: MediaBytes) { self.bytes = bytes }

    static func rewrite(_ bytes: MediaBytes) throws -> PhotoMetadataRewrite {
        var removal = PhotoMetadataHEIF(bytes)
        let items = try removal.readBoxes()
        try removal.replaceData(of: items)
        return try removal.result()
    }

    // MARK: Boxes

    /// The boxes in the meta box that determine the picture. Their contents stay.
    private static let structure: Set<String> = ["pitm", "iinf", "iloc", "iref", "grpl", "dinf"]
    /// The properties that determine the picture. Others hold texts and dates.
    private static let properties: Set<String> = [
        "hvcC", "av1C", "avcC", "vvcC", "evcC", "lhvC", "uncC", "cmpd", "j2kH", "ispe", "pixi", "colr", "pasp", "clap",
        "irot", "imir", "auxC", "rloc", "lsel", "a1op", "a1lx", "clli", "mdcv", "cclv", "amve", "tols", "oinf", "free",
    ]

    private mutating func readBoxes() throws -> [PhotoMetadataItem] {
        var meta: PhotoMetadataBox?
        for box in try PhotoMetadataBox.all(bytes, in: 0..<bytes.size) {
            switch box.type {
            case "ftyp" where box.range.lowerBound == 0: break
            case "mdat": dataRanges.append(box.content)
            case "meta":
                guard meta == nil else { throw PhotoMetadataRejection("it has two meta boxes") }
                meta = box
            case "moov", "moof":
                throw PhotoMetadataRejection("it is an image sequence or a video")
            default: blank(box)
            }
        }
        guard let meta else { throw PhotoMetadataRejection("it has no meta box") }
        return try readMeta(meta)
    }

    private mutating func readMeta(_ meta: PhotoMetadataBox) throws -> [PhotoMetadataItem] {
        var boxes: [String: PhotoMetadataBox] = [:]
        for box in try PhotoMetadataBox.all(bytes, in: meta.fullContent(skipping: 4)) {
            switch box.type {
            case "hdlr": try blankName(of: box)
            case "idat", "iprp",
                _ where Self.structure.contains(box.type):
                guard boxes.updateValue(box, forKey: box.type) == nil else {
                    throw PhotoMetadataRejection("it has two \(box.type) boxes")
                }
            default: blank(box)
            }
        }
        guard let properties = boxes["iprp"] else { throw PhotoMetadataRejection("its images have no properties") }
        try readProperties(properties)
        if let data = boxes["idat"] { dataRanges.append(data.content) }
        return try PhotoMetadataItem.all(bytes, boxes)
    }

    private mutating func readProperties(_ properties: PhotoMetadataBox) throws {
        for box in try PhotoMetadataBox.all(bytes, in: properties.content) {
            switch box.type {
            case "ipma": break
            case "ipco":
                for property in try PhotoMetadataBox.all(bytes, in: box.content)
                where !Self.properties.contains(property.type) {
                    blank(property)
                }
            default: blank(box)
            }
        }
    }

    /// Turns a box into unused space of the same size.
    private mutating func blank(_ box: PhotoMetadataBox) {
        let type = box.range.lowerBound + 4
        edits.append(Edit(range: type..<type + 4, contents: Array("free".utf8)))
        edits.append(Edit(range: box.content))
    }

    /// Removes the name of the handler, which is often that of a program.
    private mutating func blankName(of handler: PhotoMetadataBox) throws {
        let name = try handler.fullContent(skipping: 24)
        guard try bytes.name(handler.content.lowerBound + 8) == "pict" else {
            throw PhotoMetadataRejection("it does not contain images")
        }
        edits.append(Edit(range: name))
    }

    // MARK: Items

    /// Replaces all data that belongs to no image.
    private mutating func replaceData(of items: [PhotoMetadataItem]) throws {
        var spans: [(edit: Edit, isImage: Bool)] = []
        for item in items {
            var contents = try replacement(of: item)
            for extent in item.extents {
                let count = Int(min(Int64(contents.count), extent.upperBound - extent.lowerBound))
                let edit = Edit(range: extent, contents: Array(contents.prefix(count)), padding: item.isXMP ? 0x20 : 0)
                spans.append((edit, item.isImage))
                contents.removeFirst(count)
            }
        }
        spans.sort { $0.edit.range.lowerBound < $1.edit.range.lowerBound }
        var remaining = spans[...]
        for data in dataRanges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            var end = data.lowerBound
            var isReplaced = false
            while let (edit, isImage) = remaining.first, edit.range.lowerBound < data.upperBound {
                let start = edit.range.lowerBound
                guard start >= data.lowerBound, edit.range.upperBound <= data.upperBound else { throw Self.outside }
                remaining.removeFirst()
                guard start >= end || isImage && !isReplaced else {
                    throw PhotoMetadataRejection("the items at byte \(start) share data")
                }
                if start > end { edits.append(Edit(range: end..<start)) }
                if !isImage { edits.append(edit) }
                if edit.range.upperBound > end { (end, isReplaced) = (edit.range.upperBound, !isImage) }
            }
            if end < data.upperBound { edits.append(Edit(range: end..<data.upperBound)) }
        }
        guard remaining.isEmpty else { throw Self.outside }
    }

    private static let outside = PhotoMetadataRejection("the data of an item is outside the data boxes")

    /// Returns the contents of a metadata item, without padding: an Exif block with only the orientation, or an XMP document without
    /// properties. Returns nothing if the item is too short.
    private func replacement(of item: PhotoMetadataItem) throws -> [UInt8] {
        let contents: [UInt8]
        if item.isExif {
            // The block follows its offset. Readers that ignore the rotation in the properties use the orientation.
            let block = try item.read(bytes, limit: 1 << 20)
            let start = 4 + block.prefix(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
            let exif = Array(block.dropFirst(Int(clamping: start)))
            contents = try [0, 0, 0, 0] + (PhotoMetadataOrientation(exif: exif) ?? .upright).exif
        } else {
            contents = item.isXMP ? Array(#"<x:xmpmeta xmlns:x="adobe:ns:meta/"/>"#.utf8) : []
        }
        let size = item.extents.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        return size >= contents.count ? contents : []
    }

    // MARK: Result

    private func result() throws -> PhotoMetadataRewrite {
        var result = PhotoMetadataRewrite()
        var end: Int64 = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) where !edit.range.isEmpty {
            guard edit.range.lowerBound >= end else { throw PhotoMetadataRejection("its boxes overlap") }
            try result.copy(end..<edit.range.lowerBound)
            try result.write(edit.contents)
            end = edit.range.upperBound
            try result.fill(edit.padding, count: end - edit.range.lowerBound - Int64(edit.contents.count))
        }
        try result.copy(end..<bytes.size)
        return result
    }
}
