import Foundation
import HeadshotKit
import HeadshotKitTesting
import Hummingbird
import Logging
import ServiceLifecycle
import StudioServer
import StudioStores
import StudioTransport
import UnixSignals

/// The server with the settings of the environment.
struct StudioProgram {
    private let environment: [String: String]
    private let logger: Logger

    init(_ environment: [String: String]) {
        self.environment = environment
        var logger = Logger(label: "studio") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = environment["LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
        self.logger = logger
    }

    func run() async throws {
        let directory = URL(fileURLWithPath: environment["STUDIO_DATA"] ?? "studio-data", isDirectory: true)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let lease = Duration.seconds(try number("STUDIO_LEASE_SECONDS", in: 1...3_600) ?? 30)
        try await run(directory, try await database(in: directory, lease), lease)
    }

    /// Opens the database of `DATABASE_URL`, or an SQLite file.
    private func database(in directory: URL, _ lease: Duration) async throws -> any JobDatabase {
        guard let url = environment["DATABASE_URL"], !url.isEmpty else {
            return try await SQLiteDatabase(file: directory.appendingPathComponent("studio.sqlite"))
        }
        #if Postgres
        do { return try await PostgresDatabase(url, timeout: lease / 3) } catch let error as SQLError {
            throw ConfigurationError("The database of DATABASE_URL cannot be opened. \(error).")
        }
        #else
        throw ConfigurationError(
            "DATABASE_URL needs the store in PostgreSQL. Install libpq-dev, and build the studio with --traits Postgres."
        )
        #endif
    }

    private func run(_ directory: URL, _ database: some JobDatabase, _ lease: Duration) async throws {
        let store = try await SQLJobStore(database: database, lease: lease)
        let (callers, token) = try callers()
        let simulation = try simulation()
        let studio = try await Studio(
            directory: directory,
            database: database,
            jobStore: store,
            maker: try maker(store, simulation),
            callers: callers,
            configuration: try configuration(isSimulated: simulation != nil),
            logger: logger
        )
        let host = environment["STUDIO_HOST"] ?? "127.0.0.1"
        let port = try number("STUDIO_PORT", in: 0...65_535) ?? 8080
        let application = try studio.application(address: .hostname(host, port: port)) { port in
            simulation?.publicURL = SimulatedStorage.url(port: port ?? 0)
            let fragment = token.map { "#token=\($0)" } ?? ""
            let service =
                simulation == nil
                ? "A service makes the headshots and charges its account for them."
                : "The headshots are simulated, and nothing is charged."
            FileHandle.standardError.write(Data("\(service)\n".utf8))
            FileHandle.standardOutput.write(Data("http://\(host):\(port ?? 0)/\(fragment)\n".utf8))
        } addRoutes: { router in
            if let simulation { SimulatedStorage(service: simulation).addRoutes(to: router) }
        }
        var services = ServiceGroupConfiguration(
            services: [application],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // A client that sends a request slowly does not delay the shutdown for longer.
        services.maximumGracefulShutdownDuration = .seconds(30)
        try await ServiceGroup(configuration: services).run()
    }

    /// Returns the callers of the file, or a caller for a demonstration with its token.
    private func callers() throws -> (Callers, demoToken: String?) {
        if let path = environment["STUDIO_CALLERS"] { return (try Callers(file: URL(fileURLWithPath: path)), nil) }
        var generator = SystemRandomNumberGenerator()
        let token = (0..<4).map { _ in String(generator.next(), radix: 36) }.joined()
        return (try Callers([Caller(name: "demo", token: token, credits: 5_000)]), token)
    }

    /// Returns the simulated service, or `nil` if there is an API key.
    private func simulation() throws -> SimulatedService? {
        guard ["MAGIC_HOUR_API_KEY", "MODELSLAB_API_KEY"].allSatisfy({ environment[$0, default: ""].isEmpty }) else {
            return nil
        }
        var configuration = SimulatedService.Configuration()
        configuration.credits = 1_000_000
        configuration.jobDuration = .seconds(try number("STUDIO_DEMO_SECONDS", in: 0...3_600) ?? 4)
        configuration.outputPixels = 512
        return SimulatedService(configuration: configuration)
    }

    private func maker(_ store: any JobStore, _ simulation: SimulatedService?) throws -> HeadshotMaker {
        if let simulation {
            let configuration = ClientConfiguration(transport: simulation, jobStore: store)
            let marker = simulation.configuration.noFaceMarker
            let key = simulation.configuration.magicHourKey
            // With this base URL, the client accepts a storage on this machine.
            let url = SimulatedStorage.url(port: 80)
            let magicHour = try MagicHour(apiKey: key, baseURL: url, configuration: configuration)
            // Metadata, which could mark a photo without a face, is removed, so the file name marks it.
            return .magicHour(magicHour) { request in request.name.contains(marker) ? marker : request.prompt }
        }
        if let key = environment["MAGIC_HOUR_API_KEY"], !key.isEmpty {
            let configuration = ClientConfiguration(transport: AsyncHTTPClientTransport.shared, jobStore: store)
            let baseURL = try url("MAGIC_HOUR_BASE_URL")
            return .magicHour(try MagicHour(apiKey: key, baseURL: baseURL, configuration: configuration))
        }
        let configuration = ClientConfiguration(transport: AsyncHTTPClientTransport.shared, jobStore: store)
        guard let price = try number("STUDIO_PRICE", in: 1...1_000_000) else {
            throw ConfigurationError(
                "ModelsLab reports no prices. Set STUDIO_PRICE to the credits that a headshot costs."
            )
        }
        let webhook = try url("MODELSLAB_WEBHOOK_URL")
        let modelsLab = try ModelsLab(apiKey: environment["MODELSLAB_API_KEY"], configuration: configuration)
        return .modelsLab(modelsLab, price: price, webhook: webhook)
    }

    private func configuration(isSimulated: Bool) throws -> StudioConfiguration {
        var configuration = StudioConfiguration()
        let isRelayOn = try number("STUDIO_RELAY", in: 0...1).map { $0 == 1 } ?? isSimulated
        if isRelayOn { configuration.relayedOperations = RelayedOperation.headshots }
        if let secrets = environment["MAGIC_HOUR_WEBHOOK_SECRET"]?.split(separator: ","), !secrets.isEmpty {
            configuration.magicHourWebhook = try MagicHour.WebhookVerifier(secrets: secrets.map(String.init))
        }
        if let secret = environment["MODELSLAB_WEBHOOK_SECRET"], !secret.isEmpty {
            guard secret.utf8.count >= 32 else {
                throw ConfigurationError(
                    "MODELSLAB_WEBHOOK_SECRET has fewer than 32 characters. Set it to the output of openssl rand -hex 32."
                )
            }
            configuration.modelsLabWebhookSecret = secret
        }
        if let photos = try number("STUDIO_PHOTOS", in: 1...100) { configuration.uploads.photos = photos }
        if let megabytes = try number("STUDIO_PHOTO_MB", in: 1...200) {
            configuration.uploads.photoBytes = megabytes << 20
        }
        if let count = try number("STUDIO_STORED_HEADSHOTS", in: 1...1_000_000) {
            configuration.storedHeadshots = count
        }
        if let days = try number("STUDIO_RETENTION_DAYS", in: 0...36_500) {
            configuration.retention = days == 0 ? nil : .seconds(days * 86_400)
        }
        if let concurrency = try number("STUDIO_CONCURRENCY", in: 0...1_000) { configuration.concurrency = concurrency }
        return configuration
    }

    private func url(_ name: String) throws -> URL? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
            url.host?.isEmpty == false
        else {
            throw ConfigurationError("\(name) is \"\(text)\". Set it to a URL such as https://api.example.com.")
        }
        return url
    }

    private func number(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = environment[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                "\(name) is \"\(text)\". Set it to a number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }
}
