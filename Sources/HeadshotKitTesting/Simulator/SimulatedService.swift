public import Foundation
public import HeadshotKit

/// Magic Hour and ModelsLab in memory: a `Transport` that behaves as the two services do, down to the money.
///
/// ```swift
/// let service = SimulatedService(clock: clock)
/// let magicHour = try MagicHour(apiKey: service.configuration.magicHourKey, ...)   // with `service` as its transport
/// service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
/// // ... run the code under test ...
/// service.ledger      // what was charged and given back
/// ```
/// Uploads, jobs and credits are kept; renders take their time on the clock; links expire; outputs are real PNG files (of
/// videos: well-formed MP4 boxes) that are served in ranges. Requests are told apart by method and path alone, so a client may
/// use the services' real addresses. Webhooks are accepted and not delivered.
///
/// An HTTP server can stand before it: hand each request to ``send(_:onProgress:)`` or ``download(_:to:onProgress:)``, and set
/// ``publicURL`` to the server's address. A `TransportError` that is thrown means: close the connection without a response. An
/// output larger than the request's `maximumResponseBytes` is had in ranges or with `download`.
public final class SimulatedService: Transport {
    /// What the service grants, charges and takes its time for.
    public let configuration: Configuration

    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private let state: Locked<SimulatedState>

    /// A service at its start: no uploads, no jobs, nothing spent.
    ///
    /// - Parameters:
    ///   - publicURL: Where links in responses lead, without a path; `https://simulator.invalid` unless given.
    ///   - configuration: What the service grants, charges and takes its time for.
    ///   - clock: By which jobs render and links expire; a ``ManualClock`` keeps tests from waiting for real.
    public init(
        publicURL: URL? = nil,
        configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.configuration = configuration
        self.clock = clock
        self.elapsed = Self.stopwatch(clock)
        self.state = Locked(SimulatedState(configuration: configuration))
        self.publicURL = publicURL
    }

    /// Where links in responses lead, without a path; nil stands for `https://simulator.invalid`.
    public var publicURL: URL? {
        get { state.withLock(\.publicURL) }
        set { state.withLock { $0.publicURL = newValue } }
    }

    /// Every charge and refund, in order.
    public var ledger: [LedgerEntry] { now(\.ledger) }
    /// The Magic Hour credits left.
    public var credits: Int { now(\.credits) }
    /// The ModelsLab wallet, in US cents.
    public var walletCents: Int { now(\.walletCents) }
    /// Every job, in the order of creation, face detections included.
    public var jobs: [Job] { now(\.publicJobs) }
    /// Every file that was uploaded to an upload link, in the order of its first upload.
    public var uploads: [Upload] { now(\.uploads) }
    /// How many requests have come for each operation, those that met a fault included.
    public var requestCounts: [Route: Int] { now(\.requestCounts) }
    /// How many injected faults no request has met yet.
    public var faultsLeft: Int { now { $0.faults.values.joined().count } }

    /// Lets something go wrong with the next requests for an operation. Faults on one operation strike in the order of injection.
    ///
    /// - Parameters:
    ///   - fault: What goes wrong.
    ///   - route: The operation.
    ///   - times: For how many requests.
    ///   - afterProcessing: Whether the service first does what was asked, and charges for it, where the fault takes the response's place.
    public func inject(_ fault: Fault, on route: Route, times: Int = 1, afterProcessing: Bool = false) {
        let struck = SimulatedState.PendingFault(effect: fault.effect, isAfterTaking: afterProcessing)
        state.withLock { $0.faults[route, default: []] += Array(repeating: struck, count: times) }
    }

    /// Does what the request asks and answers it.
    ///
    /// - Throws: The `TransportError` of an injected fault, or one for a response that is larger than the request allows, or a body
    ///   that cannot be read; `CancellationError` when the task is cancelled.
    public func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        let response = try await response(to: request, onProgress: onProgress)
        return try response.gathered(upTo: request.maximumResponseBytes)
    }

    /// Does what the request asks and writes the answer's body to the file, as the protocol says, without holding it in memory.
    ///
    /// - Throws: As ``send(_:onProgress:)``; a `TransportError` when the file cannot be written.
    public func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        let response = try await response(to: request, onProgress: nil)
        return try await response.downloaded(to: file, upTo: request.maximumResponseBytes, onProgress: onProgress)
    }

    private func response(
        to request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> CannedResponse {
        try Task.checkCancellation()
        let (route, id) = Route.find(method: request.method, path: request.url.path)
        let fault = now { $0.meet(route) }
        if let fault, fault.effect.replacesResponse, !fault.isAfterTaking { return try await strike(fault, request) }
        if case .slowness(let duration) = fault?.effect { try await clock.sleep(for: duration) }

        let incoming = try IncomingRequest(request, route: route, id: id, configuration: configuration)
        if incoming.bodyByteCount > 0 {
            let count = Int64(incoming.bodyByteCount)
            onProgress?(TransferProgress(completed: count, total: count))
        }
        try Task.checkCancellation()
        let response = try now { try $0.response(to: incoming, fault: fault?.effect) }
        if let fault, fault.effect.replacesResponse { return try await strike(fault, request) }
        return try response.spoiled(by: fault?.effect)
    }

    private func strike(_ fault: SimulatedState.PendingFault, _ request: TransportRequest) async throws
        -> CannedResponse
    {
        switch fault.effect {
        case .response(let response): return response
        case .failure(let error): throw error
        default:
            switch request.timeout {
            case .total(let duration), .idle(let duration): try await clock.sleep(for: duration)
            }
            throw TransportError(.timedOut, "no response came in time", mayHaveBeenReceived: true)
        }
    }

    /// SniffedContent at the state as it is at this moment of the clock.
    private func now<Result>(_ body: (inout SimulatedState) throws -> Result) rethrows -> Result {
        try state.withLock { state in
            state.move(to: elapsed())
            return try body(&state)
        }
    }

    private static func stopwatch<C: Clock>(_ clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}

extension CannedResponse {
    fileprivate func spoiled(by effect: SimulatedService.Fault.Effect?) throws -> CannedResponse {
        var response = self
        switch effect {
        case .truncation:
            let whole = body.bytes(in: 0..<body.count)
            response.body = PaddedBytes(whole.prefix(whole.count / 2))
        case .breakage(let count):
            response.breaksAfter = count
        case .status(let status):
            let whole = body.bytes(in: 0..<body.count)
            guard case .object(var fields) = try JSONDecoder().decode(JSONValue.self, from: whole) else { break }
            fields["status"] = .string(status)
            response.body = PaddedBytes(try JSONValue.object(fields).data)
        default: break
        }
        return response
    }
}
