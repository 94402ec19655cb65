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
            let handle = path == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            var data = Data()
            while data.count <= limit, let part = try handle.read(upToCount: limit + 1 - data.count), !part.isEmpty {
                data.append(part)
            }
            return data
        } catch {
            throw ToolError.usage("\(name) cannot be read: \(error.localizedDescription)")
        }
    }
}
