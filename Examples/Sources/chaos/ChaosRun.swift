import ArgumentParser
import FaultyServer
import Foundation
import HeadshotKitTesting
import TLSProxy

/// The `chaos run` command, which starts the services, the fault schedule, and the workers.
struct ChaosRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the jobs and checks the results."
    )

    @Option(help: "The number of jobs. Every second job uses ModelsLab.") var jobs = 500
    @Option(help: "The number of orders, each of which is delivered to all workers at once. Replaces --jobs.")
    var orders: Int?
    @Flag(help: "Find jobs whose create request was not answered by webhook events.") var correlation = false
    @Option(help: "The seed of the faults and kills. Random by default.") var seed: UInt64?
    @Option(help: "The number of worker processes.") var workers = 4
    @Option(help: "The share of requests with a fault, from 0 to 1.") var faults = 0.1
    @Option(help: "The network: plain, tls (with HTTP/1.1) or http2 (over TLS).") var network =
        NetworkArgument.plain
    @Option(help: "The maximum number of kills per worker.") var kills = 40
    @Option(help: "The size of every output in bytes.") var outputBytes = 150_000
    @Flag(help: "Keep the directory of a successful run.") var keep = false

    static let magicHourKey = "mhk_live_chaos"
    static let modelsLabKey = "modelslab-chaos-key"

    func validate() throws {
        guard orders == nil || !correlation else { throw ValidationError("Use either --orders or --correlation.") }
    }

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        print(
            "seed \(seed): \(count) \(orders == nil ? "jobs" : "orders"), \(workers) workers, \(faults * 100) % faults, \(network.network.rawValue)"
        )
        guard network.network.isAvailable else { throw ValidationError(Network.advice) }
        let runDirectory = RunDirectory(
            root: FileManager.default.temporaryDirectory.appendingPathComponent(
                "headshot-chaos-\(seed)-\(UUID().uuidString)"
            )
        )
        try runDirectory.make()
        try SampleMedia.portraitPNG(width: 64, height: 64).write(to: runDirectory.photo)
        let service = SimulatedService(configuration: configuration)
        let schedule = RandomFaultSchedule(seed: seed, share: faults)
        let gateway = try await FaultyGateway.start(service) { schedule.fault(at: $0) }
        let route = try await network.network.open(to: gateway.baseURL) { request in
            schedule.streamFault(at: ServiceStep(method: request.method, path: request.target))
        }
        service.publicURL = route.baseURL
        let webhooks =
            correlation ? try WebhookRun(service, runDirectory, server: route.baseURL, seed: seed) : nil
        let start = ContinuousClock.now
        let outcomes = try await work(route.baseURL, runDirectory, seed)
        try await webhooks?.finish()
        let report = ChaosReport(outcomes, schedule, ContinuousClock.now - start)
        let violations = try await inspect(service, runDirectory, webhooks, report)
        await route.close()
        await gateway.stop()

        guard violations.isEmpty else {
            for violation in violations { print("VIOLATION: \(violation)") }
            print("The files are in \(runDirectory.root.path). To repeat the run: \(command(seed))")
            throw ExitCode.failure
        }
        if !keep { try FileManager.default.removeItem(at: runDirectory.root) }
        print("seed \(seed): no \(orders == nil ? "job" : "order") was lost or charged twice")
    }

    /// The number of jobs or orders.
    private var count: Int { orders ?? jobs }

    private func command(_ seed: UInt64) -> String {
        let mode = orders.map { "--orders \($0)" } ?? "--jobs \(jobs)"
        return "chaos \(mode) --seed \(seed) --network \(network.rawValue)\(correlation ? " --correlation" : "")"
    }

    private func inspect(
        _ service: SimulatedService,
        _ runDirectory: RunDirectory,
        _ webhooks: WebhookRun?,
        _ report: ChaosReport
    ) async throws -> [String] {
        if let orders {
            let inspection = try await OrderInspection(service, runDirectory, orders: orders)
            try report.print(inspection, runDirectory, of: orders)
            return report.problems + inspection.violations
        }
        let found = await webhooks?.receiver.found ?? []
        var inspection = try await Inspection(service, runDirectory, jobs: jobs, found: found)
        try await webhooks?.check(&inspection, service, runDirectory)
        report.print(inspection, of: jobs)
        await webhooks?.report()
        return report.problems + inspection.violations
    }

    private var configuration: SimulatedService.Configuration {
        var configuration = SimulatedService.Configuration()
        configuration.magicHourKey = Self.magicHourKey
        configuration.modelsLabKey = Self.modelsLabKey
        configuration.credits = count * 200
        configuration.walletCents = count * 200
        configuration.queueDuration = .milliseconds(20)
        configuration.jobDuration = .milliseconds(120)
        configuration.queueLimit = 1_000
        // Most events arrive while a worker has the job, so a second would let a run wait.
        configuration.webhookRetryDelay = .milliseconds(50)
        configuration.outputPixels = 64
        configuration.outputBytes = outputBytes
        return configuration
    }

    private func work(_ server: URL, _ runDirectory: RunDirectory, _ seed: UInt64) async throws -> [WorkerProcess
        .ProcessOutcome]
    {
        // The message of an order is delivered to all workers, and a job belongs to one.
        let share = orders ?? (jobs + workers - 1) / workers
        return try await withThrowingTaskGroup(of: WorkerProcess.ProcessOutcome.self) { group in
            for number in 0..<workers where orders != nil || number * share < jobs {
                let first = orders == nil ? number * share : 0
                let worker = WorkerProcess(
                    arguments: [
                        "--directory", runDirectory.root.path, "--server", server.absoluteString,
                        "--first", String(first), "--count", String(min(share, count - first)),
                    ] + (correlation ? ["--correlation"] : []) + (orders == nil ? [] : ["--orders"]),
                    temporary: runDirectory.temporary,
                    seed: seed,
                    number: number,
                    maximumKills: kills
                )
                group.addTask { try await worker.run() }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// A network, as named on the command line.
enum NetworkArgument: String, ExpressibleByArgument, CaseIterable {
    case plain, tls, http2

    var network: Network {
        switch self {
        case .plain: .plain
        case .tls: .tls
        case .http2: .http2
        }
    }
}
