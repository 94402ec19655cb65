public import Foundation
public import HeadshotKit

/// A `Transport` that simulates Magic Hour and ModelsLab in memory, including their charges and refunds.
///
/// ```swift
/// let service = SimulatedService(clock: clock)
/// let configuration = ClientConfiguration(transport: service, clock: clock)
/// let magicHour = try MagicHour(apiKey: service.configuration.magicHourKey, configuration: configuration)
/// service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
/// // Run the code under test here.
/// XCTAssertEqual(service.ledger.map(\.amount), [50])  // every charge and refund
/// ```
/// The service keeps uploads, jobs and credits. Rendering takes time on the clock, and URLs expire. Image outputs are real PNG
/// files, and video outputs are well-formed MP4 boxes. The service supports range requests for all outputs. Requests are
/// distinguished only by method and path, so a client can use the services' real URLs. Webhook requests are sent to the closure of
/// ``deliverWebhooks(secret:fault:to:)``.
///
/// An HTTP server can expose the service. Pass each request to ``send(_:onProgress:)`` or ``download(_:to:onProgress:)``, and
/// set ``publicURL`` to the server's URL. If a `TransportError` is thrown, close the connection without a response. To get an
/// output larger than the request's `maximumResponseBytes`, use range requests or `download`.
public final class SimulatedService: Transport {
    /// The account, prices and durations of the service.
    public let configuration: Configuration

    let outbox: WebhookOutbox
    private let state: SharedState

    /// Creates a service without uploads, jobs or charges.
    ///
    /// - Parameters:
    ///   - publicURL: The base of the URLs in responses, without a path. `https://simulator.invalid` if `nil`. Defaults to `nil`.
    ///   - configuration: The account, prices and durations of the service.
    ///   - clock: The clock for rendering times and URL expiration. Pass a ``ManualClock`` to avoid real waits in tests. Defaults to
    ///     a `ContinuousClock`.
    public init(
        publicURL: URL? = nil,
        configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.configuration = configuration
        state = SharedState(SimulatedState(configuration: configuration), clock: clock)
        outbox = WebhookOutbox(state)
        self.publicURL = publicURL
    }

    deinit { outbox.stop() }

    /// The base of the URLs in responses, without a path. `nil` if the default, `https://simulator.invalid`, is used.
    public var publicURL: URL? {
        get { state.withLock(\.publicURL) }
        set { state.withLock { $0.publicURL = newValue } }
    }

    /// The current date of the service, which follows its clock from ``Configuration/startDate``.
    public var date: Date { state.withLock { $0.date($0.now) } }
    /// All charges and refunds, in order.
    public var ledger: [LedgerEntry] { state.withLock(\.ledger) }
    /// The number of Magic Hour credits left.
    public var credits: Int { state.withLock(\.credits) }
    /// The balance of the ModelsLab wallet, in US cents.
    public var walletCents: Int { state.withLock(\.walletCents) }
    /// All jobs in the order of creation, including face detections.
    public var jobs: [Job] { state.withLock(\.publicJobs) }
    /// All files that were uploaded to an upload URL, in the order of their first upload.
    public var uploads: [Upload] { state.withLock(\.uploads) }
    /// The number of requests for each operation, including requests that triggered a fault.
    public var requestCounts: [Route: Int] { state.withLock(\.requestCounts) }
    /// The number of injected faults that no request has triggered yet.
    public var faultsLeft: Int { state.withLock { $0.faults.values.joined().count } }

    /// Injects a fault into the next requests for an operation.
    ///
    /// Faults on the same operation are triggered in the order of injection.
    ///
    /// - Parameters:
    ///   - fault: The fault.
    ///   - route: The operation.
    ///   - times: The number of requests that trigger the fault. Defaults to 1.
    ///   - afterProcessing: Whether the service processes the request, and charges for it, before the fault replaces the response.
    ///     Ignored if the fault does not replace the response. Defaults to `false`.
    public func inject(_ fault: Fault, on route: Route, times: Int = 1, afterProcessing: Bool = false) {
        let pending = SimulatedState.PendingFault(effect: fault.effect, isAfterProcessing: afterProcessing)
        state.withLock { $0.faults[route, default: []] += Array(repeating: pending, count: times) }
    }

    /// Processes a request and returns its response.
    ///
    /// - Throws: The `TransportError` of an injected fault. A `TransportError` if the response is larger than the request allows or
    ///   the request body cannot be read. `CancellationError` if the task is canceled.
    public func send(
        _ request: TransportRequest,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        let response = try await response(to: request, onProgress: onProgress)
        return try response.gathered(upTo: request.maximumResponseBytes)
    }

    /// Processes a request and writes the response body to a file, as the protocol requires.
    ///
    /// The body is not held in memory.
    ///
    /// - Throws: The errors of ``send(_:onProgress:)``. A `TransportError` if the file cannot be written.
    public func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        let response = try await response(to: request, onProgress: nil)
        return try await response.downloaded(to: file, upTo: request.maximumResponseBytes, onProgress: onProgress)
    }

    private func response(
        to request: TransportRequest,
        onProgress: ProgressHandler?
    ) async throws -> CannedResponse {
        try Task.checkCancellation()
        let (route, id) = Route.find(method: request.method, path: request.url.path)
        let fault = state.withLock { $0.nextFault(on: route) }
        if let fault, fault.effect.replacesResponse, !fault.isAfterProcessing {
            return try await outcome(of: fault, request)
        }
        if case .slowness(let duration) = fault?.effect { try await state.clock.sleep(for: duration) }

        let incoming = try IncomingRequest(request, route: route, id: id, configuration: configuration)
        if incoming.bodyByteCount > 0 {
            let count = Int64(incoming.bodyByteCount)
            onProgress?(TransferProgress(completed: count, total: count))
        }
        try Task.checkCancellation()
        let (response, created) = try state.withLock { state in
            let count = state.jobOrder.count
            let response = try state.response(to: incoming, fault: fault?.effect)
            return (response, state.jobOrder.dropFirst(count).first)
        }
        if let created { try await outbox.report(created) }
        if let fault, fault.effect.replacesResponse { return try await outcome(of: fault, request) }
        return try response.altered(by: fault?.effect)
    }

    private func outcome(of fault: SimulatedState.PendingFault, _ request: TransportRequest) async throws
        -> CannedResponse
    {
        switch fault.effect {
        case .response(let response): return response
        case .failure(let error): throw error
        default:
            switch request.timeout {
            case .total(let duration), .idle(let duration): try await state.clock.sleep(for: duration)
            }
            throw TransportError(.timedOut, "no response came in time", mayHaveBeenReceived: true)
        }
    }
}

extension CannedResponse {
    fileprivate func altered(by effect: SimulatedService.Fault.Effect?) throws -> CannedResponse {
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
