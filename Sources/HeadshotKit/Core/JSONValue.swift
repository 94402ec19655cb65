import Foundation

/// A JSON value, for the parts of responses whose shape the services do not specify.
public enum JSONValue: Codable, Equatable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])

    /// Creates a value by decoding any JSON.
    public init(from decoder: any Decoder) throws {
        if let key = Self.documentKey, let document = decoder.userInfo[key] as? JSONValue,
            let value = document.value(at: decoder.codingPath)
        {
            self = value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            // `try?` only tests the type. The last `try` below throws the error.
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// Encodes the value unchanged. Whole numbers have no fraction.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value):
            if let whole = Int64(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// The member of an object for a key, or `nil` if there is no such member or if it is `null`.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
        return value
    }

    /// The value as a number, or `nil` if it is neither a number nor a string that contains one.
    public var number: Double? {
        switch self {
        case .number(let value): value
        case .string(let text): Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
        default: nil
        }
    }

    /// The value as a string, or `nil` if it is neither a string nor a number.
    public var string: String? {
        switch self {
        case .string(let text): text
        case .number(let value): Int64(exactly: value).map(String.init) ?? String(value)
        default: nil
        }
    }

    /// All strings in the value on one line: `field: text; text`.
    var flattenedText: String? {
        switch self {
        case .null: nil
        case .bool(let value): String(value)
        case .number, .string: string
        case .array(let values): values.compactMap(\.flattenedText).joined(separator: "; ")
        case .object(let members):
            members.keys.sorted().compactMap { key in members[key]?.flattenedText.map { "\(key): \($0)" } }
                .joined(separator: "; ")
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON on one line, with sorted keys.
    public var description: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A number that is not finite has no JSON.
        do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch { return "null" }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates a whole number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// Creates `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates `null`.
    public init(nilLiteral: ()) { self = .null }
    /// Creates an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Creates an object. The last of several members with the same name wins.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
