public import Foundation

#if canImport(FoundationNetworking)
public import FoundationNetworking
#endif

/// The ``Transport`` over Foundation's `URLSession`, hardened for Linux.
///
/// Uploads stream from disk and downloads to disk, so memory does not grow with their size. Timeouts are kept by the transport
/// itself. Cancelling the calling task returns at once and ends the request on the wire soon after. Credentials asked for by a
/// server (`WWW-Authenticate`) are not supplied, redirects are not followed: both responses are returned as they are. A request whose
/// body had been sent is never sent again behind the caller's back, neither over HTTP/1.1 nor over HTTP/2.
///
/// On Linux a connection carries one request with a body at a time, over HTTP/2 too. With 12 of them under way to a host, or 64 without
/// a body, the next one waits, which does not count towards its timeout. `docs/transport.md` says why.
///
/// The sessions live as long as the process. Use ``shared``, or make one transport and keep it.
public struct URLSessionTransport: Transport {
    /// The transport that clients use unless told otherwise.
    public static let shared = URLSessionTransport()

    private let sessions: SessionPool
    private let clock: any Clock<Duration>

    /// A transport with sessions of its own, which are never invalidated.
    ///
    /// - Parameters:
    ///   - configuration: Proxies, protocol classes, connection counts; nil for an ephemeral one with up to 64 connections to a host,
    ///     for many jobs at once. The object itself is changed, so it should be shared with nobody: caches, cookies and credential
    ///     storage are switched off, and its timeouts replaced by ``TransportRequest/timeout``.
    ///   - clock: What timeouts are measured with.
    public init(
        configuration: URLSessionConfiguration? = nil,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        let configuration = configuration ?? Self.manyConnections
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCredentialStorage = nil
        configuration.timeoutIntervalForRequest = Self.never
        configuration.timeoutIntervalForResource = Self.never
        sessions = SessionPool(configuration)
        self.clock = clock
    }

    /// With the six of the system, a thousand jobs over a distance wait for each other's responses.
    private static var manyConnections: URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 64
        return configuration
    }

    private static let never: TimeInterval = 7 * 24 * 60 * 60

    /// Sends a request over the session; see ``Transport/send(_:onProgress:)``.
    public func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        try await exchange(request, file: nil, onProgress: onProgress)
    }

    /// Streams a response to a file; see ``Transport/download(_:to:onProgress:)``.
    public func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        var request = request
        // A compressed body has neither the length nor the ranges of the file.
        request.headers["Accept-Encoding"] = "identity"
        return try await exchange(request, file: file, onProgress: onProgress)
    }

    private func exchange(
        _ request: TransportRequest,
        file: URL?,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        guard request.url.isSecureOrLoopback else {
            throw TransportError(
                .insecureURL,
                "Refused to send to \(request.url.redacted): only https is allowed, and http on this machine.",
                mayHaveBeenReceived: false
            )
        }
        try Task.checkCancellation()
        let lease = try await sessions.lease(for: request)
        let body = try await request.body.prepared()
        let task = try await lease.control.make { [session = lease.session] in
            try Self.task(for: request, body, in: session)
        }
        let exchange = Exchange(
            task: task,
            request: request,
            file: file,
            lease: lease,
            stopwatch: Stopwatch(clock),
            onProgress: onProgress
        )
        lease.delegate.register(exchange)
        return try await withThrowingTaskGroup(of: TransportResponse?.self) { group in
            group.addTask { try await exchange.response() }
            group.addTask {
                try await Self.watch(exchange, timeout: request.timeout, clock: clock)
                return nil
            }
            defer { group.cancelAll() }
            while let response = try await group.next() {
                if let response { return response }
            }
            throw CancellationError()
        }
    }

    private static func task(
        for request: TransportRequest,
        _ body: TransportRequest.Body,
        in session: URLSession
    ) throws -> URLSessionTask {
        var urlRequest = URLRequest(url: request.url, timeoutInterval: never)
        urlRequest.httpMethod = request.method
        for (name, value) in request.headers.fields { urlRequest.setValue(value, forHTTPHeaderField: name) }
        switch body {
        case .none:
            return session.dataTask(with: urlRequest)
        case .data(let data):
            return session.uploadTask(with: urlRequest, sending: data)
        case .file(let file):
            return try session.uploadTask(with: urlRequest, sending: file)
        }
    }

    /// Fails the exchange when its time is over; returns never otherwise, but is cancelled.
    private static func watch(
        _ exchange: Exchange,
        timeout: TransportRequest.Timeout,
        clock: any Clock<Duration>
    ) async throws {
        switch timeout {
        case .total(let limit):
            try await clock.sleep(for: limit)
            throw exchange.timeOut("No whole response within \(limit.seconds) s.")
        case .idle(let limit):
            while true {
                let quiet = exchange.quiet
                if quiet >= limit { throw exchange.timeOut("Not a byte went either way for \(limit.seconds) s.") }
                try await clock.sleep(for: limit - quiet)
            }
        }
    }
}

extension URLSessionTransport: CustomReflectable {
    /// Nothing: to look into a session that is at work is not safe, and its requests hold secrets.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
