import FaultyServer
import Foundation
import HeadshotKit

/// A transport that redirects requests with the fault to a port that accepts no connection.
struct RedirectingTransport: Transport {
    let transport: any Transport
    let schedule: FaultSchedule
    /// The base URL for requests with the fault. `nil` redirects none.
    let destination: URL?

    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        try await transport.send(redirected(request), onProgress: onProgress)
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        try await transport.download(redirected(request), to: file, onProgress: onProgress)
    }

    private func redirected(_ request: TransportRequest) -> TransportRequest {
        let step = ServiceStep(method: request.method, path: request.url.path)
        schedule.note(step)
        guard let destination, schedule.takeFault(at: step) else { return request }
        var components = URLComponents(url: request.url, resolvingAgainstBaseURL: false)
        components?.scheme = destination.scheme
        components?.port = destination.port
        var request = request
        request.url = components?.url ?? destination
        return request
    }
}

/// A clock that runs 12 times faster, to shorten the timeouts of the transport.
struct AcceleratedClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private static let factor = 12
    private let start = ContinuousClock.now

    var now: Instant { Instant(offset: start.duration(to: .now) * Self.factor) }
    var minimumResolution: Duration { ContinuousClock().minimumResolution }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(for: now.duration(to: deadline) / Self.factor)
    }
}
