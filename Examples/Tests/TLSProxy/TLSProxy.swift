package import Foundation
import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL

/// A TLS endpoint on this machine before a plain HTTP/1.1 server, as a load balancer stands before a service.
///
/// With HTTP/1.1 it passes bytes on as they are. With HTTP/2 each stream becomes a request to the server, on a connection of its own;
/// where the server closes that without a whole response, the stream is reset. Faults in HTTP/2's own terms are ordered by `fault`.
package final class TLSProxy: Sendable {
    /// The version of HTTP that a client is offered.
    package enum Version: String, Sendable, CaseIterable {
        case http1 = "http/1.1"
        case http2 = "h2"
    }

    /// The proxy's address, without a path.
    package let baseURL: URL
    /// What came over HTTP/2.
    package let log = StreamLog()

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
    ///   - fault: What happens to a request over HTTP/2; nil passes it on. Asked once for each, when its head has come.
    package static func start(
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
        // A client that keeps its connection open is not waited for.
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

    /// Closes every connection and the port.
    package func stop() async { await listener.close() }

    /// Closes every connection, as a process that is killed does, and listens on the same port again.
    package func restart() async throws {
        await listener.close()
        let bootstrap = Self.bootstrap(version, upstream, tls, fault, log, listener)
        listener.open(try await bootstrap.bind(host: "127.0.0.1", port: port).get())
    }

    /// Closes every connection that is open at this moment, and goes on.
    package func closeConnections() async { await listener.closeConnections() }

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
                        // libcurl resets a stream whose body it has, when the frame that ends it comes later. That is no attack.
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

/// The port and the connections that were made to it.
private final class Listener: @unchecked Sendable {
    // Unchecked because of the channels, which are touched under the lock alone.
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
        // It may be closed already, and closing is all that is wanted.
        guard let channel else { return }
        channel.close(mode: .all, promise: nil)
        do { try await channel.closeFuture.get() } catch { return }
    }
}

/// The certificate that `scripts/trust-test-certificate` makes.
package struct TestCertificate {
    /// Where it lies.
    package static let directory = URL(
        fileURLWithPath: ProcessInfo.processInfo.environment["HEADSHOTKIT_TEST_CERTIFICATE"]
            ?? "/var/lib/headshotkit-tests"
    )
    /// Whether this machine has one.
    package static var exists: Bool {
        FileManager.default.isReadableFile(atPath: directory.appendingPathComponent("server.key").path)
    }

    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    init() throws {
        chain = try NIOSSLCertificate.fromPEMFile(Self.directory.appendingPathComponent("server.crt").path)
        key = try NIOSSLPrivateKey(file: Self.directory.appendingPathComponent("server.key").path, format: .pem)
    }
}
