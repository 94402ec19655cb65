/// A scanner for a server's text, such as a date or the value of a header field.
struct ASCIIScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Skips spaces and tabs, and returns whether there were any.
    @discardableResult
    mutating func skipSpaces() -> Bool {
        let count = rest.count
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        return rest.count < count
    }

    /// Takes all letters. Returns `nil` if there are none.
    mutating func word() -> String? {
        take(1...Int.max) { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
    }

    /// Takes all digits. Returns `nil` if their number is not allowed.
    mutating func digits(_ lengths: ClosedRange<Int>) -> String? {
        take(lengths) { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private mutating func take(_ lengths: ClosedRange<Int>, while matches: (UInt8) -> Bool) -> String? {
        let bytes = rest.prefix(while: matches)
        guard lengths.contains(bytes.count) else { return nil }
        rest = rest.dropFirst(bytes.count)
        return String(Substring(bytes))
    }
}
