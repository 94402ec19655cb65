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

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        print("seed \(seed): \(jobs) jobs, \(workers) workers, \(faults * 100) % faults, \(network.network.rawValue)")
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
        let start = ContinuousClock.now
        let outcomes = try await work(route.baseURL, runDirectory, seed)
        let duration = ContinuousClock.now - start
        let inspection = try await Inspection(service, runDirectory, jobs: jobs)
        await route.close()
        await gateway.stop()

        let violations = outcomes.compactMap(\.problem) + inspection.violations
        report(inspection, outcomes, schedule, duration)
        guard violations.isEmpty else {
            for violation in violations { print("VIOLATION: \(violation)") }
            print(
                "The files are in \(runDirectory.root.path). To repeat the run: chaos --jobs \(jobs) --seed \(seed) --network \(network.rawValue)"
            )
            throw ExitCode.failure
        }
        if !keep { try FileManager.default.removeItem(at: runDirectory.root) }
        print("seed \(seed): no job was lost or charged twice")
    }

    private var configuration: SimulatedService.Configuration {
        var configuration = SimulatedService.Configuration()
        configuration.magicHourKey = Self.magicHourKey
        configuration.modelsLabKey = Self.modelsLabKey
        configuration.credits = jobs * 200
        configuration.walletCents = jobs * 200
        configuration.queueDuration = .milliseconds(20)
        configuration.jobDuration = .milliseconds(120)
        configuration.queueLimit = 1_000
        configuration.outputPixels = 64
        configuration.outputBytes = outputBytes
        return configuration
    }

    private func work(_ server: URL, _ runDirectory: RunDirectory, _ seed: UInt64) async throws -> [WorkerProcess
        .ProcessOutcome]
    {
        let share = (jobs + workers - 1) / workers
        return try await withThrowingTaskGroup(of: WorkerProcess.ProcessOutcome.self) { group in
            for number in 0..<workers where number * share < jobs {
                let first = number * share
                let worker = WorkerProcess(
                    arguments: [
                        "--directory", runDirectory.root.path, "--server", server.absoluteString,
                        "--first", String(first), "--count", String(min(share, jobs - first)),
                    ],
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

    private func report(
        _ found: Inspection,
        _ outcomes: [WorkerProcess.ProcessOutcome],
        _ schedule: RandomFaultSchedule,
        _ duration: Duration
    ) {
        let kills = outcomes.map(\.kills).reduce(0, +)
        let starts = outcomes.map(\.starts).reduce(0, +)
        print(
            "jobs         \(jobs): \(found.delivered) delivered, \(found.failed) failed and refunded, \(found.unconfirmed) unconfirmed (\(found.unconfirmedCharged) of them charged)"
        )
        print("ledger       \(found.charges) charges, \(found.refunds) refunds")
        print("processes    \(kills) killed, \(starts - outcomes.count) restarts")
        print(
            "requests     \(schedule.requestCount), \(schedule.faultCount) with a fault: "
                + schedule.faultCounts.map { "\($0.step.rawValue) \($0.count)" }.joined(separator: ", ")
        )
        print("leftovers    \(found.leftoverFiles) small files, \(found.keysLeft) with a key")
        print("seconds      \((duration / .seconds(1)).formatted(.number.precision(.fractionLength(1))))")
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
