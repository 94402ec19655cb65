import Foundation
import HeadshotKit

/// A job of the run: which service makes it, and whether it is bound to fail there.
struct Assignment: Sendable {
    let number: Int

    var isModelsLab: Bool { number % 2 == 1 }
    /// The service finds no face, and gives the money back.
    var isDoomed: Bool { number % 50 == 49 }
    /// The name that the job has everywhere: in requests, records and the service's books.
    var tag: String { String(format: "job-%05d", number) }
    var prompt: String { isDoomed ? "\(tag) no-face" : "\(tag) navy suit, soft light" }

    /// The number in a text that holds a tag.
    static func number(in text: String) -> Int? {
        text.firstMatch(of: #/job-(?<number>[0-9]{5})/#).flatMap { Int($0.output.number) }
    }

    /// The number of the job that a record is of.
    static func number(of record: JobRecord) -> Int? { record.reference.flatMap { Int($0) } }
}

/// What a worker has written down about a job, in a file of its own, so that the next worker knows.
struct Note: Codable, Sendable {
    enum Ending: String, Codable, Sendable {
        case delivered, failed, unconfirmed, lost
    }

    /// The job, from the moment that the service has named it.
    var job: JobHandle?
    /// How it ended.
    var ending: Ending?
    /// Why, in words.
    var reason: String?
}

/// Where everything is that outlives a worker.
struct Premises: Sendable {
    let root: URL

    var photo: URL { root.appendingPathComponent("me.png") }
    var jobs: URL { root.appendingPathComponent("jobs") }
    var outputs: URL { root.appendingPathComponent("outputs") }
    var notes: URL { root.appendingPathComponent("notes") }
    var temporary: URL { root.appendingPathComponent("tmp") }

    func make() throws {
        for folder in [outputs, notes, temporary] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
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

    /// The first output of a job, if it is there under its final name.
    func output(ofJob id: String) throws -> URL? {
        let names = try FileManager.default.contentsOfDirectory(atPath: outputs.path)
        return names.first { $0.contains("-\(id)-1.") && !$0.contains(".part") }.map(outputs.appendingPathComponent)
    }
}
