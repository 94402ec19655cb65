import Foundation
import HeadshotKitTesting

@testable import HeadshotKit

/// A crash at a numbered point before or after a step of the store or the transport. Later steps have no effect.
final class Crash: Sendable {
    private let state: Locked<(remaining: Int, onCrash: (@Sendable () -> Void)?)>

    init(at point: Int) { state = Locked((point, nil)) }

    var hasHappened: Bool { state.withLock { $0.remaining <= 0 } }

    /// Sets what ends the call that crashes.
    func onCrash(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onCrash = body } }

    /// Runs a step, unless the crash happened or happens now.
    func step<Value>(_ body: () async throws -> Value) async throws -> Value {
        try pass()
        let value = try await body()
        try pass()
        return value
    }

    private func pass() throws {
        let onCrash = try state.withLock { state in
            guard state.remaining > 0 else { throw CancellationError() }
            state.remaining -= 1
            return state.remaining == 0 ? state.onCrash : nil
        }
        guard let onCrash else { return }
        onCrash()
        throw CancellationError()
    }
}

struct CrashingStore: WrappingStore {
    let inner: FileJobStore
    let crash: Crash

    func save(_ record: JobRecord) async throws { try await crash.step { try await inner.save(record) } }
    func remove(_ id: UUID) async throws { try await crash.step { try await inner.remove(id) } }
}

struct CrashingTransport: Transport {
    let inner: SimulatedService
    let crash: Crash

    func send(_ request: TransportRequest, onProgress: ProgressHandler?) async throws -> TransportResponse {
        try await crash.step { try await inner.send(request, onProgress: onProgress) }
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        try await crash.step { try await inner.download(request, to: file, onProgress: onProgress) }
    }
}
