import Foundation
import HeadshotKit

/// A documented JSON schema of a request. Fields that the schema does not name are ignored, as the service ignores them.
final class RequestSchema: Decodable, Sendable {
    private enum Kind: String, Decodable {
        case object, array, string, number, integer, boolean
    }

    private enum CodingKeys: String, CodingKey {
        case kind = "type"
        case allowedValues = "enum"
        case properties, required, items, minimum, maximum, multipleOf, minLength, maxLength, minItems, maxItems
    }

    private let kind: Kind?
    private let allowedValues: [JSONValue]?
    private let properties: [String: RequestSchema]?
    private let required: [String]?
    private let items: RequestSchema?
    private let minimum: Double?
    private let maximum: Double?
    private let multipleOf: Double?
    private let minLength: Int?
    private let maxLength: Int?
    private let minItems: Int?
    private let maxItems: Int?

    private static let all = Result { try JSONDecoder().decode([String: RequestSchema].self, from: Data(json.utf8)) }

    /// Returns the schema of an operation's create request.
    static func ofRequest(to operation: String) throws -> RequestSchema? { try all.get()[operation] }

    /// Validates a value against the schema.
    ///
    /// - Parameter path: The name of the field that has the value, prefixed with the names of its enclosing objects.
    /// - Throws: `FieldError` for the first field with an error.
    func validate(_ value: JSONValue, at path: String = "") throws {
        switch (kind, value) {
        case (.object, .object(let members)): try validate(members, at: path)
        case (.array, .array(let elements)): try validate(elements, at: path)
        case (.string, .string(let text)): try validate(text, at: path)
        case (.number, .number(let number)), (.integer, .number(let number)): try validate(number, at: path)
        case (.boolean, .bool), (nil, _): break
        case (let kind?, _):
            let article = [.object, .array, .integer].contains(kind) ? "an" : "a"
            throw FieldError(field: path, kind: .shape, problem: "must be \(article) \(kind.rawValue)")
        }
        if let allowedValues, !allowedValues.contains(value) {
            let names = allowedValues.map { value in if case .string(let text) = value { text } else { "\(value)" } }
            throw FieldError(field: path, kind: .value, problem: "must be one of \(names.joined(separator: ", "))")
        }
    }

    private func validate(_ members: [String: JSONValue], at path: String) throws {
        let prefix = path.isEmpty ? "" : "\(path)."
        for name in required ?? [] where members[name] == nil {
            throw FieldError(field: prefix + name, kind: .shape, problem: "is required")
        }
        for (name, schema) in (properties ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let value = members[name] { try schema.validate(value, at: prefix + name) }
        }
    }

    private func validate(_ elements: [JSONValue], at path: String) throws {
        try check(elements.count, minItems, maxItems, "elements", at: path)
        for (index, element) in elements.enumerated() { try items?.validate(element, at: "\(path)[\(index)]") }
    }

    private func validate(_ text: String, at path: String) throws {
        try check(text.count, minLength, maxLength, "characters", at: path)
    }

    private func validate(_ number: Double, at path: String) throws {
        guard kind != .integer || Int(exactly: number) != nil else {
            throw FieldError(field: path, kind: .shape, problem: "must be an integer")
        }
        let problem: String? =
            if let minimum, number < minimum {
                "must be at least \(JSONValue.number(minimum))"
            } else if let maximum, number > maximum {
                "must be at most \(JSONValue.number(maximum))"
            } else if let multipleOf, number.remainder(dividingBy: multipleOf) != 0 {
                "must be a multiple of \(JSONValue.number(multipleOf))"
            } else {
                nil
            }
        if let problem { throw FieldError(field: path, kind: .value, problem: problem) }
    }

    private func check(_ count: Int, _ least: Int?, _ most: Int?, _ unit: String, at path: String) throws {
        if let least, count < least {
            let problem = least == 1 ? "must not be empty" : "must have at least \(least) \(unit)"
            throw FieldError(field: path, kind: .value, problem: problem)
        }
        if let most, count > most {
            throw FieldError(field: path, kind: .value, problem: "must have at most \(most) \(unit)")
        }
    }
}
