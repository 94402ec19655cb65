import Foundation

/// The files and directories that outlive a worker.
struct RunDirectory: Sendable {
    let root: URL

    var photo: URL { root.appendingPathComponent("me.png") }
    var jobs: URL { root.appendingPathComponent("jobs") }
    var outputs: URL { root.appendingPathComponent("outputs") }
    var notes: URL { root.appendingPathComponent("notes") }
    var temporary: URL { root.appendingPathComponent("tmp") }

    func make() throws {
        for directory in [outputs, notes, temporary] {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        }
    }

    func note(_ number: Int) throws -> Note? {
        let file = notes.appendingPathComponent("\(number).json")
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return try JSONDecoder().decode(Note.self, from: Data(contentsOf: file))
    }

    func write(_ note: Note, _ number: Int) throws {
        let file = notes.appendingPathComponent("\(number).json")
        try JSONEncoder().encode(note).write(to: file, options: .atomic)
    }

    /// Returns the first output of a job, or `nil` if no file has its final name.
    func output(ofJob id: String) throws -> URL? {
        try outputs(ofJob: id).first { $0.lastPathComponent.contains("-\(id)-1.") }
    }

    /// Returns all files with the final name of a job's first output, or with a name derived from it.
    func outputs(ofJob id: String) throws -> [URL] {
        let names = try FileManager.default.contentsOfDirectory(atPath: outputs.path)
        return names.filter { $0.contains("-\(id)-1") && !$0.contains(".part") }.map(outputs.appendingPathComponent)
    }

    /// The outcomes of a message about an order.
    enum MessageOutcome: String, CaseIterable {
        case delivered, unconfirmed, inUse = "in use", otherError = "failed otherwise"
    }

    /// Counts an outcome, with a byte at the end of a file that all workers share.
    func count(_ outcome: MessageOutcome) throws {
        let file = open(counter(outcome), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        try handle.write(contentsOf: Data([0]))
    }

    func total(_ outcome: MessageOutcome) throws -> Int {
        let file = URL(fileURLWithPath: counter(outcome))
        return FileManager.default.fileExists(atPath: file.path) ? try Data(contentsOf: file).count : 0
    }

    private func counter(_ outcome: MessageOutcome) -> String {
        root.appendingPathComponent("count \(outcome.rawValue)").path
    }
}
