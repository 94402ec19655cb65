import Foundation

/// The states of an exchange.
///
/// Each method is an input. It changes the state and returns the actions that ``Exchange`` then performs. A timeout cancels the
/// caller's task and is therefore the same input as a cancellation.
struct ExchangeStateMachine<Lease, Caller, Sink> {
    typealias Outcome = Result<TransportResponse, any Error>

    private enum State {
        /// The caller does not wait yet, and the task is not started.
        case idle(Lease)
        /// The outcome came before the caller waited. The task is never started.
        case settled(Outcome, TaskState)
        /// The task is started, and the caller waits.
        case awaitingHead(Call)
        case collecting(Call, TransportResponse)
        case writing(Call, TransportResponse, Sink)
        /// The caller is resumed.
        case resumed(TaskState)
        /// The caller is resumed, and the task was not started. Its cancellation may still cause a completion.
        case neverStarted(isCanceled: Bool)
    }

    /// A started request whose caller waits.
    private struct Call {
        let lease: Lease
        let caller: Caller
        /// The number of received bytes of the body.
        var received: Int64 = 0
    }

    /// The state of a task whose exchange has an outcome. The lease is held until the task is complete.
    private enum TaskState {
        /// A cancellation was requested and has not begun.
        case toBeCanceled(Lease)
        /// A cancellation has begun.
        case canceled(Lease)
        /// The task completes by itself and must not be canceled.
        case ending(Lease)
        case complete

        var lease: Lease? {
            switch self {
            case .toBeCanceled(let lease), .canceled(let lease), .ending(let lease): lease
            case .complete: nil
            }
        }

        var isCanceled: Bool {
            if case .canceled = self { true } else { false }
        }
    }

    /// The actions that follow an input, in the order in which they are performed outside the lock.
    struct Actions {
        var leaseToEnd: Lease?
        var shouldWaitForCancellation = false
        var sinkToClose: Sink?
        var callerToResume: (caller: Caller, outcome: Outcome)?
        var shouldCancelTask = false
        /// Whether the session's completion handler is called.
        var shouldCallHandler = false
        var progressToReport: TransferProgress?
    }

    indirect enum StartAction {
        case startTask
        case perform(Actions)
    }

    indirect enum DataAction {
        /// The data is written to the sink before the actions.
        case write(Sink, then: Actions)
        case perform(Actions)
    }

    private let request: TransportRequest
    private var state: State
    /// The time of the last event.
    private(set) var lastActivity = Duration.zero

    init(_ request: TransportRequest, lease: Lease) {
        self.request = request
        state = .idle(lease)
    }

    /// Whether there is no outcome yet. A file is opened only in this case, because opening may truncate the file.
    var isOpen: Bool {
        switch state {
        case .idle, .awaitingHead, .collecting, .writing: true
        case .settled, .resumed, .neverStarted: false
        }
    }

    // MARK: Caller

    /// Starts the task for a caller that waits from now on.
    mutating func start(_ caller: Caller) -> StartAction {
        switch state {
        case .idle(let lease):
            state = .awaitingHead(Call(lease: lease, caller: caller))
            return .startTask
        case .settled(let outcome, let task):
            // A task that was never started may have no completion, so the lease ends here.
            switch task {
            case .toBeCanceled: state = .neverStarted(isCanceled: false)
            case .canceled: state = .neverStarted(isCanceled: true)
            case .ending, .complete: state = .resumed(.complete)
            }
            return .perform(Actions(leaseToEnd: task.lease, callerToResume: (caller, outcome)))
        case .awaitingHead, .collecting, .writing, .resumed, .neverStarted:
            preconditionFailure("An exchange has one caller.")
        }
    }

    mutating func cancel() -> Actions {
        fail(CancellationError())
    }

    /// Ends an open exchange with an error and requests the cancellation of its task.
    mutating func fail(_ error: any Error) -> Actions {
        guard isOpen else { return Actions() }
        var actions = settle(.failure(error)) { .toBeCanceled($0) }
        actions.shouldCancelTask = true
        return actions
    }

    /// Begins a requested cancellation. Returns whether the task may still be canceled.
    mutating func beginCancellation() -> Bool {
        switch state {
        case .settled(let outcome, .toBeCanceled(let lease)): state = .settled(outcome, .canceled(lease))
        case .resumed(.toBeCanceled(let lease)): state = .resumed(.canceled(lease))
        case .neverStarted(isCanceled: false): state = .neverStarted(isCanceled: true)
        default: return false
        }
        return true
    }

    // MARK: Session events

    mutating func reportSent(_ progress: TransferProgress, at time: Duration) -> Actions {
        lastActivity = time
        return Actions(progressToReport: isOpen ? progress : nil)
    }

    /// Receives a head. The body is collected in memory if the sink is `nil`.
    mutating func receiveHead(_ head: TransportResponse, sink: Sink?, at time: Duration) -> Actions {
        guard let call else { return Actions(sinkToClose: sink) }
        lastActivity = time
        var actions = Actions()
        let replaced = self.sink
        if let sink {
            state = .writing(call, head, sink)
        } else {
            state = .collecting(call, head)
            // A response that announces too large a body fails immediately.
            if let length = head.contentLength, length > request.maximumResponseBytes { actions = fail(tooLarge) }
        }
        actions.sinkToClose = replaced
        return actions
    }

    mutating func receive(_ data: Data, at time: Duration) -> DataAction {
        guard var call else { return .perform(Actions()) }
        lastActivity = time
        call.received += Int64(data.count)
        switch state {
        case .writing(_, let head, let sink):
            state = .writing(call, head, sink)
            let progress = TransferProgress(completed: call.received, total: head.contentLength)
            return .write(sink, then: Actions(progressToReport: progress))
        case .collecting(_, var response) where call.received <= request.maximumResponseBytes:
            // The state releases the body meanwhile, because appending would otherwise copy it.
            state = .awaitingHead(call)
            response.body.append(data)
            state = .collecting(call, response)
        case .awaitingHead where call.received <= request.maximumResponseBytes:
            state = .awaitingHead(call)
        default:
            return .perform(fail(tooLarge))
        }
        return .perform(Actions())
    }

    /// Receives the head of a response that has no further data. The session's handler is not called if the task is canceled.
    mutating func receiveFinal(_ head: TransportResponse) -> Actions {
        var actions = Actions()
        switch state {
        case .idle, .awaitingHead, .collecting, .writing:
            var final = head
            final.body = response?.body ?? Data()
            actions = settle(.success(final)) { .ending($0) }
        case .settled(let outcome, .toBeCanceled(let lease)): state = .settled(outcome, .ending(lease))
        case .resumed(.toBeCanceled(let lease)): state = .resumed(.ending(lease))
        case .settled(_, .ending), .resumed(.ending): break
        case .settled, .resumed, .neverStarted: return actions
        }
        actions.shouldCallHandler = true
        return actions
    }

    /// Rejects the session's request for a new body to send.
    mutating func rejectResend() -> Actions {
        fail(
            TransportError(
                .connectionLost,
                "The connection ended after the request had been sent and before a response came.",
                mayHaveBeenReceived: true
            )
        )
    }

    /// Ends the exchange. No cancellation begins afterward.
    mutating func complete(_ completion: ExchangeCompletion) -> Actions {
        switch state {
        case .idle, .awaitingHead, .collecting, .writing:
            let outcome = completion.outcome(for: request, response: response, received: call?.received ?? 0)
            var lease: Lease?
            var actions = settle(outcome) {
                lease = $0
                return .complete
            }
            actions.leaseToEnd = lease
            return actions
        case .settled(let outcome, let task):
            state = .settled(outcome, .complete)
            return Actions(leaseToEnd: task.lease, shouldWaitForCancellation: task.isCanceled)
        case .resumed(let task):
            state = .resumed(.complete)
            return Actions(leaseToEnd: task.lease, shouldWaitForCancellation: task.isCanceled)
        case .neverStarted(let isCanceled):
            state = .resumed(.complete)
            return Actions(shouldWaitForCancellation: isCanceled)
        }
    }
}

// MARK: - Steps

extension ExchangeStateMachine {
    private var call: Call? {
        switch state {
        case .awaitingHead(let call), .collecting(let call, _), .writing(let call, _, _): call
        case .idle, .settled, .resumed, .neverStarted: nil
        }
    }

    /// The received head with the collected part of the body.
    private var response: TransportResponse? {
        switch state {
        case .collecting(_, let response), .writing(_, let response, _): response
        default: nil
        }
    }

    private var sink: Sink? {
        guard case .writing(_, _, let sink) = state else { return nil }
        return sink
    }

    /// Gives an open exchange its outcome and its task the next state.
    private mutating func settle(_ outcome: Outcome, _ task: (Lease) -> TaskState) -> Actions {
        if case .idle(let lease) = state { state = .settled(outcome, task(lease)) }
        guard let call else { return Actions() }
        defer { state = .resumed(task(call.lease)) }
        return Actions(sinkToClose: sink, callerToResume: (call.caller, outcome))
    }

    private var tooLarge: TransportError {
        let message = "The response is larger than \(request.maximumResponseBytes) bytes."
        return TransportError(.responseTooLarge, message, mayHaveBeenReceived: true)
    }
}
