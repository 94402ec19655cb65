import Foundation

/// The JSON of a response body, parsed once and corrected to strict JSON.
struct JSONDocument {
    /// The whole document.
    let value: JSONValue
    private let strict: Data

    /// Creates a document from a response body.
    ///
    /// - Throws: ``JSONReader/Malformed`` if the body is not JSON, is too large, or is nested too deeply.
    init(_ body: Data, maximumBytes: Int = 1 << 20) throws {
        guard body.count <= maximumBytes else {
            throw JSONReader.Malformed(description: "It is \(body.count) bytes long; at most \(maximumBytes) are read.")
        }
        let bytes = Self.unicode(body[...])
        var firstError: (any Error)?
        for start in Self.starts(in: bytes) {
            var reader = JSONReader(bytes, from: start)
            do {
                value = try reader.document()
                strict = Self.applying(reader.edits, to: bytes, in: start..<bytes.count)
                return
            } catch {
                firstError = firstError ?? error
            }
        }
        throw firstError ?? JSONReader.Malformed(description: "It is not JSON.")
    }

    /// Creates a document from the complete members of a truncated object, or returns `nil` if there are none.
    ///
    /// The body must begin with the object, because a script in a web page also contains objects.
    init?(salvaging body: Data, maximumBytes: Int = 1 << 16) {
        let bytes = Self.unicode(body.prefix(maximumBytes))
        guard let start = bytes.firstIndex(where: { !JSONReader.isSpace($0) }), bytes[start] == UInt8(ascii: "{") else {
            return nil
        }
        var reader = JSONReader(bytes, from: start)
        do { _ = try reader.document() } catch {
            guard let end = reader.endOfLastMember else { return nil }
            let text = Self.applying(reader.edits, to: bytes, in: start..<end) + Data("}".utf8)
            do { self = try JSONDocument(text) } catch { return nil }
            return
        }
        return nil
    }

    /// Decodes a value from the document.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        if let key = JSONValue.documentKey { decoder.userInfo[key] = value }
        return try decoder.decode(type, from: strict)
    }

    /// Returns the body as UTF-8 without a byte order mark, and with replacement characters for invalid bytes.
    private static func unicode(_ body: Data) -> [UInt8] {
        var text = String(decoding: body, as: UTF8.self)
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        return Array(text.utf8)
    }

    /// Returns the offsets at which the JSON may begin: the beginning of the body, or an object after a printed warning.
    private static func starts(in bytes: [UInt8]) -> [Int] {
        guard let first = bytes.firstIndex(where: { !JSONReader.isSpace($0) }) else { return [] }
        guard bytes[first] != UInt8(ascii: "{") else { return [first] }
        let objects = bytes.indices.prefix(1 << 14).dropFirst(first).filter { bytes[$0] == UInt8(ascii: "{") }
        return [first] + objects.prefix(16)
    }

    private static func applying(
        _ edits: [(range: Range<Int>, replacement: [UInt8])],
        to bytes: [UInt8],
        in range: Range<Int>
    ) -> Data {
        var result = Data()
        var position = range.lowerBound
        for edit in edits where edit.range.upperBound <= range.upperBound {
            result.append(contentsOf: bytes[position..<edit.range.lowerBound])
            result.append(contentsOf: edit.replacement)
            position = edit.range.upperBound
        }
        result.append(contentsOf: bytes[position..<range.upperBound])
        return result
    }
}

extension JSONValue {
    /// The `userInfo` key for the whole document of a decoder. A nested value is found in the document instead of parsed again.
    static let documentKey = CodingUserInfoKey(rawValue: "HeadshotKit.JSONDocument")

    /// Returns the value at a coding path, or `nil` if there is none.
    func value(at path: [any CodingKey]) -> JSONValue? {
        var value = self
        for key in path {
            switch value {
            case .object(let members):
                guard let member = members[key.stringValue] else { return nil }
                value = member
            case .array(let elements):
                guard let index = key.intValue, elements.indices.contains(index) else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }
}
