import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import TLSProxy

/// A service, a gateway before it that spoils some requests, a client with a store, and a folder with a photo.
struct FaultStage: Sendable {
    let service: SimulatedService
    private let gateway: FaultyGateway
    private let route: Network.Route
    let strikes: Strikes
    let client: any Sendable
    let jobsAPI: JobsAPI
    let folder: URL
    let createStep: ServiceStep

    private let generation:
        @Sendable (GenerationOptions, @escaping @Sendable (GenerationEvent) -> Void) async throws -> Delivery
    private let deadline: Duration

    private var outputs: URL { folder.appendingPathComponent("outputs") }
    private var jobs: URL { folder.appendingPathComponent("jobs") }

    static func build(_ trial: FaultTrial, _ folder: URL, _ surroundings: FaultSurroundings) async throws -> FaultStage
    {
        var configuration = SimulatedService.Configuration()
        configuration.magicHourKey = FaultSurroundings.Secret.magicHourKey
        configuration.modelsLabKey = FaultSurroundings.Secret.modelsLabKey
        configuration.queueDuration = .milliseconds(2)
        configuration.jobDuration = .milliseconds(10)
        configuration.outputPixels = 16
        configuration.outputBytes = 20_000
        let service = SimulatedService(configuration: configuration)
        let strikes = Strikes(at: trial.row.step, isRepeated: trial.isRepeated)
        let fault = trial.row.fault
        let spoiling = fault.spoiling(
            isModelsLab: trial.row.isModelsLab,
            elsewhere: surroundings.elsewhere.url("elsewhere")
        )
        let gateway = try await FaultyGateway.start(service) { step in
            guard let spoiling, strikes.hits(step) else { return nil }
            return spoiling
        }
        let route = try await trial.network.open(to: gateway.baseURL) { request in
            let step = ServiceStep(method: request.method, path: request.target)
            guard let streamFault = fault.streamFault, strikes.hits(step) else { return nil }
            return streamFault
        }
        service.publicURL = route.baseURL
        let refusing = trial.network == .plain ? surroundings.refusing : surroundings.refusingTLS
        let transport = Diversion(
            transport: fault == .silent ? surroundings.hurried : URLSessionTransport.shared,
            strikes: strikes,
            destination: fault == .refused ? refusing : fault == .tlsFailure ? surroundings.plain : nil
        )
        return try FaultStage(trial, service, gateway, route, strikes, transport, folder)
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
        _ strikes: Strikes,
        _ transport: Diversion,
        _ folder: URL
    ) throws {
        self.service = service
        self.gateway = gateway
        self.route = route
        self.strikes = strikes
        self.folder = folder
        // What strikes every poll is waited out, as is text in the place of every output, and that is all there is to wait for.
        let isWaitedOut =
            [.poll, .fetch].contains(trial.row.step)
            || [.unknownStatus, .webPage, .errorDocument].contains(trial.row.fault)
        deadline = trial.isRepeated && isWaitedOut ? .seconds(4) : .seconds(30)
        createStep = trial.row.isModelsLab ? .modelsLabCreate : .create
        let photo = folder.appendingPathComponent("me.png")
        try SampleMedia.portraitPNG(width: 32, height: 32).write(to: photo)
        let configuration = ClientConfiguration(
            transport: transport,
            retry: RetryPolicy(initialDelay: .milliseconds(2), maximumDelay: .milliseconds(8)),
            durations: DurationHistory(),
            jobStore: try FileJobStore(directory: folder.appendingPathComponent("jobs"))
        )
        if trial.row.isModelsLab {
            let client = try ModelsLab(
                apiKey: FaultSurroundings.Secret.modelsLabKey,
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
                apiKey: FaultSurroundings.Secret.magicHourKey,
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
        let options = GenerationOptions(
            downloadDirectory: outputs,
            deadline: deadline,
            polling: .backoff(initial: .milliseconds(5), factor: 1, maximum: .milliseconds(5))
        )
        return try await generation(options, onEvent)
    }

    /// The charges so far.
    var charges: [SimulatedService.LedgerEntry] { service.ledger.filter { $0.kind == .charge } }

    /// What is wrong with the files of a job.
    func differences(_ files: [URL], ofJob id: String) async throws -> [String] {
        let originals = try await service.originals(ofJob: id)
        let saved = try files.map { try Data(contentsOf: $0) }
        return saved == originals ? [] : ["the files hold \(saved.map(\.count)) bytes, not \(originals.map(\.count))"]
    }

    /// Files in the outputs' folder that are no outputs, and in the store's that are no records.
    func strayFiles() throws -> [String] {
        let outputs = try Self.names(in: outputs).filter { !$0.hasSuffix(".png") }
        return try outputs + Self.names(in: jobs).filter { $0.hasSuffix(".set-aside") || $0.hasSuffix(".tmp") }
    }

    /// The names of all files, and the contents of those of the store.
    func storedFiles() throws -> [String] {
        let records = try Self.names(in: jobs).map { name in
            String(decoding: try Data(contentsOf: jobs.appendingPathComponent(name)), as: UTF8.self)
        }
        return try records + Self.names(in: jobs) + Self.names(in: outputs)
    }

    private static func names(in folder: URL) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }
}

/// What a call of `generate` delivers, of either service.
struct Delivery: Sendable {
    let job: JobHandle
    let files: [URL]
}
