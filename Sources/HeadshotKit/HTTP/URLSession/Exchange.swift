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
///
/// ``ExchangeStateMachine`` decides what follows an event. The exchange performs it.
final class Exchange: Sendable {
    let task: URLSessionTask
    private let file: URL?
    private let events: DelegateQueue
    private let control: TaskControl
    private let reportSilence: @Sendable () -> Void
    private let stopwatch: Stopwatch
    /// The size of the body in bytes, for use if the system does not report it. `nil` if there is no body or its size is unknown.
    private let bodySize: Int64?
    private let onProgress: ProgressHandler?
    /// The cancellation of the task. Only the state machine knows whether one has begun.
    private let cancellation = DispatchGroup()
    private let state: Locked<StateMachine>

    private typealias StateMachine = ExchangeStateMachine<
        SessionPool.Lease, CheckedContinuation<TransportResponse, any Error>, FileSink
    >

    init(
        task: URLSessionTask,
        request: TransportRequest,
        file: URL?,
        lease: SessionPool.Lease,
        stopwatch: Stopwatch,
        onProgress: ProgressHandler?
    ) {
        self.task = task
        self.file = file
        events = lease.events
        control = lease.control
        reportSilence = lease.reportSilence
        state = Locked(StateMachine(request, lease: lease))
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
                perform { machine in
                    switch machine.start(continuation) {
                    case .startTask:
                        // Queued inside the lock, so that no cancellation is queued before. A task that is started after its
                        // cancellation still runs.
                        control.run { [task] in task.resume() }
                        return StateMachine.Actions()
                    case .perform(let actions):
                        return actions
                    }
                }
            }
        } onCancel: {
            perform { $0.cancel() }
        }
    }

    /// The time since the last byte was sent or received.
    var quiet: Duration { stopwatch.elapsed - state.withLock(\.lastActivity) }

    /// Reports the session as silent and returns a timeout error.
    func timeOut(_ message: String) -> TransportError {
        reportSilence()
        return TransportError(.timedOut, message, mayHaveBeenReceived: true)
    }

    // MARK: Session events, one at a time

    func didSend(_ sent: Int64, of expected: Int64) {
        let progress = TransferProgress(completed: sent, total: expected > 0 ? expected : bodySize)
        perform { $0.reportSent(progress, at: stopwatch.elapsed) }
    }

    func receive(_ response: URLResponse) {
        guard let head = TransportResponse(response) else {
            let error = TransportError(.invalidResponse, "The response is not HTTP.", mayHaveBeenReceived: true)
            return perform { $0.fail(error) }
        }
        perform { machine in
            guard machine.isOpen else { return StateMachine.Actions() }
            do {
                // Opened inside the lock, so that the caller is not resumed meanwhile.
                let sink = try file.flatMap { try FileSink($0, for: head) }
                return machine.receiveHead(head, sink: sink, at: stopwatch.elapsed)
            } catch {
                return machine.fail(fileError(error))
            }
        }
    }

    func receive(_ data: Data) {
        perform { machine in
            switch machine.receive(data, at: stopwatch.elapsed) {
            case .write(let sink, let actions):
                do {
                    // Written inside the lock, so that the caller is not resumed meanwhile.
                    try sink.write(data)
                    return actions
                } catch {
                    return machine.fail(fileError(error))
                }
            case .perform(let actions):
                return actions
            }
        }
    }

    private func fileError(_ error: any Error) -> TransportError {
        error as? TransportError ?? TransportError(file: file, error)
    }

    /// Finishes with a response that has no further data, and calls the session's completion handler.
    ///
    /// If the task is being canceled, the handler is not called, because on Linux that traps.
    func receiveFinal(_ response: HTTPURLResponse, completion: () -> Void) {
        let head = TransportResponse(response)
        perform({ $0.receiveFinal(head) }, handler: completion)
    }

    func rejectResend() {
        perform { $0.rejectResend() }
    }

    func complete(with error: (any Error)?) {
        let completion: ExchangeCompletion
        if let error {
            let sent = task.countOfBytesSent
            completion = .failure(TransportError(error, bytesSent: sent), isBodyUnsent: isBodyUnsent(sent: sent))
        } else {
            completion = .success(task.response.flatMap(TransportResponse.init))
        }
        perform { $0.complete(completion) }
    }

    /// Whether the server certainly does not have the whole request, given the number of sent bytes of the body.
    private func isBodyUnsent(sent: Int64) -> Bool {
        #if canImport(FoundationNetworking)
        // On Linux, unlike on Apple's systems, the bytes of a body are counted before they are sent.
        if let bodySize, bodySize > 0 { return sent == 0 }
        #endif
        return false
    }

    // MARK: Actions

    /// Changes the state inside the lock and then performs the actions outside the lock.
    private func perform(
        _ input: (inout StateMachine) -> StateMachine.Actions,
        handler: () -> Void = {}
    ) {
        var actions = state.withLock(input)
        // The session is freed before the caller resumes, so that the caller's next request can use it.
        actions.leaseToEnd = nil
        if actions.shouldWaitForCancellation { events.withoutBound { cancellation.wait() } }
        actions.sinkToClose?.close()
        if let (caller, outcome) = actions.callerToResume { caller.resume(with: outcome) }
        if actions.shouldCancelTask { cancelTask() }
        // On Linux, completing a challenge waits for the session.
        if actions.shouldCallHandler { events.withoutBound(handler) }
        if let progress = actions.progressToReport { onProgress?(progress) }
    }

    /// Cancels the task, unless it is complete by then.
    private func cancelTask() {
        control.run { [self] in
            cancellation.enter()
            defer { cancellation.leave() }
            if state.withLock({ $0.beginCancellation() }) { task.cancel() }
        }
    }
}
