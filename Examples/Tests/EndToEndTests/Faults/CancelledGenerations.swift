import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy

/// Whole calls of `generate` that are going to be canceled, and what has to be true of them afterwards.
struct CancelledGenerations: Sendable {
    let service: SimulatedService
    let magicHour: MagicHour
    let modelsLab: ModelsLab
    let store: FileJobStore
    let folder: URL
    /// What the service had charged before.
    private let chargesBefore: Int

    private var photo: URL { folder.appendingPathComponent("me.png") }
    private var outputs: URL { folder.appendingPathComponent("outputs") }

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

    /// - Parameter folder: Where the photo, the outputs and the store are.
    init(_ server: SimulatorServer, over route: Network.Route, folder: URL) throws {
        self.folder = folder
        service = server.service
        chargesBefore = server.service.ledger.count
        store = try FileJobStore(directory: folder.appendingPathComponent("jobs"))
        let configuration = ClientConfiguration(
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

    /// Makes a call, of either service.
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

    // MARK: Afterwards

    /// Parts of downloads that no record knows to go on with.
    func strayParts() throws -> [String] {
        let ids = try store.contents().records.compactMap { $0.job?.id }
        return try names().filter { name in name.contains(".part") && !ids.contains { name.contains("-\($0)-") } }
    }

    /// Finishes what was accepted, and tells what is wrong then.
    func finishAll() async throws -> [String] {
        var problems: [String] = []
        for jobs in [magicHour.jobs, modelsLab.jobs] {
            for (record, result) in try await jobs.resumeAll() where !record.isUnconfirmed {
                if case .failure(let error) = result { problems.append("\(record.state): \(error)") }
            }
        }
        let contents = try store.contents()
        problems += contents.quarantined.map { "set aside: \($0)" }
        problems += contents.records.filter { !$0.isUnconfirmed }.map { "not finished: \($0.id)" }
        problems += try names().filter { $0.contains(".part") }.map { "left: \($0)" }
        return try await problems + missing(unconfirmed: contents.records)
    }

    /// What the service has charged for these calls.
    var charges: [SimulatedService.LedgerEntry] { Array(service.ledger.dropFirst(chargesBefore)) }

    /// Charges of which there is neither the whole file nor an intent.
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
                    missing.append("\(name) is not whole")
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
