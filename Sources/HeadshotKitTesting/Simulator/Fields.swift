import Foundation
import HeadshotKit

/// An error in a field of a request.
struct FieldError: Error {
    enum Kind {
        /// The body does not have the structure that the schema requires.
        case shape
        /// The structure is correct, but the value is not allowed.
        case value
    }

    let field: String
    let kind: Kind
    let problem: String
}

/// The fields of a JSON object, validated against the schema of a request as they are read.
struct Fields {
    private let object: [String: JSONValue]
    private let path: String
    /// Whether strings are accepted as numbers and Booleans, and null is treated as an absent field.
    private let isLenient: Bool

    init(_ body: Data, isLenient: Bool = false) throws {
        guard !body.isEmpty else { throw FieldError(field: "", kind: .shape, problem: "Missing request body") }
        let value: JSONValue
        do { value = try JSONDecoder().decode(JSONValue.self, from: body) } catch {
            throw FieldError(field: "", kind: .shape, problem: "The request body is not valid JSON")
        }
        guard case .object(let object) = value else {
            throw FieldError(field: "", kind: .shape, problem: "The request body must be an object")
        }
        self.init(object, path: "", isLenient: isLenient)
    }

    private init(_ object: [String: JSONValue], path: String, isLenient: Bool) {
        self.object = object
        self.path = path
        self.isLenient = isLenient
    }

    /// The object with all its fields.
    var json: JSONValue { .object(object) }

    /// All strings in the object, at any depth.
    var strings: [String] { json.strings }

    /// Returns the name of a field, prefixed with the names of its enclosing objects.
    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func error(_ key: String, _ problem: String) -> FieldError {
        FieldError(field: name(key), kind: .value, problem: problem)
    }

    func required<Value>(_ key: String, _ read: (String) throws -> Value?) throws -> Value {
        if let value = try read(key) { return value }
        throw FieldError(field: name(key), kind: .shape, problem: "is required")
    }

    func string(_ key: String) throws -> String? {
        try value(key, "a string") { if case .string(let text) = $0 { text } else { nil } }
    }

    /// Returns the strings of an array, or a single string as an array.
    func list(_ key: String) throws -> [String]? {
        try value(key, "a string or an array of strings") { value -> [String]? in
            switch value {
            case .string(let text): return [text]
            case .array(let elements):
                let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
                return texts.count == elements.count ? texts : nil
            default: return nil
            }
        }
    }

    func string(_ key: String, oneOf allowed: [String]) throws -> String? {
        guard let text = try string(key) else { return nil }
        guard allowed.contains(text) else {
            throw error(key, "must be one of \(allowed.joined(separator: ", "))")
        }
        return text
    }

    func number(_ key: String, in range: ClosedRange<Double>? = nil) throws -> Double? {
        let number = try value(key, "a number") { value -> Double? in
            switch value {
            case .number(let number): number
            case .string(let text) where isLenient: Double(text)
            default: nil
            }
        }
        if let number, let range, !range.contains(number) {
            throw error(key, "must be between \(Self.text(range.lowerBound)) and \(Self.text(range.upperBound))")
        }
        return number
    }

    func integer(_ key: String, in range: ClosedRange<Double>? = nil) throws -> Int? {
        guard let number = try number(key, in: range) else { return nil }
        guard let integer = Int(exactly: number) else {
            throw FieldError(field: name(key), kind: .shape, problem: "must be an integer")
        }
        return integer
    }

    /// Returns a URL that a service can send requests to.
    func url(_ key: String) throws -> URL? {
        guard let text = try string(key) else { return nil }
        guard let url = URL(string: text), url.host?.isEmpty == false, ["https", "http"].contains(url.scheme) else {
            throw error(key, "must be a valid URL")
        }
        return url
    }

    /// Returns an identifier of the client, which is returned in the type in which it was sent.
    func identifier(_ key: String) throws -> JSONValue? {
        try value(key, "a string or a number") { value -> JSONValue? in
            switch value {
            case .string, .number: value
            default: nil
            }
        }
    }

    func bool(_ key: String) throws -> Bool? {
        try value(key, "a boolean") { value -> Bool? in
            switch value {
            case .bool(let flag): flag
            case .string("true") where isLenient: true
            case .string("false") where isLenient: false
            default: nil
            }
        }
    }

    func object(_ key: String) throws -> Fields? {
        try value(key, "an object") { value -> Fields? in
            guard case .object(let object) = value else { return nil }
            return Fields(object, path: name(key), isLenient: isLenient)
        }
    }

    func objects(_ key: String) throws -> [Fields]? {
        guard
            let values = try value(key, "an array", { if case .array(let values) = $0 { values } else { nil } })
        else { return nil }
        return try values.enumerated().map { index, value in
            guard case .object(let object) = value else {
                throw FieldError(field: "\(name(key))[\(index)]", kind: .shape, problem: "must be an object")
            }
            return Fields(object, path: "\(name(key))[\(index)]", isLenient: isLenient)
        }
    }

    private func value<Value>(_ key: String, _ type: String, _ read: (JSONValue) -> Value?) throws -> Value? {
        guard let value = object[key], !(isLenient && value == .null) else { return nil }
        guard let result = read(value) else {
            throw FieldError(field: name(key), kind: .shape, problem: "must be \(type)")
        }
        return result
    }

    private static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }
}

extension JSONValue {
    /// All strings in the value, at any depth.
    fileprivate var strings: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(\.strings)
        case .object(let members): members.sorted { $0.key < $1.key }.flatMap(\.value.strings)
        default: []
        }
    }
}
