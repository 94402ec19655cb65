import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy

/// Calls of `generate` to be canceled, and the checks that follow.
struct CancelledGenerations: Sendable {
    let service: SimulatedService
    let magicHour: MagicHour
    let modelsLab: ModelsLab
    let store: FileJobStore
    let directory: URL
    /// The number of ledger entries before the calls.
    private let chargesBefore: Int

    private var photo: URL { directory.appendingPathComponent("me.png") }
    private var outputs: URL { directory.appendingPathComponent("outputs") }

    static func configuration() -> SimulatedService.Configuration {
        var configuration = SimulatedService.Configuration()
        configuration.credits = 100_000_000
        configuration.walletCents = 100_000_000
        configuration.queueLimit = 1_000_000
        configuration.queueDuration = .milliseconds(3)
        configuration.jobDuration = .milliseconds(15)
        configuration.outputPixels = 16
        configuration.outputBytes = 60_000
        return configuration
    }

    /// - Parameter directory: The directory for the photo, the outputs and the store.
    init(_ server: SimulatorServer, over route: Network.Route, directory: URL) throws {
        self.directory = directory
        service = server.service
        chargesBefore = server.service.ledger.count
        store = try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        let configuration = ClientConfiguration(
            transport: transportUnderTest,
            retry: RetryPolicy(initialDelay: .milliseconds(2), maximumDelay: .milliseconds(10)),
            durations: DurationHistory(),
            jobStore: store
        )
        magicHour = try MagicHour(
            apiKey: server.service.configuration.magicHourKey,
            baseURL: route.url(server.magicHourURL),
            configuration: configuration
        )
        modelsLab = try ModelsLab(
            apiKey: server.service.configuration.modelsLabKey,
            baseURL: route.url(server.modelsLabURL),
            maximumQueuedJobs: 12,
            configuration: configuration
        )
        try SampleMedia.portraitPNG(width: 32, height: 32).write(to: photo)
    }

    /// Calls `generate` of one of the services.
    func generate(_ number: Int) async throws {
        let options = GenerationOptions(
            downloadDirectory: outputs,
            deadline: .seconds(60),
            polling: .backoff(initial: .milliseconds(5), factor: 1, maximum: .milliseconds(5))
        )
        if number.isMultiple(of: 2) {
            _ = try await magicHour.headshots.generate(
                .init(assets: .init(imageFilePath: .file(photo)), style: .init(prompt: "call \(number).")),
                options: options
            )
        } else {
            _ = try await modelsLab.headshots.generate(
                .init(prompt: "call \(number)", faceImage: .file(photo)),
                options: options
            )
        }
    }

    // MARK: Checks

    /// Returns the names of partial downloads without a record.
    func strayParts() async throws -> [String] {
        let ids = try await store.records().compactMap { $0.job?.id }
        return try names().filter { name in name.contains(".part") && !ids.contains { name.contains("-\($0)-") } }
    }

    /// Resumes all accepted jobs and returns the problems.
    func finishAll() async throws -> [String] {
        var problems: [String] = []
        for jobs in [magicHour.jobs, modelsLab.jobs] {
            for try await (record, result) in jobs.resumeAll() where !record.isUnconfirmed {
                if case .failure(let error) = result { problems.append("\(record.state): \(error)") }
            }
        }
        let records = try await store.records()
        problems += try await store.quarantinedFiles().map { "quarantined: \($0)" }
        problems += records.filter { !$0.isUnconfirmed }.map { "not finished: \($0.id)" }
        problems += try names().filter { $0.contains(".part") }.map { "left: \($0)" }
        return try await problems + missing(unconfirmed: records)
    }

    /// The ledger entries of these calls.
    var charges: [SimulatedService.LedgerEntry] { Array(service.ledger.dropFirst(chargesBefore)) }

    /// Returns a problem for each charge without a complete file or an intent.
    private func missing(unconfirmed: [JobRecord]) async throws -> [String] {
        let requests = try unconfirmed.map { String(decoding: try JSONEncoder().encode($0.request), as: UTF8.self) }
        let jobs = Dictionary(uniqueKeysWithValues: service.jobs.map { ($0.id, $0.prompt ?? "") })
        let names = try names()
        var missing: [String] = []
        var paid: Set<String> = []
        for charge in charges {
            let prompt = jobs[charge.jobID] ?? ""
            if !paid.insert(prompt).inserted { missing.append("\(prompt) was paid twice") }
            if let name = names.first(where: { $0.contains("-\(charge.jobID)-1.") }) {
                let saved = try Data(contentsOf: outputs.appendingPathComponent(name))
                if try await service.originals(ofJob: charge.jobID) != [saved] {
                    missing.append("\(name) is not complete")
                }
            } else if !requests.contains(where: { $0.contains("\"\(prompt)\"") }) {
                missing.append("\(prompt), \(charge.jobID), is paid for and lost")
            }
        }
        return missing
    }

    private func names() throws -> [String] {
        guard FileManager.default.fileExists(atPath: outputs.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: outputs.path)
    }
}
