import ArgumentParser

/// Hundreds of jobs of both services, through a gateway that spoils a tenth of all requests, in processes that are killed at any
/// moment and started again. At the end nothing that was paid for is lost, and nothing was paid for twice.
@main
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Runs jobs through failing services in processes that are killed, and checks the money.",
        subcommands: [ChaosRun.self, ChaosWorker.self],
        defaultSubcommand: ChaosRun.self
    )
}
