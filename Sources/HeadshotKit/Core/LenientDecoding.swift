import Foundation

/// Lenient decoding of responses. A field that is absent, null, or of an undocumented type is lost, but the response is kept.
extension KeyedDecodingContainer {
    /// Returns the value for a key, or `nil` if there is none.
    func json(_ key: Key) -> JSONValue? {
        // Any JSON decodes as `JSONValue`, so an error means that there is no value.
        guard let value = try? decode(JSONValue.self, forKey: key), value != .null else { return nil }
        return value
    }

    // These methods decode most fields of all responses, so their code must not be inlined into each of them.

    /// Returns a string, or a number as a string. An id may be larger than a floating-point number can represent.
    @inline(never)
    func text(_ key: Key) -> String? {
        documented(key) { value in
            // A number that is no `Int64` keeps its own text.
            if case .number = value, let whole = try? decode(Int64.self, forKey: key) { return String(whole) }
            return value.string
        }
    }

    @inline(never)
    func number(_ key: Key) -> Double? { documented(key) { $0.number } }

    func integer(_ key: Key) -> Int? { number(key).flatMap { Int(exactly: $0.rounded()) } }

    @inline(never)
    func flag(_ key: Key) -> Bool? {
        documented(key) { value in
            switch value {
            case .number(let value): value != 0
            case .string(let text): Bool(text.lowercased())
            default: nil
            }
        }
    }

    /// Returns a value of the documented type, which is the usual case, or else the result of `make` for any other JSON.
    private func documented<Value: Decodable>(_ key: Key, or make: (JSONValue) -> Value?) -> Value? {
        do { return try decodeIfPresent(Value.self, forKey: key) } catch { return json(key).flatMap(make) }
    }

    func value<Value: OpenEnum>(_ key: Key) -> Value? { text(key).map { Value(rawValue: $0) } }
    func timestamp(_ key: Key) -> Timestamp? { text(key).map { Timestamp(rawValue: $0) } }

    func object<Value: Decodable>(_ key: Key) -> Value? {
        // The field is documented as an object or null, so any other type holds no usable value.
        documented(key) { _ in nil }
    }

    /// Returns the elements of a list, or an empty list if there is none.
    ///
    /// - Throws: The decoding error of an element, because the element may be a paid output that another request can return.
    func list<Element: Decodable>(_ key: Key) throws -> [Element] {
        do { return try decodeIfPresent([Element].self, forKey: key) ?? [] } catch {
            guard case .array = json(key) else { return [] }
            throw error
        }
    }

    /// Returns a status, trimmed and lowercased for comparison.
    func status<Value: OpenEnum>(_ key: Key) -> Value? {
        text(key).flatMap { text in
            let word = text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
            return word.isEmpty ? nil : Value(rawValue: word)
        }
    }

    /// Returns the strings for a key. The key may hold no string, one string without a list, or several.
    func texts(_ key: Key) -> [String] { json(key)?.outputs.compactMap(\.?.text) ?? [] }

    /// Returns the first text among the keys that is not blank.
    func firstText(_ keys: [Key]) -> String? {
        keys.lazy.compactMap { json($0)?.flattenedText }.first { !$0.isBlank }
    }
}
