import Foundation
import HeadshotKit

/// A job of the run. Its number determines the service, and whether the job must fail there.
struct Assignment: Sendable {
    let number: Int

    var isModelsLab: Bool { number % 2 == 1 }
    /// Whether the job must fail. The service finds no face and refunds the charge.
    var isDoomed: Bool { number % 50 == 49 }
    /// The name that identifies the job in requests, records, and the service's ledger.
    var tag: String { String(format: "job-%05d", number) }
    var prompt: String { isDoomed ? "\(tag) no-face" : "\(tag) navy suit, soft light" }

    /// Returns the number in a text that contains a tag.
    static func number(in text: String) -> Int? {
        text.firstMatch(of: #/job-(?<number>[0-9]{5})/#).flatMap { Int($0.output.number) }
    }

    /// Returns the number of the job that a record belongs to.
    static func number(of record: JobRecord) -> Int? { record.reference.flatMap { Int($0) } }
}

/// A worker's note about a job, saved in a separate file for the next worker.
struct Note: Codable, Sendable {
    enum Ending: String, Codable, Sendable {
        case delivered, failed, unconfirmed, lost
    }

    /// The job, once the service has returned its ID.
    var job: JobHandle?
    /// The outcome of the job.
    var ending: Ending?
    /// The reason for the outcome, as text.
    var reason: String?
}

/// The files and directories that outlive a worker.
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

    /// Returns the first output of a job, or `nil` if no file has its final name.
    func output(ofJob id: String) throws -> URL? {
        let names = try FileManager.default.contentsOfDirectory(atPath: outputs.path)
        return names.first { $0.contains("-\(id)-1.") && !$0.contains(".part") }.map(outputs.appendingPathComponent)
    }
}
