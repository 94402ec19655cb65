import ArgumentParser
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer

/// The `headshot simulate` command, which runs both services on this machine for developers who build on them.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate both services on this machine, for free, until Ctrl-C.",
        discussion: """
            The simulator behaves like Magic Hour and ModelsLab, with uploads, jobs, credits and URLs. However, the photos are \
            drawings, and the videos are empty. Standard output contains the lines to paste into another shell. One of them, \
            \(PollingPolicy.timeVariable), is the expected time of a simulated job, so that the tool does not poll too late.

            With --webhook, Magic Hour's webhook requests are sent to your handler, signed with the secret that is printed. \
            ModelsLab's webhook requests are sent to the URL in the request that creates the job.
            """
    )

    @Option(help: ArgumentHelp("The port, or 0 for any free port.", valueName: "n"))
    var port: UInt16 = 8765

    // Unconditional, so that a negative number is named and not taken for an option.
    @Option(parsing: .unconditional, help: ArgumentHelp("The rendering time of a job, in seconds.", valueName: "s"))
    var jobSeconds = 5.0

    @Option(help: ArgumentHelp("The URL to which webhook requests are sent. (default: no webhooks)", valueName: "url"))
    var webhook: String?

    private static let webhookSecret = "whsec_simulated"

    func validate() throws {
        if let webhook { _ = try Self.url(webhook) }
        guard (0...86_400).contains(jobSeconds) else {
            throw ValidationError("--job-seconds is \(jobSeconds); allowed: 0 to 86400.")
        }
    }

    func run() async throws {
        var configuration = SimulatedService.Configuration()
        configuration.jobDuration = .seconds(jobSeconds)
        // Enough credits for a day of experiments.
        configuration.credits = 1_000_000
        configuration.walletCents = 1_000_000
        // A time of 0 is not a duration.
        let expectedTime = max(configuration.queueDuration + configuration.jobDuration, .milliseconds(100))
        let service = SimulatedService(configuration: configuration)
        if let webhook { service.postWebhooks(to: try Self.url(webhook), secret: Self.webhookSecret) }
        let server = try await SimulatorServer.start(service, port: port)
        try Console.result(
            """
            # Magic Hour and ModelsLab, simulated at \(server.baseURL.absoluteString)
            export MAGIC_HOUR_BASE_URL=\(server.magicHourURL.absoluteString)
            export MAGIC_HOUR_API_KEY=\(configuration.magicHourKey)
            export MODELSLAB_BASE_URL=\(server.modelsLabURL.absoluteString)
            export MODELSLAB_API_KEY=\(configuration.modelsLabKey)
            export \(PollingPolicy.timeVariable)=\(expectedTime / .seconds(1))s
            """
        )
        if webhook != nil { try Console.result("export MAGIC_HOUR_WEBHOOK_SECRET=\(Self.webhookSecret)") }
        Console.note(
            "Paste these lines into another shell, and run: \(Program.name) create PHOTO. To stop the simulator, press Ctrl-C."
        )
        try await Interruption.wait()
        await server.stop()
    }

    private static func url(_ text: String) throws -> URL {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
            url.host?.isEmpty == false
        else { throw ValidationError("--webhook: “\(text)” is not an http or https URL.") }
        return url
    }
}
