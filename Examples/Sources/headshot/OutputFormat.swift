import ArgumentParser
import Foundation
import HeadshotKit

/// The format of the results on standard output.
enum OutputFormat: Sendable {
    /// The paths of the saved files.
    case text
    /// One object for a job, with the URLs of its outputs.
    case json
    /// One object for an event, and one for the result, without URLs.
    case events

    /// Returns a report in the format. Not for text.
    func line(of report: JobReport) throws -> String {
        guard self == .events else { return try report.jsonLine }
        var report = report
        report.event = "result"
        report.time = EventLog.timestamp()
        for index in report.outputs.indices { report.outputs[index].url = nil }
        return try report.jsonLine
    }
}

/// The options for the format of the results.
struct FormatOptions: ParsableArguments {
    enum Name: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Flag(help: "Print one JSON object per job instead of paths or an ID.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "text, or json for one JSON object per event and one for the result. See: headshot help output",
            valueName: "format"
        )
    )
    var format = Name.text

    func validate() throws {
        if json, format == .json { throw ValidationError("Use --json or --format json, not both.") }
    }

    var value: OutputFormat { json ? .json : format == .json ? .events : .text }
}

/// The lines of `--format json` about one job.
final class EventLog: @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state. Events arrive on any thread.
    private let lock = NSLock()
    private let photo: String?
    private var id: String?
    private var isBroken = false

    /// Creates a log, or `nil` if the format has no events.
    ///
    /// - Parameters:
    ///   - id: The service's ID of the job, if it is known.
    ///   - photo: The path of the photo in a batch.
    init?(_ format: OutputFormat, id: String? = nil, photo: String? = nil) {
        guard format == .events else { return nil }
        (self.id, self.photo) = (id, photo)
    }

    func print(_ event: GenerationEvent) {
        lock.withLock {
            switch event {
            case .submitted(let job), .resumed(let job): id = job.id
            default: break
            }
            guard !isBroken else { return }
            do {
                try Console.result(try EventLine(event: event, id: id, photo: photo).jsonLine)
            } catch {
                // The line of the result cannot be written either, and is reported.
                isBroken = true
            }
        }
    }

    /// Returns the current time, such as `2026-11-27T12:00:00.000Z`.
    static func timestamp() -> String { Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }
}

/// An event of a job as printed by `--format json`.
private struct EventLine: Encodable {
    let event: GenerationEvent
    let id: String?
    let photo: String?

    private enum CodingKeys: String, CodingKey {
        case event, time, id, photo, completed, total, service, operation, status, output, outputs, path, count, reason
        case creditsCharged = "credits_charged"
        case seconds = "retry_in_seconds"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        func encode(_ name: String, _ values: [(CodingKeys, (any Encodable)?)]) throws {
            try fields.encode(name, forKey: .event)
            for (key, value) in values {
                if let value { try fields.encode(value, forKey: key) } else { try fields.encodeNil(forKey: key) }
            }
        }
        try fields.encode(EventLog.timestamp(), forKey: .time)
        // An unknown ID is encoded as `null`, because scripts rely on the key.
        try fields.encode(id, forKey: .id)
        try fields.encodeIfPresent(photo, forKey: .photo)
        switch event {
        case .uploading(let progress):
            try encode("uploading", [(.completed, progress.completed), (.total, progress.total)])
        case .submitted(let job):
            try encode(
                "submitted",
                [(.service, job.service), (.operation, job.operation), (.creditsCharged, job.creditsCharged)]
            )
        case .resumed(let job):
            try encode("resumed", [(.service, job.service), (.operation, job.operation)])
        case .status(let status):
            try encode("status", [(.status, status)])
        case .downloading(let output, let count, let progress):
            try encode(
                "downloading",
                [(.output, output), (.outputs, count), (.completed, progress.completed), (.total, progress.total)]
            )
        case .saved(let file):
            try encode("saved", [(.path, file.path)])
        case .outputsMissing(let count):
            try encode("outputs_missing", [(.count, count)])
        case .retrying(let reason, let pause):
            try encode("retrying", [(.reason, reason), (.seconds, pause / .seconds(1))])
        }
    }
}
