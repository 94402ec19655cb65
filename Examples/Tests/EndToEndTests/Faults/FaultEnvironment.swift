import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import TLSProxy

/// A service behind a faulty gateway, a client with a store, and a directory with a photo.
struct FaultEnvironment: Sendable {
    let service: SimulatedService
    private let gateway: FaultyGateway
    private let route: Network.Route
    let schedule: FaultSchedule
    let client: any Sendable
    let jobsAPI: JobsAPI
    let directory: URL
    let createStep: ServiceStep

    private let generation:
        @Sendable (GenerationOptions, @escaping @Sendable (GenerationEvent) -> Void) async throws -> Delivery
    /// Whether the call waits until its deadline because every poll fails or every output is text.
    private let isWaitedOut: Bool

    private var outputs: URL { directory.appendingPathComponent("outputs") }
    private var jobs: URL { directory.appendingPathComponent("jobs") }

    static func build(_ trial: FaultTrial, _ directory: URL, _ fixtures: FaultFixtures) async throws -> FaultEnvironment
    {
        var configuration = SimulatedService.Configuration()
        configuration.magicHourKey = FaultFixtures.Secret.magicHourKey
        configuration.modelsLabKey = FaultFixtures.Secret.modelsLabKey
        configuration.queueDuration = .milliseconds(2)
        configuration.jobDuration = .milliseconds(10)
        configuration.outputPixels = 16
        configuration.outputBytes = 20_000
        let service = SimulatedService(configuration: configuration)
        let schedule = FaultSchedule(at: trial.row.step, isRepeated: trial.isRepeated)
        let fault = trial.row.fault
        let injectedFault = fault.injectedFault(
            isModelsLab: trial.row.isModelsLab,
            elsewhere: fixtures.elsewhere.url("elsewhere")
        )
        let gateway = try await FaultyGateway.start(service) { step in
            guard let injectedFault, schedule.takeFault(at: step) else { return nil }
            return injectedFault
        }
        let route = try await trial.network.open(to: gateway.baseURL) { request in
            let step = ServiceStep(method: request.method, path: request.target)
            guard let streamFault = fault.streamFault, schedule.takeFault(at: step) else { return nil }
            return streamFault
        }
        service.publicURL = route.baseURL
        let refusing = trial.network == .plain ? fixtures.refusing : fixtures.refusingTLS
        let transport = RedirectingTransport(
            transport: fault == .silent ? fixtures.acceleratedTransport : URLSessionTransport.shared,
            schedule: schedule,
            destination: fault == .refused ? refusing : fault == .tlsFailure ? fixtures.plain : nil
        )
        return try FaultEnvironment(trial, service, gateway, route, schedule, transport, directory)
    }

    func close() async {
        await route.close()
        await gateway.stop()
    }

    private init(
        _ trial: FaultTrial,
        _ service: SimulatedService,
        _ gateway: FaultyGateway,
        _ route: Network.Route,
        _ schedule: FaultSchedule,
        _ transport: RedirectingTransport,
        _ directory: URL
    ) throws {
        self.service = service
        self.gateway = gateway
        self.route = route
        self.schedule = schedule
        self.directory = directory
        isWaitedOut =
            trial.isRepeated
            && ([.poll, .fetch].contains(trial.row.step)
                || [.unknownStatus, .webPage, .errorDocument].contains(trial.row.fault))
        createStep = trial.row.isModelsLab ? .modelsLabCreate : .create
        let photo = directory.appendingPathComponent("me.png")
        try SampleMedia.portraitPNG(width: 32, height: 32).write(to: photo)
        let configuration = ClientConfiguration(
            transport: transport,
            retry: isWaitedOut
                ? RetryPolicy(initialDelay: .milliseconds(50), maximumDelay: .milliseconds(100))
                : RetryPolicy(initialDelay: .milliseconds(2), maximumDelay: .milliseconds(8)),
            durations: DurationHistory(),
            jobStore: try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        )
        if trial.row.isModelsLab {
            let client = try ModelsLab(
                apiKey: FaultFixtures.Secret.modelsLabKey,
                baseURL: route.url(gateway.modelsLabURL),
                configuration: configuration
            )
            self.client = client
            jobsAPI = client.jobs
            let request = ModelsLab.HeadshotRequest(prompt: "navy suit", faceImage: .file(photo))
            generation = { options, onEvent in
                let result = try await client.headshots.generate(request, options: options, onEvent: onEvent)
                return Delivery(job: result.job, files: result.files)
            }
        } else {
            let client = try MagicHour(
                apiKey: FaultFixtures.Secret.magicHourKey,
                baseURL: route.baseURL,
                configuration: configuration
            )
            self.client = client
            jobsAPI = client.jobs
            let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: .file(photo)))
            generation = { options, onEvent in
                let result = try await client.headshots.generate(request, options: options, onEvent: onEvent)
                return Delivery(job: result.job, files: result.files)
            }
        }
    }

    func generate(_ onEvent: @escaping @Sendable (GenerationEvent) -> Void) async throws -> Delivery {
        // A call that waits until its deadline polls rarely, so that it leaves the processor to the others. The deadlines
        // are long enough for a slow machine.
        let interval: Duration = isWaitedOut ? .milliseconds(100) : .milliseconds(5)
        let options = GenerationOptions(
            downloadDirectory: outputs,
            deadline: isWaitedOut ? .seconds(10) : .seconds(90),
            polling: .backoff(initial: interval, factor: 1, maximum: interval)
        )
        return try await generation(options, onEvent)
    }

    /// The charges in the ledger.
    var charges: [SimulatedService.LedgerEntry] { service.ledger.filter { $0.kind == .charge } }

    /// Returns the differences between saved files and the outputs of a job.
    func differences(_ files: [URL], ofJob id: String) async throws -> [String] {
        let originals = try await service.originals(ofJob: id)
        let saved = try files.map { try Data(contentsOf: $0) }
        return saved == originals ? [] : ["the files hold \(saved.map(\.count)) bytes, not \(originals.map(\.count))"]
    }

    /// Returns the names of files that are neither outputs nor records.
    func strayFiles() throws -> [String] {
        let outputs = try Self.names(in: outputs).filter { !$0.hasSuffix(".png") }
        return try outputs + Self.names(in: jobs).filter { $0.hasSuffix(".quarantined") || $0.hasSuffix(".tmp") }
    }

    /// Resumes all jobs in the store and returns their results.
    func resumeAll() async throws -> [Result<RecoveredJob, HeadshotKitError>] {
        var results: [Result<RecoveredJob, HeadshotKitError>] = []
        for try await outcome in jobsAPI.resumeAll() { results.append(outcome.result) }
        return results
    }

    /// Returns the names of all files and the contents of the records.
    func storedFiles() throws -> [String] {
        let records = try Self.names(in: jobs).map { name in
            String(decoding: try Data(contentsOf: jobs.appendingPathComponent(name)), as: UTF8.self)
        }
        return try records + Self.names(in: jobs) + Self.names(in: outputs)
    }

    private static func names(in directory: URL) throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory.path)
    }
}

/// The result of a call of `generate` of either service.
struct Delivery: Sendable {
    let job: JobHandle
    let files: [URL]
}
