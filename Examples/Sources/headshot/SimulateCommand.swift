import ArgumentParser
import Foundation
import HeadshotKitTesting
import SimulatorServer

/// The `headshot simulate` command, which runs both services on this machine for developers who build on them.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run both services on this machine, for free, until Ctrl-C.",
        discussion: """
            It behaves as Magic Hour and ModelsLab do, with uploads, jobs, credits and links; only the photos are drawings, the videos empty, and no webhook is sent. \
            Standard output holds the lines that a shell needs to use it, in another window.
            """
    )

    @Option(help: ArgumentHelp("The port; 0 takes any free one.", valueName: "n"))
    var port: UInt16 = 8765

    @Option(help: ArgumentHelp("How long a job renders.", valueName: "s"))
    var jobSeconds = 5.0

    func validate() throws {
        guard (0...86_400).contains(jobSeconds) else { throw ValidationError("--job-seconds takes 0 to 86400.") }
    }

    func run() async throws {
        var configuration = SimulatedService.Configuration()
        configuration.jobDuration = .seconds(jobSeconds)
        // Enough credits for a day of experiments.
        configuration.credits = 1_000_000
        configuration.walletCents = 1_000_000
        let server = try await SimulatorServer.start(SimulatedService(configuration: configuration), port: port)
        try Console.result(
            """
            # Magic Hour and ModelsLab, simulated at \(server.baseURL.absoluteString)
            export MAGIC_HOUR_BASE_URL=\(server.magicHourURL.absoluteString)
            export MAGIC_HOUR_API_KEY=\(configuration.magicHourKey)
            export MODELSLAB_BASE_URL=\(server.modelsLabURL.absoluteString)
            export MODELSLAB_API_KEY=\(configuration.modelsLabKey)
            """
        )
        Console.note("Paste these lines into another shell, and try: headshot create PHOTO. Ctrl-C ends it.")
        try await Interruption.wait()
        await server.stop()
    }
}
