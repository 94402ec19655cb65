extension ModelsLab {
    /// A mark of your own that comes back with a webhook: a number or a text.
    public enum TrackID: Codable, Hashable, Sendable {
        /// A number.
        case number(Int)
        /// A text.
        case text(String)

        /// Reads a number or a text.
        public init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            do { self = .number(try value.decode(Int.self)) } catch { self = .text(try value.decode(String.self)) }
        }

        /// Writes the number or the text.
        public func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .number(let number): try value.encode(number)
            case .text(let text): try value.encode(text)
            }
        }
    }
}

extension ModelsLab.TrackID: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, CustomStringConvertible {
    /// A number.
    public init(integerLiteral value: Int) { self = .number(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// The number or the text.
    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): text
        }
    }
}
