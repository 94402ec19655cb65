import FaultyServer
import Foundation
import HeadshotKit

/// Decides which requests of one step meet the fault.
final class Strikes: @unchecked Sendable {
    // Unchecked because of the counts, which are touched under the lock alone.
    private let lock = NSLock()
    private let step: ServiceStep
    private let isRepeated: Bool
    private var isOver = false
    private var struck = 0
    private var requests: [ServiceStep: Int] = [:]

    init(at step: ServiceStep, isRepeated: Bool) {
        self.step = step
        self.isRepeated = isRepeated
    }

    /// Whether the request, which is the next one of its step, meets the fault.
    func hits(_ step: ServiceStep) -> Bool {
        lock.withLock {
            guard step == self.step, !isOver, isRepeated || struck == 0 else { return false }
            struck += 1
            return true
        }
    }

    /// Ends the fault.
    func end() { lock.withLock { isOver = true } }

    /// How many requests it met.
    var count: Int { lock.withLock { struck } }

    /// Counts a request that leaves the client.
    func note(_ step: ServiceStep) { lock.withLock { requests[step, default: 0] += 1 } }

    /// How many requests of a step have left the client.
    func requests(of step: ServiceStep) -> Int { lock.withLock { requests[step] ?? 0 } }
}

/// A transport that sends some requests to another port of this machine, where no connection can be made. Everything else about
/// them is real.
struct Diversion: Transport {
    let transport: any Transport
    let strikes: Strikes
    /// Where they go; nil leaves them alone.
    let destination: URL?

    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        try await transport.send(diverted(request), onProgress: onProgress)
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        try await transport.download(diverted(request), to: file, onProgress: onProgress)
    }

    private func diverted(_ request: TransportRequest) -> TransportRequest {
        let step = ServiceStep(method: request.method, path: request.url.path)
        strikes.note(step)
        guard let destination, strikes.hits(step) else { return request }
        var components = URLComponents(url: request.url, resolvingAgainstBaseURL: false)
        components?.scheme = destination.scheme
        components?.port = destination.port
        var request = request
        request.url = components?.url ?? destination
        return request
    }
}

/// A clock on which a minute is over in a second and a half: the transport's own timeouts can be met without waiting for them.
struct HurriedClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private static let factor = 40
    private let start = ContinuousClock.now

    var now: Instant { Instant(offset: start.duration(to: .now) * Self.factor) }
    var minimumResolution: Duration { ContinuousClock().minimumResolution }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(for: now.duration(to: deadline) / Self.factor)
    }
}
