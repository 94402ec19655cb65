import ArgumentParser
import FaultyServer
import Foundation
import HeadshotKitTesting

/// The `chaos batch` command, which runs `headshot batch` with many photos against failing services, kills the process, and runs it again.
///
/// At the end, every photo is delivered or has an error that explains the failure. All charges belong to delivered photos or to jobs that
/// are reported as unconfirmed.
struct ChaosBatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Runs headshot batch, kills it, runs it again, and checks the charges."
    )

    @Option(help: "The number of photos.") var photos = 200
    @Option(help: "The seed of the faults. Random by default.") var seed: UInt64?
    @Option(help: "The share of requests with a fault, from 0 to 1.") var faults = 0.05
    @Option(help: "The number of kills.") var kills = 3
    @Option(help: "The directory for the photos, the headshots, and their page. Temporary by default.")
    var output: String?

    func validate() throws {
        guard (1...10_000).contains(photos) else { throw ValidationError("--photos must be from 1 to 10000.") }
        guard (0..<photos).contains(kills) else { throw ValidationError("--kills must be less than --photos.") }
        guard (0...1).contains(faults) else { throw ValidationError("--faults must be from 0 to 1.") }
    }

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        print("seed \(seed): \(photos) photos, \(kills) kills, \(faults * 100) % faults")
        let root =
            output.map { URL(fileURLWithPath: $0, isDirectory: true) }
            ?? FileManager.default.temporaryDirectory.appendingPathComponent(
                "headshot-batch-\(seed)-\(UUID().uuidString)"
            )
        let service = SimulatedService(configuration: configuration)
        let schedule = RandomFaultSchedule(seed: seed, share: faults)
        let gateway = try await FaultyGateway.start(service) { schedule.fault(at: $0) }
        let batch = BatchProcess(root: root, server: gateway, configuration: service.configuration)
        let digests = try batch.writePhotos(photos)

        let start = ContinuousClock.now
        var killed = 0
        for kill in 1..<kills + 1 {
            let limit = photos * kill / (kills + 1)
            if try await batch.runAndKill(when: { service.ledger.count >= limit }) { killed += 1 }
        }
        let lines = try await batch.runToEnd()
        let inspection = try await BatchInspection(service, digests, lines)
        await gateway.stop()

        print("photos       \(photos): \(inspection.delivered) delivered, \(inspection.explained) explained")
        for (code, count) in inspection.codes.sorted(by: { $0.key < $1.key }) {
            print("             \(code): \(count)")
        }
        print("ledger       \(inspection.charges) charges, \(inspection.unconfirmedCharged) of them unconfirmed")
        print("processes    \(killed) killed")
        print("requests     \(schedule.requestCount), \(schedule.faultCount) with a fault")
        let seconds = ((ContinuousClock.now - start) / .seconds(1)).formatted(.number.precision(.fractionLength(1)))
        print("seconds      \(seconds)")
        guard inspection.violations.isEmpty, killed == kills else {
            for violation in inspection.violations { print("VIOLATION: \(violation)") }
            print("\(killed) of \(kills) processes were killed. The files are in \(root.path).")
            throw ExitCode.failure
        }
        if output == nil { try FileManager.default.removeItem(at: root) }
        print("seed \(seed): no photo was lost or paid for twice")
    }

    private var configuration: SimulatedService.Configuration {
        var configuration = SimulatedService.Configuration()
        configuration.credits = photos * 200
        configuration.queueDuration = .milliseconds(20)
        configuration.jobDuration = .milliseconds(200)
        configuration.outputPixels = 96
        return configuration
    }
}

/// The process of `headshot batch`, which is next to this executable.
private struct BatchProcess {
    let root: URL
    let server: FaultyGateway
    let configuration: SimulatedService.Configuration

    private static let maximumDuration: Duration = .seconds(600)

    /// A line of `headshot batch --json`.
    struct Line: Decodable {
        struct Failure: Decodable { let code: String }
        struct Output: Decodable { let path: String? }

        let photo: String
        let id: String?
        let status: String?
        let outputs: [Output]
        let error: Failure?
    }

    /// Writes the photos of different people and their names, and returns the digest of each by its path.
    func writePhotos(_ count: Int) throws -> [UInt64: String] {
        let team = root.appendingPathComponent("team")
        try FileManager.default.createDirectory(at: team, withIntermediateDirectories: true)
        var digests: [UInt64: String] = [:]
        var table = "photo,name\n"
        for number in 1...count {
            let photo =
                SampleMedia.portraitPNG(width: 96, height: 96, seed: UInt64(number)) + Data("person \(number)".utf8)
            try photo.write(to: team.appendingPathComponent("\(number).png"))
            digests[SimulatedService.Upload.digest(of: photo)] = "team/\(number).png"
            table += "\(number).png,Person \(number)\n"
        }
        try Data(table.utf8).write(to: root.appendingPathComponent("team.csv"))
        return digests
    }

    /// Runs the process, and kills it when a condition is true. Returns `false` if it ended before.
    func runAndKill(when condition: () -> Bool) async throws -> Bool {
        let process = try start(writing: "interrupted.json")
        while process.isRunning, !condition() { try await Task.sleep(for: .milliseconds(3)) }
        guard process.isRunning else { return false }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return true
    }

    /// Runs the process to its end, and returns its results.
    func runToEnd() async throws -> [Line] {
        let process = try start(writing: "results.json")
        let end = ContinuousClock.now + Self.maximumDuration
        while process.isRunning {
            guard ContinuousClock.now < end else {
                kill(process.processIdentifier, SIGKILL)
                throw ValidationError("headshot batch did not end within \(Self.maximumDuration).")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        guard [0, 11].contains(process.terminationStatus) else {
            throw ValidationError("headshot batch ended with status \(process.terminationStatus).")
        }
        let text = try String(contentsOf: root.appendingPathComponent("results.json"), encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    private func start(writing results: String) throws -> Process {
        let process = Process()
        let executable = try WorkerProcess.executable().deletingLastPathComponent().appendingPathComponent("headshot")
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw ValidationError("\(executable.path) does not exist. Build the product headshot first.")
        }
        process.executableURL = executable
        process.arguments = ["batch", "team", "--output", "made", "--csv", "team.csv", "--page", "--json"]
        process.currentDirectoryURL = root
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": root.path, "HEADSHOT_STORE": root.appendingPathComponent("store").path,
            "MAGIC_HOUR_API_KEY": configuration.magicHourKey, "MAGIC_HOUR_BASE_URL": server.baseURL.absoluteString,
            "HEADSHOT_JOB_TIME": "0.3s",
        ]
        for (name, file) in [("out", results), ("err", "log.txt")] {
            let url = root.appendingPathComponent(file)
            try Data().write(to: url)
            let handle = try FileHandle(forWritingTo: url)
            if name == "out" { process.standardOutput = handle } else { process.standardError = handle }
        }
        try process.run()
        return process
    }
}

/// The inspection at the end of a batch, which checks the service's ledger against the results and the files.
private struct BatchInspection {
    private(set) var delivered = 0
    private(set) var explained = 0
    /// The number of failures by error code.
    private(set) var codes: [String: Int] = [:]
    private(set) var charges = 0
    /// The number of charges for photos that are reported as unconfirmed.
    private(set) var unconfirmedCharged = 0
    private(set) var violations: [String] = []

    init(_ service: SimulatedService, _ digests: [UInt64: String], _ lines: [BatchProcess.Line]) async throws {
        let uploads = Dictionary(service.uploads.map { ($0.filePath, $0.digest) }) { first, _ in first }
        let photos = Dictionary(
            uniqueKeysWithValues: service.jobs.map { job in
                (job.id, job.media.compactMap { uploads[$0] }.compactMap { digests[$0] }.first)
            }
        )
        var paid: [String: String] = [:]
        for entry in service.ledger where entry.kind == .charge {
            charges += 1
            guard let photo = photos[entry.jobID] ?? nil else {
                violations.append("job \(entry.jobID) is of no photo")
                continue
            }
            if let other = paid.updateValue(entry.jobID, forKey: photo) {
                violations.append("\(photo) was paid for twice: \(other), \(entry.jobID)")
            }
        }
        let results = Dictionary(grouping: lines, by: \.photo)
        for photo in digests.values {
            guard let line = results[photo]?.first, results[photo]?.count == 1 else {
                violations.append("\(photo) has \(results[photo]?.count ?? 0) results")
                continue
            }
            if let error = line.error {
                explained += 1
                codes[error.code, default: 0] += 1
                if paid[photo] != nil {
                    unconfirmedCharged += 1
                    if error.code != "submissionUnconfirmed" {
                        violations.append("\(photo) was paid for and failed: \(error.code)")
                    }
                }
            } else {
                delivered += 1
                try await check(line, paidAs: paid[photo], service)
            }
        }
        if charges != delivered + unconfirmedCharged {
            violations.append("\(charges) charges, \(delivered) deliveries, and \(unconfirmedCharged) unconfirmed")
        }
        if !service.ledger.allSatisfy({ $0.kind == .charge }) { violations.append("there are refunds") }
    }

    private mutating func check(_ line: BatchProcess.Line, paidAs id: String?, _ service: SimulatedService) async throws
    {
        guard let id, line.id == id, line.status == "complete" else {
            violations.append("\(line.photo) was delivered as \(line.id ?? "no job") and paid for as \(id ?? "no job")")
            return
        }
        let files = try line.outputs.map { try Data(contentsOf: URL(fileURLWithPath: $0.path ?? "")) }
        if try await files != service.originals(ofJob: id) {
            violations.append("the file of \(line.photo) is not the output")
        }
    }
}
