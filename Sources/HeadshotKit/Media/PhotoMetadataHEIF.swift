/// The removal of private metadata from a HEIC or AVIF file, in place: boxes and items keep their offsets.
///
/// The meta box lists the items of the file and where their data is. Only the data of images is copied.
struct PhotoMetadataHEIF {
    /// A replacement of a range: bytes, and then zeros.
    private struct Edit {
        let range: Range<Int64>
        var contents: [UInt8] = []
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
                guard meta == nil else { throw PhotoMetadataRefusal("it has two meta boxes") }
                meta = box
            case "moov", "moof":
                throw PhotoMetadataRefusal("it is an image sequence or a video")
            default: blank(box)
            }
        }
        guard let meta else { throw PhotoMetadataRefusal("it has no meta box") }
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
                    throw PhotoMetadataRefusal("it has two \(box.type) boxes")
                }
            default: blank(box)
            }
        }
        guard let properties = boxes["iprp"] else { throw PhotoMetadataRefusal("its images have no properties") }
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
            throw PhotoMetadataRefusal("it does not contain images")
        }
        edits.append(Edit(range: name))
    }

    // MARK: Items

    /// Replaces all data that belongs to no image.
    private mutating func replaceData(of items: [PhotoMetadataItem]) throws {
        var spans: [(range: Range<Int64>, contents: [UInt8]?)] = []
        for item in items {
            var contents = try item.isExif ? exif(replacing: item) : []
            for extent in item.extents {
                if item.isImage {
                    spans.append((extent, nil))
                } else {
                    let count = Int(min(Int64(contents.count), extent.upperBound - extent.lowerBound))
                    spans.append((extent, Array(contents.prefix(count))))
                    contents.removeFirst(count)
                }
            }
        }
        spans.sort { $0.range.lowerBound < $1.range.lowerBound }
        var remaining = spans[...]
        for data in dataRanges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            var end = data.lowerBound
            var isReplaced = false
            while let span = remaining.first, span.range.lowerBound < data.upperBound {
                let (start, isImage) = (span.range.lowerBound, span.contents == nil)
                guard start >= data.lowerBound, span.range.upperBound <= data.upperBound else { throw Self.outside }
                remaining.removeFirst()
                guard start >= end || isImage && !isReplaced else {
                    throw PhotoMetadataRefusal("the items at byte \(start) share data")
                }
                if start > end { edits.append(Edit(range: end..<start)) }
                if let contents = span.contents { edits.append(Edit(range: span.range, contents: contents)) }
                if span.range.upperBound > end { (end, isReplaced) = (span.range.upperBound, !isImage) }
            }
            if end < data.upperBound { edits.append(Edit(range: end..<data.upperBound)) }
        }
        guard remaining.isEmpty else { throw Self.outside }
    }

    private static let outside = PhotoMetadataRefusal("the data of an item is outside the data boxes")

    /// Returns the contents of an Exif item with only the orientation, or nothing if the item is too short.
    ///
    /// Readers that ignore the rotation in the properties use this orientation. The contents begin with the offset of the block.
    private func exif(replacing item: PhotoMetadataItem) throws -> [UInt8] {
        let block = try item.read(bytes, limit: 1 << 20)
        let start = 4 + block.prefix(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let orientation = try PhotoMetadataOrientation(exif: Array(block.dropFirst(Int(clamping: start)))) ?? .upright
        let contents = [0, 0, 0, 0] + orientation.exif
        return block.count >= contents.count ? contents : []
    }

    // MARK: Result

    private func result() throws -> PhotoMetadataRewrite {
        var result = PhotoMetadataRewrite()
        var end: Int64 = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) where !edit.range.isEmpty {
            guard edit.range.lowerBound >= end else { throw PhotoMetadataRefusal("its boxes overlap") }
            try result.copy(end..<edit.range.lowerBound)
            try result.write(edit.contents)
            end = edit.range.upperBound
            try result.zero(end - edit.range.lowerBound - Int64(edit.contents.count))
        }
        try result.copy(end..<bytes.size)
        return result
    }
}
