import HeadshotKit

extension JSONValue {
    /// Describes how each value differs after decoding and encoding. An absent field may become null or an empty list, and null may become
    /// absent.
    ///
    /// - Parameter isTolerant: Whether a number may become a string and a string may become a list of one string.
    func differences(to kept: JSONValue, at path: String = "body", isTolerant: Bool = false) -> [String] {
        switch (self, kept) {
        case (.object(let sent), .object(let kept)):
            let gone = sent.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
                if value == .null, kept[key] ?? .null == .null { return [] }
                guard let remaining = kept[key] else { return ["\(path).\(key) is lost"] }
                return value.differences(to: remaining, at: "\(path).\(key)", isTolerant: isTolerant)
            }
            let added = kept.filter { sent[$0.key] == nil && ![.null, .array([])].contains($0.value) }.keys.sorted()
            return gone + added.map { "\(path).\($0) was added" }
        case (.array(let sent), .array(let kept)):
            guard sent.count == kept.count else { return ["\(path) has \(kept.count) of \(sent.count) elements"] }
            return zip(sent, kept).enumerated().flatMap { index, pair in
                pair.0.differences(to: pair.1, at: "\(path)[\(index)]", isTolerant: isTolerant)
            }
        case (.number, .string) where isTolerant && string == kept.string:
            return []
        case (.string, .array) where isTolerant:
            return JSONValue.array([self]).differences(to: kept, at: path)
        default:
            return self == kept ? [] : ["\(path) is \(self) and became \(kept)"]
        }
    }
    /// The paths of all nulls in the value.
    var nullPaths: [String] { nullPaths(at: "request") }

    private func nullPaths(at path: String) -> [String] {
        switch self {
        case .null: [path]
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { $0.value.nullPaths(at: "\(path).\($0.key)") }
        case .array(let elements): elements.enumerated().flatMap { $1.nullPaths(at: "\(path)[\($0)]") }
        default: []
        }
    }
}
