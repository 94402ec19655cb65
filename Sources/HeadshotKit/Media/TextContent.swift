import Foundation

/// The detection of text in any encoding. A server may return an error document instead of an image.
enum TextContent {
    /// Returns whether a file that begins with the given bytes is clearly text or is empty.
    static func isText(_ head: [UInt8]) -> Bool {
        if marks.contains(where: { head.starts(with: $0) }) { return true }
        // C strings end in zeros, and a file that was never written consists of zeros.
        let bytes = Array(head.reversed().drop { $0 == 0 }.reversed())
        if bytes.allSatisfy({ !isControl(UInt32($0)) }) { return true }
        let start = String(decoding: head.prefix(64), as: UTF8.self).lowercased().drop { $0.isWhitespace }
        if documents.contains(where: { start.hasPrefix($0) }) { return true }
        return isWide(head, bigEndian: false) || isWide(head, bigEndian: true)
    }

    /// The byte order marks.
    private static let marks: [[UInt8]] = [[0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], [0, 0, 0xfe, 0xff]]

    /// The beginnings of documents that may contain other data later, such as a control character or an image.
    private static let documents = [
        "<!doctype", "<!--", "<html", "<?xml", "<error", "<svg", "http/1.", "http/2 ", "{\"",
    ]

    private static func isControl(_ unit: UInt32) -> Bool {
        unit < 0x20 && !(0x08...0x0d).contains(unit) && unit != 0x1b || unit == 0x7f
    }

    /// Returns whether the bytes are UTF-16 or UTF-32 without a byte order mark.
    ///
    /// Every unit must be a character, and the characters must come from few alphabets.
    private static func isWide(_ head: [UInt8], bigEndian: Bool) -> Bool {
        func units(_ width: Int) -> [UInt32] {
            stride(from: 0, to: head.count - head.count % width, by: width).map { start in
                let unit = head[start..<start + width]
                return (bigEndian ? Array(unit) : unit.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
            }
        }
        let wide = units(4)
        if wide.count > 1, wide.allSatisfy({ !isControl($0) && Unicode.Scalar($0) != nil }) { return true }
        let narrow = units(2)
        guard narrow.count > 3, narrow.allSatisfy({ !isControl($0) && $0 < 0xfff0 }) else { return false }
        return Set(narrow.map { $0 >> 8 }).count <= max(1, narrow.count / 8)
    }
}
