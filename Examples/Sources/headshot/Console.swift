import Foundation

/// The two ways out: results go to standard output, everything else to standard error.
enum Console {
    /// Writes a line to standard output.
    ///
    /// - Throws: ``ToolError`` where it cannot be written, but not where its reader has gone, as in `headshot ... | head -0`:
    ///   the work is done all the same.
    static func result(_ line: String) throws {
        let problem = write(line + "\n", to: STDOUT_FILENO)
        guard problem != 0, problem != EPIPE else { return }
        let reason = String(cString: strerror(problem))
        // It may be the only place that says where the file is that was paid for.
        note("Not written to standard output: \(line)")
        throw ToolError(
            status: .other,
            code: ToolError.outputCode,
            message: "Standard output cannot be written: \(reason)."
        )
    }

    /// Writes lines to standard output, each although another could not be written.
    static func results(_ lines: [String]) throws {
        var failure: ToolError?
        for line in lines {
            do { try result(line) } catch let error as ToolError { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// Writes a line to standard error.
    static func note(_ line: String) {
        draw(printable(line) + "\n")
    }

    /// Writes a paragraph to standard error, broken between words on a terminal.
    static func complain(_ text: String) {
        note(terminal().map { wrapped(text, columns: $0.columns) } ?? text)
    }

    /// The text in lines of at most so many characters, unless a word alone is longer.
    static func wrapped(_ text: String, columns: Int) -> String {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let line = lines.last, line.count + 1 + word.count <= columns {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Writes to standard error as it is, for the line that is redrawn.
    static func draw(_ text: String) {
        // Where the user cannot be told, the user cannot be told of that either.
        _ = write(text, to: STDERR_FILENO)
    }

    /// The text without control characters: a service's words are not to steer the user's terminal.
    static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
                return isControl ? " " : Character(scalar)
            }
        )
    }

    /// Writes all of a text, and returns the number of the error that prevented it, or 0.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var rest = Data(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest.removeFirst(count)
            } else if errno == EAGAIN {
                // Whoever started us left it so that writing does not wait.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// How standard error can be drawn on; nil where it is no terminal, or one that cannot go back in a line.
    static func terminal(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Terminal? {
        guard isatty(STDERR_FILENO) == 1, environment["TERM"] != "dumb" else { return nil }
        return Terminal(isColored: (environment["NO_COLOR"] ?? "").isEmpty)
    }
}

/// A terminal at standard error.
struct Terminal {
    let isColored: Bool

    /// Its columns at this moment: windows change.
    var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
