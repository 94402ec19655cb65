import HeadshotKit

/// A JSON schema of the facts, and the bodies that it describes.
struct Schema {
    /// A body, and what is special about it: `.style.tool = "general"`.
    struct Body {
        var path: String
        var json: JSONValue
    }

    private let root: JSONValue
    private let definitions: [String: JSONValue]
    /// Values of fields that have to be certain ones.
    private let samples: [String: JSONValue]
    /// Fields that are sent in each body although the schema demands none.
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

    /// The body with nothing but what is demanded.
    var minimal: JSONValue { minimal(root, named: "") }

    /// The body with every field.
    var full: JSONValue { full(root, named: "") }

    /// For every field at every depth, every value of an enumeration and every null: the minimal body with it. Then the full one.
    var bodies: [Body] { variants(root, named: "") + [Body(path: " in full", json: full)] }

    /// The values of each enumeration, by its path.
    var enumerations: [String: Set<String>] { enumerations(root, path: "") }

    // MARK: Walking

    private func resolved(_ schema: JSONValue) -> JSONValue {
        guard let name = schema["$ref"]?.string?.split(separator: "/").last else { return schema }
        return definitions[String(name)] ?? .null
    }

    private func isDemanded(_ field: String, by schema: JSONValue) -> Bool {
        schema["required"]?.elements.contains(.string(field)) == true || alwaysSent.contains(field)
    }

    private func fields(_ schema: JSONValue) -> [(name: String, schema: JSONValue)] {
        (schema["properties"]?.members ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func minimal(_ schema: JSONValue, named name: String) -> JSONValue {
        let schema = resolved(schema)
        let demanded = fields(schema).filter { isDemanded($0.name, by: schema) }
        return value(of: schema, named: name, fields: demanded) { minimal($0, named: $1) }
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

    /// A value that no other field has, so that fields which change places are noticed.
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
