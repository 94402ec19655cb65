import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One request and its response. An exchange connects the session's events to an awaiting task.
///
/// The caller is resumed once, by the first of the response, a failure, a timeout, and its own cancellation. After a timeout or a
/// cancellation, the request is still on the wire, and its task is canceled. On Linux, `cancel()` traps if the session discards
/// the task meanwhile. The session discards the task when ``complete(with:)`` has returned. ``complete(with:)`` therefore waits
/// for a cancellation in progress, and no cancellation starts later.
final class Exchange: Sendable {
    let task: URLSessionTask
    private let request: TransportRequest
    private let file: URL?
    private let events: DelegateQueue
    private let control: TaskControl
    private let reportSilence: @Sendable () -> Void
    private let stopwatch: Stopwatch
    /// The size of the body in bytes, for use if the system does not report it. `nil` if there is no body or its size is unknown.
    private let bodySize: Int64?
    private let onProgress: (@Sendable (TransferProgress) -> Void)?
    private let state: Locked<State>

    private struct State {
        /// The lease, held until the task is complete. After a cancellation, the task completes after the caller is resumed.
        var lease: SessionPool.Lease?
        var continuation: CheckedContinuation<TransportResponse, any Error>?
        var outcome: Result<TransportResponse, any Error>?
        /// Whether the task may be canceled. `false` once the task is complete or is about to complete by itself.
        var isCancellable = true
        /// The cancellation of the task, or `nil` if none has started.
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

    // MARK: Caller

    /// Starts the request and returns its response.
    func response() async throws -> TransportResponse {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state in
                    if state.outcome == nil {
                        state.continuation = continuation
                        // Queued before any cancellation, because a task that is started after its cancellation still runs.
                        control.run { [task] in task.resume() }
                    }
                    return state.outcome
                }
                guard let outcome else { return }
                // The task was never started, so no completion will arrive.
                endLease()
                continuation.resume(with: outcome)
            }
        } onCancel: {
            finish(.failure(CancellationError()))
            cancelTask()
        }
    }

    /// The time since the last byte was sent or received.
    var quiet: Duration { stopwatch.elapsed - state.withLock(\.lastActivity) }

    /// Reports the session as silent and returns a timeout error.
    func timeOut(_ message: String) -> TransportError {
        reportSilence()
        return TransportError(.timedOut, message, mayHaveBeenReceived: true)
    }

    /// Resumes the caller with the first outcome. Later outcomes are ignored.
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

    /// Frees the session before the caller resumes, so that the caller's next request can use it. The lease ends outside the
    /// lock.
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

    // MARK: Session events, one at a time

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
                // A response that announces too large a body fails immediately.
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

    /// Finishes with a response that has no further data, and calls the session's completion handler.
    ///
    /// If the task is being canceled, the handler is not called, because on Linux that traps.
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
        // On Linux, completing a challenge waits for the session.
        events.withoutBound(completion)
    }

    func rejectResend() {
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
            // On Linux, unlike on Apple's systems, the bytes of a body are counted before they are sent. If the count is zero,
            // the server does not have the whole request.
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
