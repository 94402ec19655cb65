import Foundation

/// Reading responses so that a field which is absent, null or of another type than documented costs that field, not the response.
extension KeyedDecodingContainer {
    /// Whatever stands under a key; nil where nothing does.
    func json(_ key: Key) -> JSONValue? {
        // Any JSON decodes as such, so that a failure means that there is none.
        guard let value = try? decode(JSONValue.self, forKey: key), value != .null else { return nil }
        return value
    }

    /// A text, or a number as one. An id may be larger than a floating-point number can hold.
    func text(_ key: Key) -> String? {
        documented(key) { value in
            if case .number = value, let whole = try? decode(Int64.self, forKey: key) { return String(whole) }
            return value.string
        }
    }
    func number(_ key: Key) -> Double? { documented(key) { $0.number } }
    func integer(_ key: Key) -> Int? { number(key).flatMap { Int(exactly: $0.rounded()) } }

    func flag(_ key: Key) -> Bool? {
        documented(key) { value in
            switch value {
            case .number(let value): value != 0
            case .string(let text): Bool(text.lowercased())
            default: nil
            }
        }
    }

    /// A value of the documented type, which is nearly always what is there, or else whatever can be made of what is.
    private func documented<Value: Decodable>(_ key: Key, or make: (JSONValue) -> Value?) -> Value? {
        do { return try decodeIfPresent(Value.self, forKey: key) } catch { return json(key).flatMap(make) }
    }

    func value<Value: OpenEnum>(_ key: Key) -> Value? { text(key).map { Value(rawValue: $0) } }
    func timestamp(_ key: Key) -> Timestamp? { text(key).map { Timestamp(rawValue: $0) } }

    func object<Value: Decodable>(_ key: Key) -> Value? {
        // Documented as an object or null: anything else says nothing that could be kept.
        documented(key) { _ in nil }
    }

    /// The elements of a list, which is empty where there is none. An element that cannot be read is an error: it may be an output
    /// that was paid for, and asking again may bring it.
    func list<Element: Decodable>(_ key: Key) throws -> [Element] {
        do { return try decodeIfPresent([Element].self, forKey: key) ?? [] } catch {
            guard case .array = json(key) else { return [] }
            throw error
        }
    }

    /// A status: compared without case.
    func status<Value: OpenEnum>(_ key: Key) -> Value? {
        text(key).flatMap { text in
            let word = text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
            return word.isEmpty ? nil : Value(rawValue: word)
        }
    }

    /// Texts, of which there may be none, one without a list around it, or several.
    func texts(_ key: Key) -> [String] { json(key)?.outputs.compactMap(\.?.text) ?? [] }

    /// The first of some fields that holds a text which is not blank.
    func firstText(_ keys: [Key]) -> String? {
        keys.lazy.compactMap { json($0)?.flattenedText }.first { !$0.isBlank }
    }
}
