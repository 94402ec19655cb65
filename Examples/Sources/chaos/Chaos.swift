import ArgumentParser

/// The chaos test. It runs hundreds of jobs of both services in processes that are killed at random moments and restarted,
/// through a gateway that injects faults into a tenth of all requests.
///
/// At the end, no paid job is lost, and no job is paid for twice.
@main
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Runs jobs through failing services in processes that are killed, and checks the charges.",
        subcommands: [ChaosRun.self, ChaosBatch.self, ChaosWorker.self],
        defaultSubcommand: ChaosRun.self
    )
}
