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
        let names = try FileManager.default.contentsOfDirectory(atPath: outputs.path)
        return names.first { $0.contains("-\(id)-1.") && !$0.contains(".part") }.map(outputs.appendingPathComponent)
    }
}
