public import Foundation
import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL

/// A TLS endpoint on this machine in front of a plain HTTP/1.1 server, like a load balancer.
///
/// With HTTP/1.1, the proxy forwards bytes unchanged. With HTTP/2, each stream becomes a request on a separate connection to the server,
/// and the stream is reset if the server closes that connection early. The `fault` closure injects HTTP/2 faults.
public final class TLSProxy: Sendable {
    /// The version of HTTP that the proxy offers.
    public enum Version: String, Sendable, CaseIterable {
        case http1 = "http/1.1"
        case http2 = "h2"
    }

    /// The URL of the proxy, without a path.
    public let baseURL: URL
    /// The log of HTTP/2 requests.
    public let log = StreamLog()

    private let version: Version
    private let upstream: Int
    private let port: Int
    private let tls: NIOSSLContext
    private let fault: @Sendable (StreamLog.Request) -> StreamFault?
    private let listener: Listener

    private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    /// Starts a proxy on a free port.
    ///
    /// - Parameters:
    ///   - upstream: The port of the plain server.
    ///   - fault: The closure that returns the fault of an HTTP/2 request, or `nil` to forward the request. Called once per request.
    public static func start(
        _ version: Version,
        before upstream: Int,
        fault: @escaping @Sendable (StreamLog.Request) -> StreamFault? = { _ in nil }
    ) async throws -> TLSProxy {
        let certificate = try TestCertificate()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificate.chain.map { .certificate($0) },
            privateKey: .privateKey(certificate.key)
        )
        configuration.applicationProtocols = [version.rawValue]
        // The shutdown does not wait for clients that keep their connections open.
        configuration.shutdownTimeout = .milliseconds(10)
        let proxy = try await TLSProxy(version, upstream, NIOSSLContext(configuration: configuration), fault)
        return proxy
    }

    private init(
        _ version: Version,
        _ upstream: Int,
        _ tls: NIOSSLContext,
        _ fault: @escaping @Sendable (StreamLog.Request) -> StreamFault?
    ) async throws {
        let listener = Listener()
        let bootstrap = Self.bootstrap(version, upstream, tls, fault, log, listener)
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port, let url = URL(string: "https://127.0.0.1:\(port)") else {
            throw URLError(.badURL)
        }
        listener.open(channel)
        self.version = version
        self.upstream = upstream
        self.tls = tls
        self.fault = fault
        self.listener = listener
        self.port = port
        baseURL = url
    }

    /// Closes all connections and the port.
    public func stop() async { await listener.close() }

    /// Closes all connections, like a killed process, and listens on the same port again.
    public func restart() async throws {
        await listener.close()
        let bootstrap = Self.bootstrap(version, upstream, tls, fault, log, listener)
        listener.open(try await bootstrap.bind(host: "127.0.0.1", port: port).get())
    }

    /// Closes all open connections and keeps listening.
    public func closeConnections() async { await listener.closeConnections() }

    private static func bootstrap(
        _ version: Version,
        _ upstream: Int,
        _ tls: NIOSSLContext,
        _ fault: @escaping @Sendable (StreamLog.Request) -> StreamFault?,
        _ log: StreamLog,
        _ listener: Listener
    ) -> ServerBootstrap {
        ServerBootstrap(group: threads)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                listener.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: tls))
                    switch version {
                    case .http1:
                        try pipeline.addHandler(Tunnel(to: upstream))
                    case .http2:
                        let connection = log.newConnection()
                        // libcurl resets a stream if the final frame arrives after the complete body. This is not an attack.
                        var connectionConfiguration = NIOHTTP2Handler.ConnectionConfiguration()
                        connectionConfiguration.maximumConnectionGlitches = .max
                        var streamConfiguration = NIOHTTP2Handler.StreamConfiguration()
                        streamConfiguration.streamResetFrameRateLimit.maximumCount = .max
                        streamConfiguration.streamErrorRateLimit.maximumCount = .max
                        _ = try pipeline.configureHTTP2Pipeline(
                            mode: .server,
                            connectionConfiguration: connectionConfiguration,
                            streamConfiguration: streamConfiguration
                        ) { stream in
                            stream.eventLoop.makeCompletedFuture {
                                try stream.pipeline.syncOperations.addHandler(
                                    ProxiedStream(connection, channel, to: upstream, log, fault)
                                )
                            }
                        }
                    }
                }
            }
    }
}

/// The port and its connections.
private final class Listener: @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state.
    private let lock = NSLock()
    private var port: (any Channel)?
    private var connections: [ObjectIdentifier: any Channel] = [:]

    func open(_ channel: any Channel) { lock.withLock { port = channel } }

    func add(_ channel: any Channel) {
        lock.withLock { connections[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { [weak self] _ in
            _ = self?.lock.withLock { self?.connections.removeValue(forKey: ObjectIdentifier(channel)) }
        }
    }

    func close() async {
        await end(lock.withLock { port })
        await closeConnections()
    }

    func closeConnections() async {
        for connection in lock.withLock({ Array(connections.values) }) { await end(connection) }
    }

    private func end(_ channel: (any Channel)?) async {
        // An error only means that the channel is already closed.
        guard let channel else { return }
        channel.close(mode: .all, promise: nil)
        do { try await channel.closeFuture.get() } catch { return }
    }
}

/// The certificate that `scripts/trust-test-certificate` creates.
public struct TestCertificate {
    /// The directory of the certificate.
    public static let directory = URL(
        fileURLWithPath: ProcessInfo.processInfo.environment["HEADSHOTKIT_TEST_CERTIFICATE"]
            ?? "/var/lib/headshotkit-tests"
    )
    /// Whether the certificate is readable.
    public static var exists: Bool {
        FileManager.default.isReadableFile(atPath: directory.appendingPathComponent("server.key").path)
    }

    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    init() throws {
        chain = try NIOSSLCertificate.fromPEMFile(Self.directory.appendingPathComponent("server.crt").path)
        key = try NIOSSLPrivateKey(file: Self.directory.appendingPathComponent("server.key").path, format: .pem)
    }
}
