public import Foundation
public import HeadshotKit
public import Hummingbird
public import Logging
public import ServiceLifecycle
public import StudioStores

/// The settings of a studio. Every property has a default.
public struct StudioConfiguration: Sendable {
    /// The limits of requests with photos.
    public var uploads = UploadLimits()
    /// The styles that callers can choose.
    public var styles = Style.standard
    /// The operations of Magic Hour that apps may use through `/v1`. Defaults to none, which turns the relay off.
    public var relayedOperations: [RelayedOperation] = []
    /// The number of requests through `/v1` that each caller may have in progress. Defaults to 64.
    public var relayedRequests = 64
    /// The number of headshots that this process makes at the same time. Defaults to 16.
    public var concurrency = 16
    /// The number of headshots that each caller may store, in any state. Defaults to 1,000.
    public var storedHeadshots = 1_000
    /// The time after which a finished headshot is deleted with its files. `nil` if it is kept until its caller deletes it. Defaults to
    /// 30 days.
    public var retention: Duration? = .seconds(30 * 86_400)
    /// The secrets of Magic Hour's webhook. `nil` if there is no webhook.
    public var magicHourWebhook: MagicHour.WebhookVerifier?
    /// The secret in the URL of ModelsLab's webhook. `nil` if there is no webhook.
    public var modelsLabWebhookSecret: String?
    /// The clock of the polls and the time limits.
    public var clock: any Clock<Duration> = ContinuousClock()

    /// Creates the default settings.
    public init() {}
}

/// A server that makes headshots for callers with budgets. Several processes may share its database and its directory.
///
/// ```swift
/// let studio = try await Studio(directory: directory, database: database, jobStore: store, maker: .magicHour(magicHour), callers: callers)
/// try await studio.application(address: .hostname("127.0.0.1", port: 8080)).runService()
/// ```
public struct Studio: Sendable {
    /// The callers of the API.
    public let callers: Callers
    /// The budgets of the callers.
    public let ledger: CreditLedger
    /// The services that make headshots and inform clients. They run beside the server.
    public let services: [any Service]

    let configuration: StudioConfiguration
    let table: HeadshotTable
    let files: PhotoFiles
    let feed: HeadshotFeed
    let orders: HeadshotOrders
    let maker: HeadshotMaker
    /// The relay for apps. `nil` if it is off.
    let relay: Relay?
    let signal = WorkSignal()
    let metrics = StudioMetrics()
    let logger: Logger

    /// Creates a studio, and creates or changes its tables.
    ///
    /// - Parameters:
    ///   - directory: The directory of the photos and headshots, on a disk that all processes share.
    ///   - database: The database, which all processes share.
    ///   - jobStore: The job store in the same database. The client of the maker uses it too.
    ///   - maker: The service that makes the headshots.
    ///   - callers: The callers of the API.
    ///   - configuration: The settings.
    ///   - logger: The logger of the services.
    /// - Throws: `SQLError` if the database failed, a file system error if the directory cannot be created, and ``ConfigurationError`` if
    ///   operations are relayed and the maker does not use Magic Hour.
    public init(
        directory: URL,
        database: any JobDatabase,
        jobStore: any ClaimingStore,
        maker: HeadshotMaker,
        callers: Callers,
        configuration: StudioConfiguration = StudioConfiguration(),
        logger: Logger = Logger(label: "studio")
    ) async throws {
        relay = try maker.relay(of: configuration.relayedOperations, database, jobStore, logger)
        try await StudioSchema.migrate(database)
        self.callers = callers
        self.configuration = configuration
        self.maker = maker
        self.logger = logger
        ledger = CreditLedger(database)
        table = HeadshotTable(database: database, store: jobStore)
        files = try PhotoFiles(in: directory)
        try await files.removeAbandoned(by: table)
        feed = HeadshotFeed(table, clock: configuration.clock, logger: logger)
        orders = HeadshotOrders(table, files, signal, price: maker.credits, configuration)
        let workers = HeadshotWorkers(
            maker: maker,
            table: table,
            store: jobStore,
            files: files,
            feed: feed,
            signal: signal,
            concurrency: configuration.concurrency,
            retention: configuration.retention,
            clock: configuration.clock,
            logger: logger
        )
        let recovery = relay.map { RelayRecovery(relay: $0, clock: configuration.clock) }
        services = [workers, feed] + (recovery.map { [$0] } ?? [])
    }

    /// Returns the server with its services, for `runService()`, which shuts down gracefully at SIGTERM and SIGINT.
    ///
    /// - Parameters:
    ///   - address: The address of the server.
    ///   - onServerRunning: A closure that receives the port of the server.
    ///   - addRoutes: A closure that adds routes of your own.
    public func application(
        address: BindAddress,
        onServerRunning: @escaping @Sendable (_ port: Int?) async -> Void = { _ in },
        addRoutes: (Router<StudioContext>) -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        let router = try router()
        addRoutes(router)
        return Application(
            router: router,
            // A client that sends nothing for a minute in the middle of a request is disconnected.
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: address),
            services: services,
            onServerRunning: { await onServerRunning($0.localAddress?.port) },
            logger: logger
        )
    }

    /// Returns the routes of the studio.
    public func router() throws -> Router<StudioContext> {
        let router = Router(context: StudioContext.self)
        router.add(middleware: ResponsePolicy(metrics: metrics))
        try addPage(to: router)
        addOperations(to: router)
        addWebhooks(to: router)
        let api = router.group("api").add(middleware: Authentication(callers))
        addHeadshots(to: api)
        if let relay {
            addRelay(relay, to: router)
            addRelayedJobs(of: relay, to: api)
        }
        return router
    }
}
