import Foundation

/// A path that is stored relative to the home directory if it is below that directory.
///
/// On iOS, the home directory is the app's container, which moves with every update of the app.
struct MovablePath: Codable, Equatable, Sendable {
    let path: String

    init(path: String) { self.path = path }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        path = text.hasPrefix("~/") ? Self.home + text.dropFirst(1) : text
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let isBelowHome = !Self.home.isEmpty && path.hasPrefix(Self.home + "/")
        try container.encode(isBelowHome ? "~" + path.dropFirst(Self.home.count) : path)
    }

    /// The path of the home directory without a slash at its end.
    private static var home: String {
        let home = NSHomeDirectory()
        return home.hasSuffix("/") ? String(home.dropLast()) : home
    }
}
