public import Foundation

/// A program or a team that uses the API, with a budget.
public struct Caller: Codable, Equatable, Sendable {
    /// The name, which identifies the caller in the database. It is not secret.
    public var name: String
    /// The token in the requests of the caller.
    public var token: String
    /// The credits that the caller may spend in total.
    public var credits: Int

    /// Creates a caller.
    public init(name: String, token: String, credits: Int) {
        self.name = name
        self.token = token
        self.credits = credits
    }
}

extension Caller: CustomStringConvertible, CustomReflectable {
    /// The name, without the token.
    public var description: String { name }
    /// A mirror without the token.
    public var customMirror: Mirror { Mirror(self, children: ["name": name, "credits": credits]) }
}

/// The callers of a studio.
public struct Callers: Sendable {
    /// The callers.
    public let all: [Caller]

    private static let minimumTokenLength = 16

    /// Creates a list of callers.
    ///
    /// - Throws: ``ConfigurationError`` if a name or a token is used twice, a token is too short, or a budget is negative.
    public init(_ callers: [Caller]) throws {
        for caller in callers {
            guard !caller.name.isEmpty, caller.token.utf8.count >= Self.minimumTokenLength, caller.credits >= 0 else {
                throw ConfigurationError(
                    """
                    The caller "\(caller.name)" cannot be used. A caller needs a name, a token of at least \
                    \(Self.minimumTokenLength) characters, such as the output of openssl rand -hex 32, and credits of at least 0.
                    """
                )
            }
        }
        guard Set(callers.map(\.name)).count == callers.count, Set(callers.map(\.token)).count == callers.count else {
            throw ConfigurationError("Two callers have the same name or the same token. Give each its own.")
        }
        all = callers
    }

    /// Creates a list of callers from a JSON file: `[{"name": "team-a", "token": "...", "credits": 500}]`.
    ///
    /// - Throws: ``ConfigurationError``.
    public init(file: URL) throws {
        let callers: [Caller]
        do { callers = try JSONDecoder().decode([Caller].self, from: Data(contentsOf: file)) } catch {
            throw ConfigurationError(
                """
                The callers cannot be read from \(file.path). The file must contain JSON such as \
                [{"name": "team-a", "token": "...", "credits": 500}].
                """
            )
        }
        try self.init(callers)
    }

    /// Returns the caller with a token. The time depends on neither the token nor the caller.
    func caller(withToken token: String) -> Caller? {
        all.reduce(nil) { found, caller in Self.isEqual(caller.token, token) ? caller : found }
    }

    private static func isEqual(_ expected: String, _ given: String) -> Bool {
        let (expected, given) = (Array(expected.utf8), Array(given.utf8))
        var difference = expected.count ^ given.count
        for (index, byte) in expected.enumerated() {
            difference |= Int(byte ^ (index < given.count ? given[index] : 0))
        }
        return difference == 0
    }
}

/// An error in the configuration of a studio.
public struct ConfigurationError: Error, LocalizedError, CustomStringConvertible {
    /// The problem and the next step.
    public let description: String
    /// The same text as ``description``.
    public var errorDescription: String? { description }

    /// Creates an error.
    public init(_ description: String) { self.description = description }
}
