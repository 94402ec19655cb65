/// A lenient JSON parser for responses from the services and the proxies in front of them.
///
/// The parser makes one pass, takes time linear in the size of the input, and limits the nesting depth.
///
/// It accepts unambiguous input that strict parsers reject, such as `NaN` and similar values, a trailing comma, and control
/// characters and broken escapes in strings. It records edits that make the text strict.
struct JSONReader {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    private static let maximumDepth = 64
    private static let maximumValues = 100_000

    let bytes: [UInt8]
    private(set) var edits: [(range: Range<Int>, replacement: [UInt8])] = []
    /// The offset after the last complete member of the outermost object. All text before it can be trusted.
    private(set) var endOfLastMember: Int?
    private var index: Int
    private var values = 0

    init(_ bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        index = start
    }

    /// Parses the single value that the text consists of.
    mutating func document() throws -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw malformed("more follows") }
        return value
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        skipSpace()
        values += 1
        guard depth <= Self.maximumDepth else { throw malformed("it is nested too deeply") }
        guard values <= Self.maximumValues else { throw malformed("it holds too many values") }
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case nil: throw malformed("it ends early")
        default: return try scalar()
        }
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        var members: [String: JSONValue] = [:]
        index += 1
        while true {
            skipSpace()
            if take("}") { return .object(members) }
            guard current == UInt8(ascii: "\"") else { throw malformed("a name is missing") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw malformed("a colon is missing") }
            members[name] = try value(depth: depth + 1)
            // A number at the very end of a truncated text may lack digits.
            if depth == 0, index < bytes.count { endOfLastMember = index }
            try separator(before: "}")
        }
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        var elements: [JSONValue] = []
        index += 1
        while true {
            skipSpace()
            if take("]") { return .array(elements) }
            elements.append(try value(depth: depth + 1))
            try separator(before: "]")
        }
    }

    /// Parses the comma between two values. A trailing comma is dropped.
    private mutating func separator(before end: Unicode.Scalar) throws {
        skipSpace()
        let comma = index
        if take(",") {
            skipSpace()
            if current == UInt8(ascii: end) { edits.append((comma..<comma + 1, [])) }
        } else if current != UInt8(ascii: end) {
            throw malformed(current == nil ? "it ends early" : "a comma is missing")
        }
    }

    // MARK: Literals and numbers

    private mutating func scalar() throws -> JSONValue {
        let start = index
        while let byte = current, !Self.endsScalar(byte) { index += 1 }
        let token = String(decoding: bytes[start..<index], as: UTF8.self)
        let replacement: (text: String, value: JSONValue)
        switch token {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "True": replacement = ("true", .bool(true))
        case "False": replacement = ("false", .bool(false))
        default:
            let word = token.lowercased().drop { $0 == "-" || $0 == "+" }
            if let number = Self.number(token), number.isFinite {
                if Self.isStrictNumber(bytes[start..<index]) { return .number(number) }
                replacement = (String(number), .number(number))
            } else if ["nan", "infinity", "inf", "undefined", "none"].contains(word) || Self.number(token) != nil {
                replacement = ("null", .null)
            } else {
                throw malformed("\(token.prefix(20)) is no value")
            }
        }
        edits.append((start..<index, Array(replacement.text.utf8)))
        return replacement.value
    }

    private static func number(_ token: String) -> Double? {
        token.utf8.allSatisfy { isDigit($0) || "+-.eE".utf8.contains($0) } ? Double(token) : nil
    }

    private static func isStrictNumber(_ token: ArraySlice<UInt8>) -> Bool {
        var rest = token
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit)
        guard whole.count == 1 || whole.count > 1 && whole.first != UInt8(ascii: "0") else { return false }
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(1 + fraction.count)
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            let exponent = rest.prefix(while: isDigit)
            guard !exponent.isEmpty else { return false }
            rest = rest.dropFirst(exponent.count)
        }
        return rest.isEmpty
    }

    // MARK: Strings

    private mutating func string() throws -> String {
        index += 1
        var text = ""
        var plain = index
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                text += String(decoding: bytes[plain..<index], as: UTF8.self)
                index += 1
                return text
            case UInt8(ascii: "\\"):
                text += String(decoding: bytes[plain..<index], as: UTF8.self)
                text.unicodeScalars.append(try escape())
                plain = index
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                edits.append(
                    (index..<index + 1, Array("\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)".utf8))
                )
                index += 1
            default:
                index += 1
            }
        }
        throw malformed("a text does not end")
    }

    private mutating func escape() throws -> Unicode.Scalar {
        let start = index
        index += 1
        guard let letter = current else { throw malformed("a text does not end") }
        index += 1
        switch letter {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "u"):
            guard let unit = hexUnit() else { break }
            if let scalar = Unicode.Scalar(unit) { return scalar }
            let low = index
            if unit < 0xDC00, take("\\"), take("u"), let second = hexUnit(), 0xDC00..<0xE000 ~= second,
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
            index = low
            edits.append((start..<low, Array("\\uFFFD".utf8)))
            return "\u{FFFD}"
        default: break
        }
        // The backslash does not start a valid escape, so it is literal.
        index = start + 1
        edits.append((start..<index, Array("\\\\".utf8)))
        return "\\"
    }

    private mutating func hexUnit() -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        index += 4
        return unit
    }

    // MARK: Bytes

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = current, Self.isSpace(byte) { index += 1 }
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        isSpace(byte) || ",]}:\"[{".utf8.contains(byte)
    }

    private func malformed(_ reason: String) -> Malformed {
        Malformed(description: "It is not JSON: at byte \(index), \(reason).")
    }
}
