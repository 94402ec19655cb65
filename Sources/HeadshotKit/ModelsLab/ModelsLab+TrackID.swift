extension ModelsLab {
    /// Your own identifier for a job, a number or a string, which the webhook request contains.
    public enum TrackID: Codable, Equatable, Sendable {
        /// A number.
        case number(Int)
        /// A string.
        case text(String)

        /// Creates an identifier from a decoder that contains a number or a string.
        public init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            do { self = .number(try value.decode(Int.self)) } catch { self = .text(try value.decode(String.self)) }
        }

        /// Encodes the number or the string.
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
    /// Creates an identifier from an integer literal.
    public init(integerLiteral value: Int) { self = .number(value) }
    /// Creates an identifier from a string literal.
    public init(stringLiteral value: String) { self = .text(value) }
    /// The number or the string as text.
    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): text
        }
    }
}
