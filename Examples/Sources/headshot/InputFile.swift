import Foundation

/// A small file named on the command line, or standard input.
struct InputFile {
    /// The name of the file in messages.
    let name: String
    private let path: String

    init(_ path: String) {
        self.path = path
        name = path == "-" ? "Standard input" : path
    }

    /// Returns the contents. Of a file that is longer than the limit, returns one byte more than the limit.
    ///
    /// - Throws: ``ToolError`` if the file cannot be read.
    func read(upTo limit: Int) throws -> Data {
        do {
            let handle = path == "-" ? .standardInput : try Self.open(path)
            var data = Data()
            while data.count <= limit, let part = try handle.read(upToCount: limit + 1 - data.count), !part.isEmpty {
                data.append(part)
            }
            return data
        } catch {
            let advice = path == "-" ? "" : " Check the path."
            throw ToolError.usage("\(name) cannot be read: \(error.systemReason).\(advice)")
        }
    }

    private static func open(_ path: String) throws -> FileHandle {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
