public import Foundation

#if canImport(FoundationNetworking)
public import FoundationNetworking
#endif

/// A ``Transport`` that uses Foundation's `URLSession`, hardened for Linux.
///
/// Uploads stream from disk and downloads stream to disk, so memory use does not grow with their size. The transport enforces
/// timeouts itself. Canceling the calling task returns immediately and ends the request on the wire soon afterward. The transport
/// does not supply credentials that a server requests (`WWW-Authenticate`) and does not follow redirects. It returns both
/// responses unchanged. It never sends a request again by itself after the body was sent, over HTTP/1.1 or HTTP/2.
///
/// On Linux, a connection carries one request with a body at a time, even over HTTP/2. Up to 12 requests with a body and 64
/// without a body are in flight to a host. A host that speaks HTTP/1.1 over TLS gets up to 12 of each. Further requests wait, and the wait
/// does not count toward their timeout.
/// `docs/transport.md` explains why.
///
/// The sessions live as long as the process. Use ``shared``, or create one transport and keep it.
public struct URLSessionTransport: Transport {
    /// The transport that clients use by default.
    public static let shared = URLSessionTransport()

    private let sessions: SessionPool
    private let clock: any Clock<Duration>

    /// Creates a transport with its own sessions, which are never invalidated.
    ///
    /// - Parameters:
    ///   - configuration: The session configuration, with proxies, protocol classes, and connection counts. If `nil`, the
    ///     transport uses an ephemeral configuration with up to 64 connections to a host, which suits many concurrent jobs. The
    ///     transport modifies the object itself, so do not share it. Caches, cookies, and credential storage are disabled, and
    ///     ``TransportRequest/timeout`` replaces the timeouts.
    ///   - clock: The clock that measures timeouts.
    public init(
        configuration: URLSessionConfiguration? = nil,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        let configuration = configuration ?? Self.manyConnections
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        // With any other policy, a session on Linux parses every header field of a response a second time.
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpShouldSetCookies = false
        configuration.urlCredentialStorage = nil
        configuration.timeoutIntervalForRequest = Self.never
        configuration.timeoutIntervalForResource = Self.never
        sessions = SessionPool(configuration)
        self.clock = clock
    }

    /// The default configuration. With the system's limit of six connections, a thousand jobs over a long distance wait for each
    /// other's responses.
    private static var manyConnections: URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 64
        return configuration
    }

    private static let never: TimeInterval = 7 * 24 * 60 * 60

    /// Sends a request over a session. See ``Transport/send(_:onProgress:)``.
    public func send(
        _ request: TransportRequest,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        try await exchange(request, file: nil, onProgress: onProgress)
    }

    /// Streams a response to a file. See ``Transport/download(_:to:onProgress:)``.
    public func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        var request = request
        // A compressed body has neither the length nor the ranges of the file.
        request.headers["Accept-Encoding"] = "identity"
        return try await exchange(request, file: file, onProgress: onProgress)
    }

    private func exchange(
        _ request: TransportRequest,
        file: URL?,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        guard request.url.isSecureOrLoopback else {
            throw TransportError(
                .insecureURL,
                "Refused to connect to \(request.url.redacted): only https is allowed, and http on this machine. Use an https URL.",
                mayHaveBeenReceived: false
            )
        }
        try Task.checkCancellation()
        let prepared = try await ShieldedCaller.run { [sessions] in
            (lease: try await sessions.lease(for: request), body: try await request.body.prepared())
        }
        guard let (lease, body) = prepared else {
            throw TransportError(
                .notConnected,
                "The request was canceled while it waited for a connection.",
                mayHaveBeenReceived: false
            )
        }
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
                guard let response else { continue }
                sessions.learn(from: response, to: request)
                return response
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

    /// Throws an error if the exchange times out. Otherwise, runs until it is canceled.
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
                if quiet >= limit { throw exchange.timeOut("No data was sent or received for \(limit.seconds) s.") }
                try await clock.sleep(for: limit - quiet)
            }
        }
    }
}

extension URLSessionTransport: CustomReflectable {
    /// A mirror without children. Reflection of an active session is not safe, and its requests contain secrets.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
