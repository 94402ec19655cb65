import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot webhook` command, which groups the commands about webhook requests.
struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Check webhook requests of Magic Hour.",
        subcommands: [WebhookVerifyCommand.self]
    )
}

/// The `headshot webhook verify` command, which checks the signature of a webhook request and prints its event.
struct WebhookVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify the signature of a webhook request of Magic Hour, and print its event.",
        usage: "headshot webhook verify <file> --signature <signature> --timestamp <timestamp> [<options>]",
        discussion: """
            Set the secret of the webhook in MAGIC_HOUR_WEBHOOK_SECRET. While you replace a secret, set both, separated by a \
            comma. The command needs neither a key nor a network.

            Standard output contains the type of the event and the ID, the status, and the name of its project. With --json, it \
            contains one object: {"type", "id", "status", "name", "outputs", "local_id"}. Unknown values are null. "local_id" is \
            the ID of the job in headshot jobs. The URLs of "outputs" grant access to the files.

            A request that is not signed with the secret, or is more than five minutes old, exits with code 3.

            \(HelpTopics.reference)
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The file with the unchanged body of the request, or - for standard input.",
            valueName: "file"
        )
    )
    var file: String

    @Option(help: ArgumentHelp("The value of the header field magic-hour-event-signature.", valueName: "signature"))
    var signature: String

    @Option(help: ArgumentHelp("The value of the header field magic-hour-event-timestamp.", valueName: "timestamp"))
    var timestamp: String

    @Option(
        help: ArgumentHelp(
            "The time at which the request is verified, in seconds since 1970. (default: the current time)",
            valueName: "time"
        )
    )
    var now: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let time = now.map { Date(timeIntervalSince1970: Double($0)) }
        let verifier = try MagicHour.WebhookVerifier(secrets: try Self.secrets()) { time ?? Date() }
        let event = try verifier.event(
            body: try InputFile(file).read(upTo: MagicHour.WebhookVerifier.maximumBodyBytes),
            headers: [
                MagicHour.WebhookVerifier.signatureHeader: signature,
                MagicHour.WebhookVerifier.timestampHeader: timestamp,
            ]
        )
        let record = try await Self.record(of: event)
        if json {
            try Console.result(try EventLine(event: event, localID: record?.id).jsonLine)
            return
        }
        let fields = [event.type.rawValue, event.projectID, event.status?.rawValue, event.name]
        try Console.result(Console.printable(fields.compactMap { $0 }.joined(separator: "  ")))
        if let record {
            Console.note("The event is about a stored job. To continue: \(Program.name) resume \(record.typedName)")
        } else {
            Console.note("The event is not about a job in headshot jobs.")
        }
    }

    private static func secrets() throws -> [String] {
        let name = "MAGIC_HOUR_WEBHOOK_SECRET"
        let secrets = (ProcessInfo.processInfo.environment[name] ?? "").split(separator: ",").map(String.init)
        guard secrets.contains(where: { $0.contains { !$0.isWhitespace } }) else {
            throw ToolError(
                status: .key,
                code: "missingWebhookSecret",
                message: "\(name) is not set. Copy the secret of your webhook from the Developer Hub of Magic Hour."
            )
        }
        return secrets
    }

    /// Returns the stored job that an event is about, or `nil` if there is none.
    private static func record(of event: MagicHour.WebhookEvent) async throws -> JobRecord? {
        let directory = TrackedStore.defaultDirectory()
        // The command must not create a store.
        guard FileManager.default.fileExists(atPath: directory.path),
            let store = try TrackedStore(directory: directory).open()
        else { return nil }
        return try await store.records().first { record in
            guard record.service == .magicHour else { return false }
            if let job = record.job { return job.id == event.projectID }
            return record.correlationTag.map { event.name?.hasSuffix($0) == true } ?? false
        }
    }
}

/// An event as printed by `headshot webhook verify --json`.
private struct EventLine: Encodable {
    let event: MagicHour.WebhookEvent
    let localID: UUID?

    private struct Output: Encodable {
        let url: URL
    }

    private enum CodingKeys: String, CodingKey {
        case type, id, status, name, outputs
        case localID = "local_id"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        // An unknown value is encoded as `null`, because scripts rely on the key.
        try fields.encode(event.type.rawValue, forKey: .type)
        try fields.encode(event.projectID, forKey: .id)
        try fields.encode(event.status?.rawValue, forKey: .status)
        try fields.encode(event.name, forKey: .name)
        try fields.encode(event.downloads.map { Output(url: $0.url) }, forKey: .outputs)
        try fields.encode(localID?.uuidString.lowercased(), forKey: .localID)
    }
}
