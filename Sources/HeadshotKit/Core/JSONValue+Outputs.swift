import Foundation

extension JSONValue {
    /// One output in a response: its text, and the object that contains it, if any.
    struct Output {
        var text: String
        var fields: JSONValue?
    }

    /// The outputs in a value, for each shape that identifies them with certainty.
    ///
    /// The shapes are a string, a list, nested lists, objects with a link, a list that PHP encoded as an object, and JSON in a
    /// string. `nil` stands for an expected output that is missing.
    var outputs: [Output?] {
        let outputs = outputs(depth: 0)
        return outputs.contains { $0 != nil } ? outputs : []
    }

    private func outputs(depth: Int) -> [Output?] {
        // The services never nest JSON in strings this deeply.
        guard depth < 64 else { return [] }
        switch self {
        case .null, .bool, .number: return [nil]
        case .string(let text): return Self.outputs(in: text, depth: depth)
        case .array(let elements):
            return elements.flatMap { $0.outputsOfElement(depth: depth + 1) }
        case .object(let members):
            let names = ["url", "link", "download_url", "image_url", "href"]
            if let link = names.lazy.compactMap({ self[$0]?.string }).first(where: { !$0.isBlank }) {
                return Self.outputs(in: link, depth: depth + 1).map { $0.map { Output(text: $0.text, fields: self) } }
            }
            let numbered = members.compactMap { key, value in Int(key).map { ($0, value) } }
            guard !numbered.isEmpty, numbered.count == members.count else { return [nil] }
            return numbered.sorted { $0.0 < $1.0 }.flatMap { $0.1.outputsOfElement(depth: depth + 1) }
        }
    }

    /// Returns the outputs in an element of a list. An empty list counts as one missing output.
    private func outputsOfElement(depth: Int) -> [Output?] {
        let outputs = outputs(depth: depth)
        return outputs.isEmpty ? [nil] : outputs
    }

    private static func outputs(in text: String, depth: Int) -> [Output?] {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let first = text.first else { return [nil] }
        if first == "[" || first == "{" || first == "\"", text.utf8.count <= 1 << 20 {
            // Text that only looks like JSON is not a valid output either way, so it is returned unchanged.
            do { return try JSONDocument(Data(text.utf8)).value.outputs(depth: depth + 8) } catch {
                return [Output(text: text)]
            }
        }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        if lines.count > 1, lines.allSatisfy({ URL(serverText: $0) != nil }) { return lines.map { Output(text: $0) } }
        return [Output(text: text)]
    }
}
