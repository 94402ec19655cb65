import Foundation
import HeadshotKit

/// A process that makes a talking photo from a text, or resumes all jobs, until `SpokenTextKillTests` kills it.
///
/// The arguments are `generate` or `resume`, the URL of the service, and a directory with `me.png`.
@main
struct SpokenTextWorker {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let server = URL(string: arguments[2]) else {
            throw CocoaError(.featureUnsupported)
        }
        let directory = URL(fileURLWithPath: arguments[3])
        let configuration = ClientConfiguration(
            jobStore: try FileJobStore(directory: directory.appendingPathComponent("store"))
        )
        let magicHour = try MagicHour(apiKey: "mhk_live_simulated", baseURL: server, configuration: configuration)
        let options = GenerationOptions(
            downloadDirectory: directory.appendingPathComponent("outputs"),
            polling: .backoff(initial: .milliseconds(20), factor: 1.3, maximum: .milliseconds(100))
        )
        if arguments[1] == "resume" {
            for try await outcome in magicHour.jobs.resumeAll(options: options) { _ = outcome }
        } else {
            _ = try await magicHour.talkingPhotos.generate(
                photo: .file(directory.appendingPathComponent("me.png")),
                saying: "Welcome to our team!",
                voice: "Albert Einstein",
                options: options
            )
        }
    }
}
