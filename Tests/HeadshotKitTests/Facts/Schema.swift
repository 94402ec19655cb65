import HeadshotKit

/// A documented JSON schema and its possible bodies.
struct Schema {
    /// A body and the path of its special value, for example `.style.tool = "general"`.
    struct Body {
        var path: String
        var json: JSONValue
    }

    private let root: JSONValue
    private let definitions: [String: JSONValue]
    /// The required values of some fields.
    private let samples: [String: JSONValue]
    /// Optional fields that every body has.
    private let alwaysSent: Set<String>

    init(
        _ root: JSONValue,
        definitions: JSONValue? = nil,
        samples: [String: JSONValue] = [:],
        alwaysSent: Set<String> = []
    ) {
        self.root = root
        self.definitions = (definitions ?? root["$defs"])?.members ?? [:]
        self.samples = samples
        self.alwaysSent = alwaysSent
    }

    /// The body with only the required fields.
    var minimal: JSONValue { minimal(root, named: "") }

    /// The body with every field.
    var full: JSONValue { full(root, named: "") }

    /// The minimal body with each field, each enumeration value and each null, followed by the full body.
    var bodies: [Body] { variants(root, named: "") + [Body(path: " in full", json: full)] }

    /// The values of each enumeration, by its path.
    var enumerations: [String: Set<String>] { enumerations(root, path: "") }

    // MARK: Traversal

    private func resolved(_ schema: JSONValue) -> JSONValue {
        guard let name = schema["$ref"]?.string?.split(separator: "/").last else { return schema }
        return definitions[String(name)] ?? .null
    }

    private func isRequired(_ field: String, by schema: JSONValue) -> Bool {
        schema["required"]?.elements.contains(.string(field)) == true || alwaysSent.contains(field)
    }

    private func fields(_ schema: JSONValue) -> [(name: String, schema: JSONValue)] {
        (schema["properties"]?.members ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func minimal(_ schema: JSONValue, named name: String) -> JSONValue {
        let schema = resolved(schema)
        let required = fields(schema).filter { isRequired($0.name, by: schema) }
        return value(of: schema, named: name, fields: required) { minimal($0, named: $1) }
    }

    private func full(_ schema: JSONValue, named name: String) -> JSONValue {
        let schema = resolved(schema)
        return value(of: schema, named: name, fields: fields(schema)) { full($0, named: $1) }
    }

    private func value(
        of schema: JSONValue,
        named name: String,
        fields: [(name: String, schema: JSONValue)],
        inner: (JSONValue, String) -> JSONValue
    ) -> JSONValue {
        if let first = schema["enum"]?.elements.first { return first }
        if schema["properties"] != nil {
            let members = fields.map { ($0.name, inner($0.schema, $0.name)) }
            return .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
        }
        if let items = schema["items"] { return .array([inner(items, name)]) }
        return sample(of: schema, named: name)
    }

    /// Returns a value that no other field has, to detect swapped fields.
    private func sample(of schema: JSONValue, named name: String) -> JSONValue {
        if let sample = samples[name] { return sample }
        let number = Double(name.utf8.reduce(8) { ($0 * 31 + Int($1)) % 1_009 })
        switch schema["type"]?.string {
        case "string": return .string("https://files.example/\(name).png")
        case "integer": return .number(number)
        case "number": return .number(number + 0.25)
        case "boolean": return .bool(true)
        default: return .object(["of": .string(name), "list": .array([.number(1), .null, .bool(false)])])
        }
    }

    private func variants(_ schema: JSONValue, named name: String) -> [Body] {
        var bodies: [Body] = schema["nullable"] == .bool(true) ? [Body(path: " = null", json: .null)] : []
        let schema = resolved(schema)
        if let values = schema["enum"]?.elements {
            bodies += values.map { Body(path: " = \($0.string ?? "\($0)")", json: $0) }
        } else if schema["properties"] != nil {
            let base = minimal(schema, named: name)
            bodies.append(Body(path: "", json: base))
            for field in fields(schema) {
                for variant in variants(field.schema, named: field.name) {
                    var members = base.members
                    members[field.name] = variant.json
                    bodies.append(Body(path: ".\(field.name)\(variant.path)", json: .object(members)))
                }
            }
        } else if let items = schema["items"] {
            bodies.append(Body(path: "[]", json: .array([])))
            bodies += variants(items, named: name).map { Body(path: "[0]\($0.path)", json: .array([$0.json])) }
        } else {
            bodies.append(Body(path: "", json: sample(of: schema, named: name)))
            if schema["type"]?.string == "boolean" { bodies.append(Body(path: " = false", json: .bool(false))) }
            if schema["type"]?.string == "number" { bodies.append(Body(path: " = 3", json: .number(3))) }
        }
        return bodies
    }

    private func enumerations(_ schema: JSONValue, path: String) -> [String: Set<String>] {
        let schema = resolved(schema)
        if let values = schema["enum"]?.elements { return [path: Set(values.compactMap(\.string))] }
        var found: [String: Set<String>] = [:]
        if let items = schema["items"] { found = enumerations(items, path: path + "[]") }
        for field in fields(schema) {
            found.merge(enumerations(field.schema, path: "\(path).\(field.name)")) { first, _ in first }
        }
        return found
    }
}
