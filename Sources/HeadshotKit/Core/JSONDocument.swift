import Foundation

/// The JSON of a response, read once, and made strict where it was not.
struct JSONDocument {
    /// All that it holds.
    let value: JSONValue
    private let strict: Data

    /// Reads a response body.
    ///
    /// - Throws: ``JSONReader/Malformed`` if the body is no JSON, too large or nested too deeply.
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

    /// Reads what is whole of an object that broke off: its members up to there. `nil` if there is none.
    ///
    /// The object has to be what the body begins with: a script in a web page holds objects, too.
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

    /// Decodes a value from it.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        if let key = JSONValue.documentKey { decoder.userInfo[key] = value }
        return try decoder.decode(type, from: strict)
    }

    /// The bytes without a byte order mark, and with a sign in place of what is not UTF-8.
    private static func unicode(_ body: Data) -> [UInt8] {
        var text = String(decoding: body, as: UTF8.self)
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        return Array(text.utf8)
    }

    /// Where the JSON may begin: at the beginning, or behind a warning that something printed before it.
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
    /// Under which a decoder holds the whole document: a part of it is then looked up, and not read again.
    static let documentKey = CodingUserInfoKey(rawValue: "HeadshotKit.JSONDocument")

    /// The part of a document that stands at a path.
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
