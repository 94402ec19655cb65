import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One request and its response, between the session's events on one side and an awaiting task on the other.
///
/// The caller is resumed once, by whichever comes first: the response, a failure, a timeout or its own cancellation. In the last
/// cases the request is still on the wire, and its task is cancelled. On Linux `cancel()` traps if the session forgets the task
/// meanwhile, which it does when ``complete(with:)`` has returned. So that waits for a cancellation under way, and none starts later.
final class Exchange: Sendable {
    let task: URLSessionTask
    private let request: TransportRequest
    private let file: URL?
    private let events: DelegateQueue
    private let control: TaskControl
    private let reportSilence: @Sendable () -> Void
    private let stopwatch: Stopwatch
    /// The size of the body, for where the system does not tell.
    private let bodySize: Int64?
    private let onProgress: (@Sendable (TransferProgress) -> Void)?
    private let state: Locked<State>

    private struct State {
        /// Until the task is complete: after a cancellation, that is later than the caller is resumed.
        var lease: SessionPool.Lease?
        var continuation: CheckedContinuation<TransportResponse, any Error>?
        var outcome: Result<TransportResponse, any Error>?
        /// False once the task is complete, or is about to complete by itself.
        var isCancellable = true
        /// The cancellation of the task, from when it begins.
        var cancellation: DispatchGroup?
        var response: TransportResponse?
        var sink: FileSink?
        var received: Int64 = 0
        var lastActivity = Duration.zero
    }

    init(
        task: URLSessionTask,
        request: TransportRequest,
        file: URL?,
        lease: SessionPool.Lease,
        stopwatch: Stopwatch,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) {
        self.task = task
        self.request = request
        self.file = file
        events = lease.events
        control = lease.control
        reportSilence = lease.reportSilence
        state = Locked(State(lease: lease))
        self.stopwatch = stopwatch
        bodySize =
            switch request.body {
            case .none: nil
            case .data(let data): Int64(data.count)
            case .file(let file): file.fileSize
            }
        self.onProgress = onProgress
    }

    // MARK: The caller's side

    /// Starts the request and waits for its response.
    func response() async throws -> TransportResponse {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state in
                    if state.outcome == nil {
                        state.continuation = continuation
                        // Before a cancellation can be queued: a task that is started after it was cancelled goes on.
                        control.run { [task] in task.resume() }
                    }
                    return state.outcome
                }
                guard let outcome else { return }
                // Never started: no completion will come.
                endLease()
                continuation.resume(with: outcome)
            }
        } onCancel: {
            finish(.failure(CancellationError()))
            cancelTask()
        }
    }

    /// How long it has been since a byte went either way.
    var quiet: Duration { stopwatch.elapsed - state.withLock(\.lastActivity) }

    /// Says that nothing came in time.
    func timeOut(_ message: String) -> TransportError {
        reportSilence()
        return TransportError(.timedOut, message, mayHaveBeenReceived: true)
    }

    /// Resumes the caller, the first time; what comes later is too late to matter.
    private func finish(_ outcome: Result<TransportResponse, any Error>) {
        let (continuation, sink) = state.withLock { state in
            guard state.outcome == nil else {
                return (nil as CheckedContinuation<TransportResponse, any Error>?, nil as FileSink?)
            }
            state.outcome = outcome
            defer {
                state.continuation = nil
                state.sink = nil
            }
            return (state.continuation, state.sink)
        }
        sink?.close()
        continuation?.resume(with: outcome)
    }

    /// Frees the session before the caller goes on, whose next request is to find it so. The lease ends outside of the lock.
    private func endLease() {
        _ = state.withLock { state in
            defer { state.lease = nil }
            return state.lease
        }
    }

    private func cancelTask() {
        control.run { [self] in
            let cancellation = DispatchGroup()
            cancellation.enter()
            defer { cancellation.leave() }
            let isCancellable = state.withLock { state in
                if state.isCancellable { state.cancellation = cancellation }
                return state.isCancellable
            }
            if isCancellable { task.cancel() }
        }
    }

    private func fail(_ error: TransportError) {
        finish(.failure(error))
        cancelTask()
    }

    // MARK: The session's side, one event at a time

    func didSend(_ sent: Int64, of expected: Int64) {
        let isLive = state.withLock { state in
            state.lastActivity = stopwatch.elapsed
            return state.outcome == nil
        }
        if isLive { onProgress?(TransferProgress(completed: sent, total: expected > 0 ? expected : bodySize)) }
    }

    func receive(_ response: URLResponse) {
        guard let head = TransportResponse(response) else {
            return fail(TransportError(.invalidResponse, "The response is not HTTP.", mayHaveBeenReceived: true))
        }
        do {
            try state.withLock { state in
                guard state.outcome == nil else { return }
                state.lastActivity = stopwatch.elapsed
                state.response = head
                if let file { state.sink = try FileSink(file, for: head) }
                // What is announced as too large need not be waited for.
                if state.sink == nil, let length = head.contentLength, length > request.maximumResponseBytes {
                    throw tooLarge
                }
            }
        } catch let error as TransportError {
            fail(error)
        } catch {
            fail(TransportError(file: file, error))
        }
    }

    func receive(_ data: Data) {
        do {
            let progress: TransferProgress? = try state.withLock { state in
                guard state.outcome == nil else { return nil }
                state.lastActivity = stopwatch.elapsed
                state.received += Int64(data.count)
                if let sink = state.sink {
                    try sink.write(data)
                    return TransferProgress(completed: state.received, total: state.response?.contentLength)
                }
                guard state.received <= request.maximumResponseBytes else { throw tooLarge }
                state.response?.body.append(data)
                return nil
            }
            if let progress { onProgress?(progress) }
        } catch let error as TransportError {
            fail(error)
        } catch {
            fail(TransportError(file: file, error))
        }
    }

    private var tooLarge: TransportError {
        TransportError(
            .responseTooLarge,
            "The response is larger than \(request.maximumResponseBytes) bytes.",
            mayHaveBeenReceived: true
        )
    }

    /// Takes a response of which no more will come, and answers the session's question about it.
    ///
    /// A task that is being cancelled gets no answer: on Linux that traps.
    func receiveFinal(_ response: HTTPURLResponse, completion: () -> Void) {
        let (body, isCancelled) = state.withLock { state in
            if state.cancellation == nil { state.isCancellable = false }
            return (state.response?.body ?? Data(), state.cancellation != nil)
        }
        guard !isCancelled else { return }
        if var answer = TransportResponse(response) {
            answer.body = body
            finish(.success(answer))
        }
        // On Linux the answer to a challenge waits for the session.
        events.withoutBound(completion)
    }

    func refuseResending() {
        fail(
            TransportError(
                .connectionLost,
                "The connection ended after the request had been sent and before a response came.",
                mayHaveBeenReceived: true
            )
        )
    }

    func complete(with error: (any Error)?) {
        endLease()
        let (response, received, cancellation) = state.withLock { state in
            state.isCancellable = false
            return (state.response, state.received, state.cancellation)
        }
        if let cancellation { events.withoutBound { cancellation.wait() } }
        if let error {
            var failure = TransportError(error, bytesSent: task.countOfBytesSent)
            #if canImport(FoundationNetworking)
            // Here, and not on Apple's systems, bytes of a body are counted before they are sent: without any the server has no
            // whole request.
            if response == nil, let bodySize, bodySize > 0, task.countOfBytesSent == 0 {
                failure.mayHaveBeenReceived = false
            }
            #endif
            failure.responseHead = response
            failure.responseHead?.body = Data()
            return finish(.failure(failure))
        }
        guard let response = response ?? task.response.flatMap(TransportResponse.init) else {
            return finish(
                .failure(
                    TransportError(.invalidResponse, "The server answered without HTTP.", mayHaveBeenReceived: true)
                )
            )
        }
        if let expected = response.contentLength, request.method != "HEAD", received < expected {
            return finish(
                .failure(
                    TransportError(
                        .connectionLost,
                        "The response ended after \(received) of \(expected) bytes.",
                        mayHaveBeenReceived: true,
                        responseHead: TransportResponse(status: response.status, headers: response.headers)
                    )
                )
            )
        }
        finish(.success(response))
    }
}

extension URL {
    /// The size of a local file; nil where there is none.
    var fileSize: Int64? {
        do { return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 } catch { return nil }
    }
}

extension TransportResponse {
    init?(_ response: URLResponse) {
        guard let response = response as? HTTPURLResponse else { return nil }
        var fields: [String: String] = [:]
        for case let (name as String, value as String) in response.allHeaderFields { fields[name] = value }
        self.init(status: response.statusCode, headers: TransportHeaders(fields))
    }

    /// The length that the body must have, where the server said so and sends it uncompressed.
    var contentLength: Int64? {
        guard headers["Content-Encoding"] == nil || headers["Content-Encoding"] == "identity" else { return nil }
        guard status != 204, status != 304 else { return nil }
        return headers["Content-Length"].flatMap { Int64($0) }
    }
}

extension TransportError {
    /// Sorts the system's errors. Only a connection that was never made proves that the server saw nothing, and only if no byte
    /// of a body had been sent: the system may have tried a dead connection first and a new one after it.
    init(_ error: any Error, bytesSent: Int64) {
        let code = (error as? URLError)?.code ?? .unknown
        let kind: Kind
        switch code {
        case .unknown where error.isTLSFailure:
            kind = .tlsFailure
        case .cannotFindHost, .cannotConnectToHost, .dnsLookupFailed, .notConnectedToInternet:
            kind = .notConnected
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired:
            kind = .tlsFailure
        case .timedOut:
            kind = .timedOut
        case .cannotParseResponse:
            kind = .invalidResponse
        default:
            kind = .connectionLost
        }
        let text: String
        switch kind {
        case .notConnected:
            text =
                switch code {
                case .cannotConnectToHost: "Nothing there takes a connection."
                case .notConnectedToInternet: "There is no network."
                default: "No host of that name was found."
                }
        case .tlsFailure: text = "No trusted connection could be made (TLS)."
        case .timedOut: text = "The connection timed out."
        case .invalidResponse: text = "The response is not valid HTTP."
        default: text = "The connection was lost."
        }
        self.init(
            kind,
            "\(text.dropLast()) (\(code.rawValue)).",
            mayHaveBeenReceived: !((kind == .notConnected || kind == .tlsFailure) && bytesSent == 0),
            // The code alone: its details hold the address, and an address may be a secret.
            underlyingError: URLError(code)
        )
    }

    init(file: URL?, _ error: any Error) {
        self.init(
            .fileSystem,
            "Cannot write \(file?.path ?? "the response"): \(error.systemReason).",
            mayHaveBeenReceived: true,
            underlyingError: error
        )
    }
}

extension Error {
    /// Whether a TLS handshake failed. On Linux such an error has no code of its own, only libcurl's words, which are alike where a
    /// connection breaks later, in a read or a write.
    fileprivate var isTLSFailure: Bool {
        let text = (self as NSError).localizedDescription
        return ["SSL certificate", "SSL routines", "SSL: "].contains { text.contains($0) }
            && !["SSL_read", "SSL_write"].contains { text.contains($0) }
    }
}
