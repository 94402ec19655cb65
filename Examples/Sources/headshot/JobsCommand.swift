import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot jobs` command, which lists the jobs that have not been delivered.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the jobs that are not delivered, or forget one.",
        discussion: """
            Each line has our id, the service, the operation, the service's id, the age, and the folder for the outputs; the \
            oldest comes first. Without an id of the service it says "in-progress" while a process is at it, and "unconfirmed" \
            otherwise. It costs nothing, needs no key and no network.

            An unconfirmed job may exist and may have been paid for: its response was lost. Look at the account's credits or its \
            library; then forget it.

            With --json each line is an object: {"local_id", "id", "service", "operation", "state", "created_at", "directory", \
            "files", "in_progress"}. "state" is accepted, unconfirmed, or intended: about to be created, and unconfirmed unless \
            "in_progress", which says that a process is at it.

            \(TrackedStore.help)

            \(ExitStatus.help)
            """
    )

    @Option(
        help: ArgumentHelp(
            "Forget a job, by either id or its beginning, four characters at least. Nothing happens to it at the service.",
            valueName: "id"
        )
    )
    var forget: String?

    @Flag(help: "Print one JSON object for each job, each on a line.")
    var json = false

    func run() async throws {
        let directory = TrackedStore.usualDirectory()
        guard let store = try TrackedStore(directory: directory).open() else { return }
        let contents = try store.contents()
        SetAsideFiles.warn(of: contents.quarantined, in: directory, andOfEarlierOnes: true)
        if let forget {
            try Self.forget(try contents.records.one(named: forget, in: store), in: store)
        } else if contents.records.isEmpty {
            Console.note("There are no unfinished jobs.")
        } else if json {
            for record in contents.records {
                try Console.result(try JobLine(record, isInProgress: store.isInProgress(record)).jsonLine)
            }
        } else {
            for line in contents.records.lines(in: store) { try Console.result(Console.printable(line)) }
        }
    }

    private static func forget(_ record: JobRecord, in store: FileJobStore) throws {
        guard let claim = try store.claim(record.id) else {
            let message = "\(record.title) is being worked on elsewhere. Wait until the other worker finishes."
            throw ToolError(status: .other, code: HeadshotKitError.Code.jobInUse.rawValue, message: message)
        }
        defer { claim.release() }
        try store.remove(record.id)
        Console.note("\(record.title) is forgotten.")
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
