import Foundation
import HeadshotKit
import NIOConcurrencyHelpers

/// A transport that holds the requests with a path back until a test lets them through.
final class BlockingTransport: Transport {
    private let transport: any Transport
    private let path: String
    private let gate = Gate()
    private let blocked = Gate()

    init(_ transport: any Transport, onPathsContaining path: String) {
        self.transport = transport
        self.path = path
    }

    func waitUntilBlocked() async { await blocked.wait() }
    func unblock() { gate.open() }

    func send(_ request: TransportRequest, onProgress: ProgressHandler?) async throws -> TransportResponse {
        if request.url.path.contains(path) {
            blocked.open()
            await gate.wait()
        }
        return try await transport.send(request, onProgress: onProgress)
    }

    func download(_ request: TransportRequest, to file: URL, onProgress: ProgressHandler?) async throws
        -> TransportResponse
    {
        try await transport.download(request, to: file, onProgress: onProgress)
    }
}

/// A gate that opens once. A canceled task passes it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [UUID: CheckedContinuation<Void, Never>] = [:]
        var canceled: Set<UUID> = []
    }

    private let state = NIOLockedValueBox(State())

    func open() {
        let waiting = state.withLockedValue { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    func wait() async {
        let id = UUID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLockedValue { state in
                    guard !state.isOpen, !state.canceled.contains(id) else { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if passes { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLockedValue { state in
                state.canceled.insert(id)
                return state.waiting.removeValue(forKey: id)
            }
            continuation?.resume()
        }
    }
}
