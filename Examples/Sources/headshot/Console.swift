import Foundation

/// The tool's output. Results go to standard output, and everything else goes to standard error.
enum Console {
    /// Writes a line to standard output.
    ///
    /// - Throws: ``ToolError`` if the line cannot be written. A closed pipe is not an error, as in `headshot ... | head
    ///   -0`, because the work is still done.
    static func result(_ line: String) throws {
        let errorNumber = write(line + "\n", to: STDOUT_FILENO)
        guard errorNumber != 0, errorNumber != EPIPE else { return }
        let reason = String(cString: strerror(errorNumber))
        // The line may be the only record of where a paid file was saved.
        note("Not written to standard output: \(line)")
        throw ToolError(
            status: .other,
            code: ToolError.outputCode,
            message: "Standard output cannot be written: \(reason)."
        )
    }

    /// Writes lines to standard output, and continues after a line that cannot be written.
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

    /// Writes a paragraph to standard error, wrapped to the width of a terminal.
    static func printParagraph(_ text: String) {
        note(terminal().map { wrapped(text, columns: $0.columns) } ?? text)
    }

    /// Returns the text wrapped to the given number of columns. A longer word is not broken.
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

    /// Writes text to standard error unchanged, for the line that is redrawn.
    static func draw(_ text: String) {
        // A failed write to standard error cannot be reported anywhere.
        _ = write(text, to: STDERR_FILENO)
    }

    /// Returns the text with control characters replaced by spaces, so that a service's response cannot control the
    /// terminal. Line breaks are kept.
    static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
                return isControl ? " " : Character(scalar)
            }
        )
    }

    /// Writes the entire text and returns 0, or the `errno` value of the failure.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var rest = Data(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest.removeFirst(count)
            } else if errno == EAGAIN {
                // The inherited descriptor is nonblocking.
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&request, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// The width of the terminal at standard output. `nil` if there is none.
    static var outputColumns: Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Returns the terminal at standard error, or `nil` if there is none or it cannot redraw a line.
    static func terminal(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Terminal? {
        guard isatty(STDERR_FILENO) == 1, environment["TERM"] != "dumb" else { return nil }
        return Terminal(isColored: (environment["NO_COLOR"] ?? "").isEmpty)
    }
}

/// The terminal at standard error.
struct Terminal {
    let isColored: Bool

    /// The current width in columns, which changes when the window is resized.
    var columns: Int { size.ws_col > 0 ? Int(size.ws_col) : 80 }

    /// The current height in lines.
    var rows: Int { size.ws_row > 0 ? Int(size.ws_row) : 24 }

    private var size: winsize {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return winsize() }
        return size
    }
}
