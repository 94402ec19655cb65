import ArgumentParser
import Foundation
import HeadshotKitTesting
import SimulatorServer

/// The `headshot simulate` command, which runs both services on this machine for developers who build on them.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate both services on this machine, for free, until Ctrl-C.",
        discussion: """
            The simulator behaves like Magic Hour and ModelsLab, with uploads, jobs, credits and URLs. However, the photos are \
            drawings, the videos are empty, and no webhook is sent. Standard output contains the lines to paste into another shell.
            """
    )

    @Option(help: ArgumentHelp("The port, or 0 for any free port.", valueName: "n"))
    var port: UInt16 = 8765

    @Option(help: ArgumentHelp("The rendering time of a job, in seconds.", valueName: "s"))
    var jobSeconds = 5.0

    func validate() throws {
        guard (0...86_400).contains(jobSeconds) else { throw ValidationError("--job-seconds must be from 0 to 86400.") }
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
        Console.note(
            "Paste these lines into another shell, and run: headshot create PHOTO. To stop the simulator, press Ctrl-C."
        )
        try await Interruption.wait()
        await server.stop()
    }
}
