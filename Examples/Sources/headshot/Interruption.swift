import Dispatch
import Foundation

/// The error thrown if SIGINT (Ctrl-C) or SIGTERM interrupts an operation.
struct Interrupted: Error {}

enum Interruption {
    /// Runs an operation and cancels it at the first SIGINT or SIGTERM.
    ///
    /// A second signal ends the process immediately, and so does a signal that arrives after the operation has ended. Call
    /// this method at most once per process.
    ///
    /// - Parameters:
    ///   - body: The operation to run.
    ///   - onSignal: The closure to call at the first signal, before the body is canceled.
    /// - Throws: ``Interrupted`` if a signal canceled the body; otherwise, the error thrown by the body.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value,
        onSignal: @escaping @Sendable () -> Void = {}
    ) async throws -> Value {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        let count = Count()
        for number in [SIGINT, SIGTERM] { watch(number, count, continuation) }
        defer { queue.async { count.value += 1 } }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { throw Interrupted() }
                return nil
            }
            defer { group.cancelAll() }
            do {
                if let value = try await group.next() ?? nil { return value }
            } catch is Interrupted {
                onSignal()
                group.cancelAll()
                // A body that completes despite the signal keeps its result.
                do {
                    if let value = try await group.next() ?? nil { return value }
                } catch is CancellationError {
                    throw Interrupted()
                }
            }
            throw CancellationError()
        }
    }

    /// Waits for the first SIGINT or SIGTERM, or until the task is canceled.
    static func wait() async throws {
        do {
            try await run { try await Task.sleep(for: .seconds(Int32.max)) }
        } catch is Interrupted {
            return
        }
    }

    private static func watch(
        _ number: Int32,
        _ count: Count,
        _ continuation: AsyncStream<Int32>.Continuation
    ) {
        // The default action would end the process before the dispatch source receives the signal.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler {
            count.value += Int(source.data)
            // No message is printed, because a blocked terminal may be what keeps the work from ending.
            if count.value > 1 { _exit(ExitStatus.interrupted.rawValue) }
            continuation.yield(number)
        }
        // The handler retains the source. Without the source, Ctrl-C would be ignored for the rest of the process.
        source.activate()
    }

    private static let queue = DispatchQueue(label: "signals")

    private final class Count: @unchecked Sendable {
        // Unchecked because only the serial queue accesses `value`.
        var value = 0
    }
}
