import ArgumentParser
import FaultyServer
import Foundation
import HeadshotKitTesting
import TLSProxy

/// The `chaos run` command, which starts the services, the fault schedule, and the workers.
struct ChaosRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Runs, checks and counts.")

    @Option(help: "How many jobs; every other one is ModelsLab's.") var jobs = 500
    @Option(help: "Decides about faults and kills; the same seed brings the same ones. Random unless set.") var seed:
        UInt64?
    @Option(help: "How many worker processes.") var workers = 4
    @Option(help: "The share of requests that are spoiled, from 0 to 1.") var faults = 0.1
    @Option(help: "How the workers reach the services: plain, tls (with HTTP/1.1) or http2 (over TLS).") var network =
        NetworkArgument.plain
    @Option(help: "How often a worker is killed at most.") var kills = 40
    @Option(help: "The size of every output.") var outputBytes = 150_000
    @Flag(help: "Keep the folder of a run that went well.") var keep = false

    static let magicHourKey = "mhk_live_chaos"
    static let modelsLabKey = "modelslab-chaos-key"

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        print("seed \(seed): \(jobs) jobs, \(workers) workers, \(faults * 100) % faults, \(network.network.rawValue)")
        guard network.network.isAvailable else { throw ValidationError(Network.advice) }
        let premises = Premises(
            root: FileManager.default.temporaryDirectory.appendingPathComponent(
                "headshot-chaos-\(seed)-\(UUID().uuidString)"
            )
        )
        try premises.make()
        try SampleMedia.portraitPNG(width: 64, height: 64).write(to: premises.photo)
        let service = SimulatedService(configuration: configuration)
        let weather = Weather(seed: seed, share: faults)
        let gateway = try await FaultyGateway.start(service) { weather.spoiling(at: $0) }
        let route = try await network.network.open(to: gateway.baseURL) { request in
            weather.streamFault(at: ServiceStep(method: request.method, path: request.target))
        }
        service.publicURL = route.baseURL
        let start = ContinuousClock.now
        let lives = try await work(route.baseURL, premises, seed)
        let duration = ContinuousClock.now - start
        let inspection = try await Inspection(service, premises, jobs: jobs)
        await route.close()
        await gateway.stop()

        let violations = lives.compactMap(\.problem) + inspection.violations
        report(inspection, lives, weather, duration)
        guard violations.isEmpty else {
            for violation in violations { print("VIOLATION: \(violation)") }
            print(
                "The files are in \(premises.root.path). Again: chaos --jobs \(jobs) --seed \(seed) --network \(network.rawValue)"
            )
            throw ExitCode.failure
        }
        if !keep { try FileManager.default.removeItem(at: premises.root) }
        print("seed \(seed): nothing lost, nothing paid twice")
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

    private func work(_ server: URL, _ premises: Premises, _ seed: UInt64) async throws -> [WorkerProcess.Life] {
        let share = (jobs + workers - 1) / workers
        return try await withThrowingTaskGroup(of: WorkerProcess.Life.self) { group in
            for number in 0..<workers where number * share < jobs {
                let first = number * share
                let worker = WorkerProcess(
                    arguments: [
                        "--folder", premises.root.path, "--server", server.absoluteString,
                        "--first", String(first), "--count", String(min(share, jobs - first)),
                    ],
                    temporary: premises.temporary,
                    seed: seed,
                    number: number,
                    maximumKills: kills
                )
                group.addTask { try await worker.run() }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func report(_ found: Inspection, _ lives: [WorkerProcess.Life], _ weather: Weather, _ duration: Duration) {
        let kills = lives.map(\.kills).reduce(0, +)
        let starts = lives.map(\.starts).reduce(0, +)
        print(
            "jobs         \(jobs): \(found.delivered) delivered, \(found.failed) failed and refunded, \(found.unconfirmed) unconfirmed (\(found.unconfirmedCharged) of them charged)"
        )
        print("ledger       \(found.charges) charges, \(found.refunds) refunds")
        print("processes    \(kills) killed, \(starts - lives.count) restarts")
        print(
            "requests     \(weather.requestCount), \(weather.faultCount) spoiled: "
                + weather.faultCounts.map { "\($0.step.rawValue) \($0.count)" }.joined(separator: ", ")
        )
        print("left behind  \(found.litter) small files, \(found.keysLeft) with a key")
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
