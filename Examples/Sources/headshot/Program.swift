import Foundation

/// The name of the tool.
enum Program {
    /// The name to type, for advice on the next command: `headshot` if the search path has it, and otherwise the path that was typed.
    static let name = name(
        of: CommandLine.arguments.first ?? "headshot",
        path: ProcessInfo.processInfo.environment["PATH"] ?? ""
    )

    static func name(of typed: String, path: String) -> String {
        let file = URL(fileURLWithPath: typed).resolvingSymlinksInPath().path
        let name = (typed as NSString).lastPathComponent
        let isFound = path.split(separator: ":").contains { directory in
            URL(fileURLWithPath: String(directory)).appendingPathComponent(name).resolvingSymlinksInPath().path == file
        }
        if isFound || !typed.contains("/") { return name }
        let isPlain = typed.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+".contains($0)) }
        return isPlain ? typed : "'" + typed.replacing("'", with: "'\\''") + "'"
    }
}
