import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot jobs` command, which lists the jobs that have not been delivered.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the jobs that were not delivered, or discard one.",
        discussion: """
            Each line has the local ID, the service, the operation, the service's ID, the age and the output directory of a job. The \
            oldest job comes first. If the service's ID is unknown, the line has "in-progress" while a process is working on the \
            job, and "unconfirmed" otherwise. The command costs nothing and needs neither a key nor a network.

            An unconfirmed job may exist and may have been charged, because the response was lost. Look for the job in the \
            account's library. If it is there, run headshot resume ID --service SERVICE with its ID. Then discard the record.

            With --json, each line is an object: {"local_id", "id", "service", "operation", "state", "created_at", "directory", \
            "files", "in_progress"}. "state" is accepted, unconfirmed or intended. An intended job is about to be created if \
            "in_progress" is true, and is unconfirmed otherwise. "in_progress" is true while a process is working on the job.

            \(HelpTopics.reference)
            """
    )

    @Option(
        help: ArgumentHelp(
            "Discard a job, named by either ID or a prefix of at least four characters. The job at the service is not affected.",
            valueName: "id"
        )
    )
    var discard: String?

    @Flag(help: "Print one JSON object per job, one per line.")
    var json = false

    func run() async throws {
        let directory = TrackedStore.defaultDirectory()
        guard let store = try TrackedStore(directory: directory).open() else { return }
        let records = try await store.unfinished()
        try await store.warnOfQuarantinedFiles()
        if let discard {
            try await Self.discard(try await records.one(named: discard, in: store), in: store)
        } else if records.isEmpty {
            Console.note("There are no unfinished jobs.")
        } else if json {
            for record in records {
                try Console.result(try JobLine(record, isInProgress: await store.isInProgress(record)).jsonLine)
            }
        } else {
            for line in await records.lines(in: store, columns: Console.outputColumns) {
                try Console.result(Console.printable(line))
            }
        }
    }

    private static func discard(_ record: JobRecord, in store: FileJobStore) async throws {
        guard let claim = try await store.claim(record.id) else {
            let message =
                "\(record.title) was not discarded, because another process is working on the job. "
                + "Wait until the other process finishes."
            throw ToolError(status: .other, code: HeadshotKitError.Code.jobInUse.rawValue, message: message)
        }
        // The claim ends with this process at the latest.
        try await store.remove(record.id)
        await claim.release()
        Console.note("\(record.title) was discarded.")
    }
}

/// A job as printed by `headshot jobs --json`.
private struct JobLine: Encodable {
    let record: JobRecord
    let isInProgress: Bool

    init(_ record: JobRecord, isInProgress: Bool) {
        self.record = record
        self.isInProgress = isInProgress
    }

    private enum CodingKeys: String, CodingKey {
        case id, service, operation, state, directory, files
        case localID = "local_id"
        case createdAt = "created_at"
        case inProgress = "in_progress"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(record.id.uuidString.lowercased(), forKey: .localID)
        // An unknown ID is encoded as `null`, because scripts rely on the key.
        try fields.encode(record.job?.id, forKey: .id)
        try fields.encode(record.service, forKey: .service)
        try fields.encode(record.operation, forKey: .operation)
        try fields.encode(record.state, forKey: .state)
        try fields.encode(record.createdAt, forKey: .createdAt)
        try fields.encode(record.directory, forKey: .directory)
        try fields.encode(record.files.sorted { $0.key < $1.key }.map(\.value), forKey: .files)
        try fields.encode(isInProgress, forKey: .inProgress)
    }
}
