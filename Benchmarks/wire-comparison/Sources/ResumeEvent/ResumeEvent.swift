import Foundation
import HeadshotKit

/// Handles one webhook request, and prints the outcome: `ResumeEvent STORE SIGNATURE TIMESTAMP < BODY`.
///
/// The environment variables of the client set the key, the base URL, and the secret.
@main
struct ResumeEvent {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { fatalError("Usage: ResumeEvent STORE SIGNATURE TIMESTAMP < BODY") }
        let secret = ProcessInfo.processInfo.environment["MAGIC_HOUR_WEBHOOK_SECRET"] ?? ""
        let event = try MagicHour.WebhookVerifier(secret: secret).event(
            body: FileHandle.standardInput.readDataToEndOfFile(),
            headers: [
                MagicHour.WebhookVerifier.signatureHeader: arguments[2],
                MagicHour.WebhookVerifier.timestampHeader: arguments[3],
            ]
        )
        let store = try FileJobStore(directory: URL(fileURLWithPath: arguments[1]))
        let magicHour = try MagicHour(configuration: ClientConfiguration(retry: .never, jobStore: store))
        let outcome =
            switch try await magicHour.jobs.resume(event) {
            case .delivered: "delivered"
            case .pending: "pending"
            case .notOurs: "not ours"
            case .inUse: "in use"
            }
        print("\(event.type) \(event.projectID ?? "?"): \(outcome)")
    }
}
