import ArgumentParser

/// The check of the command's name, before the parser sees it.
enum CommandName {
    /// Rejects an unknown command, and suggests the one that was probably meant.
    static func check(_ arguments: [String], among commands: [any ParsableCommand.Type]) throws {
        let names = commands.compactMap { command in command.configuration.commandName } + ["help"]
        // `help NAME` without a check prints the help of the tool for an unknown name.
        let typed = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
        guard let typed, !typed.hasPrefix("-"), !names.contains(typed) else { return }
        let closest = names.min { distance(typed, $0) < distance(typed, $1) }
        guard let closest, distance(typed, closest) <= 2 else {
            throw ToolError.usage("There is no command “\(typed)”. To list the commands, run: \(Program.name) --help")
        }
        throw ToolError.usage("There is no command “\(typed)”. Did you mean \(closest)?")
    }

    /// Returns the number of insertions, deletions, replacements, and swaps of neighbors that turn one text into another.
    static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.prefix(40)), Array(second))
        var rows = [Array(0...second.count)]
        for (i, letter) in first.enumerated() {
            var row = [i + 1]
            for (j, other) in second.enumerated() {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (letter == other ? 0 : 1))
                if i > 0, j > 0, letter == second[j - 1], first[i - 1] == other {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[first.count][second.count]
    }
}
