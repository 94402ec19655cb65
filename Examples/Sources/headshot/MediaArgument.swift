import ArgumentParser
import Foundation
import HeadshotKit

/// A photo or recording named on the command line: a path, a URL, an uploaded file, or standard input.
struct MediaArgument: Sendable {
    private let text: String
    /// The name of the argument in error messages.
    private let name: String
    private let service: JobHandle.Service

    init(_ text: String, called name: String, for service: JobHandle.Service) {
        (self.text, self.name, self.service) = (text, name, service)
    }

    static let photoHelp = ArgumentHelp(
        "A file, an https URL, a file uploaded to Magic Hour (api-assets/...), or - for standard input.",
        valueName: "photo"
    )

    /// Calls a closure with a media source that is valid until the closure returns.
    @discardableResult
    func withSource<Value>(_ body: (MediaSource) async throws -> Value) async throws -> Value {
        guard text == "-" else { return try await body(try source()) }
        let spool = try Spool()
        defer { spool.remove() }
        try await spool.fill(from: STDIN_FILENO)
        do {
            return try await body(.file(spool.file))
        } catch var error as HeadshotKitError where error.code == .invalidMedia {
            // The path of the temporary file would mean nothing to the user.
            error.message = error.message.replacingOccurrences(of: spool.file.path, with: "Standard input")
            throw error
        }
    }

    /// Returns the media source of an argument other than standard input.
    func source() throws -> MediaSource {
        guard !text.isEmpty else { throw ToolError.usage("\(name) is empty. Give the path of a file.") }
        guard text != "-" else {
            throw ToolError.usage("\(name) cannot come from standard input. Give the path of a file.")
        }
        if text.lowercased().hasPrefix("http://") {
            throw ToolError.usage("\(text) is not accepted, because a URL must begin with https://.")
        }
        if text.hasPrefix("api-assets/"), service != .magicHour {
            throw ToolError.usage(
                "\(text) is stored at Magic Hour, where other services cannot read the file. Give the path of a local file."
            )
        }
        return MediaSource(text)
    }
}

/// A temporary copy of standard input. Standard input can be read only once, but an upload may have to be retried.
private struct Spool {
    private let directory: URL
    let file: URL

    /// The maximum size in bytes, which is larger than any photo and smaller than a disk.
    private static let maximumBytes = 200 << 20

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("headshot-\(UUID().uuidString)")
        file = directory.appendingPathComponent("photo")
        // A photo of a face is private, so other users get no access.
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: false,
            attributes: attributes
        )
    }

    func remove() {
        do {
            try FileManager.default.removeItem(at: directory)
        } catch {
            Console.note("warning: \(directory.path) could not be removed: \(error.localizedDescription)")
        }
    }

    func fill(from descriptor: Int32) async throws {
        guard isatty(descriptor) == 0 else {
            throw ToolError.usage(
                "Standard input is a terminal. Pipe a photo into the command: \(Program.name) create - < me.jpg"
            )
        }
        try Data().write(to: file)
        let output = try FileHandle(forWritingTo: file)
        defer { output.closeFile() }
        var size = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            try await waitForInput(descriptor)
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else {
                throw ToolError.usage("Standard input cannot be read: \(String(cString: strerror(errno))).")
            }
            if count == 0 { break }
            size += count
            guard size <= Self.maximumBytes else {
                let limit = "At most \(Self.maximumBytes >> 20) MiB"
                throw ToolError.usage("Standard input is too large. \(limit) are allowed.")
            }
            try output.write(contentsOf: buffer.prefix(count))
        }
        guard size > 0 else { throw ToolError.usage("Standard input is empty. Pipe a photo into the command.") }
    }

    /// Waits for input by polling, because Ctrl-C cannot cancel a blocking read.
    private func waitForInput(_ descriptor: Int32) async throws {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&request, 1, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        try Task.checkCancellation()
    }
}
