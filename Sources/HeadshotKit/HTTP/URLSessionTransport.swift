public import Foundation

#if canImport(FoundationNetworking)
public import FoundationNetworking
#endif

/// The ``Transport`` over Foundation's `URLSession`, hardened for Linux.
///
/// Uploads stream from disk and downloads to disk, so memory does not grow with their size. Timeouts are kept by the transport
/// itself. Cancelling the calling task returns at once and ends the request on the wire soon after. Credentials asked for by a
/// server (`WWW-Authenticate`) are not supplied, redirects are not followed: both replies are returned as they are. A POST whose
/// body had been sent is never sent again behind the caller's back.
///
/// The session lives as long as the process. Use ``shared``, or make one transport and keep it.
public struct URLSessionTransport: Transport {
    /// The transport that clients use unless told otherwise.
    public static let shared = URLSessionTransport()

    private let session: URLSession
    private let delegate: SessionDelegate
    private let clock: any Clock<Duration>

    /// A transport with a session of its own, which is never invalidated.
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
        let queue = OperationQueue()
        queue.name = "HeadshotKit.URLSessionTransport"
        // One at a time: the order of an exchange's events, and safe cancelling (see Exchange), rest on it.
        queue.maxConcurrentOperationCount = 1
        delegate = SessionDelegate()
        session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: queue)
        self.clock = clock
    }

    /// With the six of the system, a thousand jobs over a distance wait for each other's replies.
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

    /// Streams a reply to a file; see ``Transport/download(_:to:onProgress:)``.
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
                .insecure,
                "Refused to send to \(request.url.redacted): only https is allowed, and http on this machine.",
                mayHaveBeenReceived: false
            )
        }
        try Task.checkCancellation()
        let task = try makeTask(for: request)
        let exchange = Exchange(
            task: task,
            request: request,
            file: file,
            queue: session.delegateQueue,
            stopwatch: Stopwatch(clock),
            onProgress: onProgress
        )
        delegate.register(exchange)
        return try await withThrowingTaskGroup(of: TransportResponse?.self) { group in
            group.addTask { try await exchange.reply() }
            group.addTask {
                try await Self.watch(exchange, timeout: request.timeout, clock: clock)
                return nil
            }
            defer { group.cancelAll() }
            while let reply = try await group.next() {
                if let reply { return reply }
            }
            throw CancellationError()
        }
    }

    private func makeTask(for request: TransportRequest) throws -> URLSessionTask {
        var urlRequest = URLRequest(url: request.url, timeoutInterval: Self.never)
        urlRequest.httpMethod = request.method
        for (name, value) in request.headers.fields { urlRequest.setValue(value, forHTTPHeaderField: name) }
        switch request.body {
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
            throw exchange.timeoutError("No whole reply within \(limit.seconds) s.")
        case .idle(let limit):
            while true {
                let quiet = exchange.quiet
                if quiet >= limit { throw exchange.timeoutError("Not a byte went either way for \(limit.seconds) s.") }
                try await clock.sleep(for: limit - quiet)
            }
        }
    }
}

extension URLSessionTransport: CustomReflectable {
    /// Nothing: to look into a session that is at work is not safe, and its requests hold secrets.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Hands the session's events to the exchanges they belong to.
private final class SessionDelegate: NSObject, URLSessionDataDelegate, Sendable {
    private let exchanges = Locked<[Int: Exchange]>([:])

    func register(_ exchange: Exchange) {
        exchanges.withLock { $0[exchange.task.taskIdentifier] = exchange }
    }

    private func exchange(of task: URLSessionTask) -> Exchange? {
        exchanges.withLock { $0[task.taskIdentifier] }
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        exchange(of: dataTask)?.receive(response)
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        exchange(of: dataTask)?.receive(data)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didSendBodyData bytesSent: Int64,
        totalBytesSent: Int64,
        totalBytesExpectedToSend: Int64
    ) {
        exchange(of: task)?.didSend(totalBytesSent, of: totalBytesExpectedToSend)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let exchange = exchanges.withLock { $0.removeValue(forKey: task.taskIdentifier) }
        exchange?.complete(with: error)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        guard let exchange = exchange(of: task), exchange.receiveRedirect(response) else {
            // The task was cancelled while this event waited in the queue: on Linux, answering it now would trap.
            return
        }
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        // A refused request is a reply like any other. Left to the default handling, Linux would wait for ever.
        guard let refusal = challenge.failureResponse as? HTTPURLResponse else {
            return completionHandler(.performDefaultHandling, nil)
        }
        exchange(of: task)?.receiveFinal(refusal)
        completionHandler(.rejectProtectionSpace, nil)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        needNewBodyStream completionHandler: @escaping @Sendable (InputStream?) -> Void
    ) {
        // libcurl is about to send a body again, on a new connection, because the old one died without a reply. The server may
        // have acted on the first one, and the second would go out without a body and come back as a misleading refusal.
        exchange(of: task)?.refuseResending()
        completionHandler(nil)
    }
}

#if canImport(FoundationNetworking)
// Linux. An upload from a file traps when the connection ends, or is cancelled, while a piece is being read, and one from memory
// holds the body twice. A stream does neither: it is read in step with the connection.
extension URLSession {
    fileprivate func uploadTask(with request: URLRequest, sending data: Data) -> URLSessionTask {
        uploadTask(with: request, sending: InputStream(data: data), of: Int64(data.count))
    }

    fileprivate func uploadTask(with request: URLRequest, sending file: URL) throws -> URLSessionTask {
        guard FileManager.default.isReadableFile(atPath: file.path),
            let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int64,
            let stream = InputStream(url: file)
        else {
            throw TransportError(.file, "Cannot read \(file.path).", mayHaveBeenReceived: false)
        }
        return uploadTask(with: request, sending: stream, of: size)
    }

    /// By itself a stream would be sent chunked, which presigned addresses reject. A blank field is how libcurl is told to leave
    /// one out: it is not sent.
    private func uploadTask(with request: URLRequest, sending stream: InputStream, of size: Int64) -> URLSessionTask {
        var request = request
        request.httpBodyStream = stream
        request.setValue(String(size), forHTTPHeaderField: "Content-Length")
        request.setValue(" ", forHTTPHeaderField: "Transfer-Encoding")
        request.setValue(" ", forHTTPHeaderField: "Expect")
        return dataTask(with: request)
    }
}
#else
extension URLSession {
    fileprivate func uploadTask(with request: URLRequest, sending data: Data) -> URLSessionTask {
        uploadTask(with: request, from: data)
    }

    fileprivate func uploadTask(with request: URLRequest, sending file: URL) throws -> URLSessionTask {
        guard FileManager.default.isReadableFile(atPath: file.path) else {
            throw TransportError(.file, "Cannot read \(file.path).", mayHaveBeenReceived: false)
        }
        return uploadTask(with: request, fromFile: file)
    }
}
#endif
