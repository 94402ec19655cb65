import Dispatch
import Foundation

/// Ctrl-C, or the signal by which others ask a process to end.
struct Interrupted: Error {}

enum Interruption {
    /// Does something, and cancels it at the first SIGINT or SIGTERM. The second ends the process at once, and so does one that
    /// comes when the work is over. To be used once in a process.
    ///
    /// - Parameters:
    ///   - body: What is to be done.
    ///   - onSignal: Called at the first signal, before the body is canceled.
    /// - Throws: ``Interrupted`` where a signal came; what the body throws otherwise.
    static func cancelling<Value: Sendable>(
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
                // What was done by then is done: it is not lost to a signal that came too late.
                do {
                    if let value = try await group.next() ?? nil { return value }
                } catch is CancellationError {
                    throw Interrupted()
                }
            }
            throw CancellationError()
        }
    }

    /// Waits for the first SIGINT or SIGTERM, or until canceled.
    static func wait() async throws {
        do {
            try await cancelling { try await Task.sleep(for: .seconds(Int32.max)) }
        } catch is Interrupted {
            return
        }
    }

    private static func watch(
        _ number: Int32,
        _ count: Count,
        _ continuation: AsyncStream<Int32>.Continuation
    ) {
        // The default would end the process before the source hears of the signal.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler {
            count.value += Int(source.data)
            // Nothing is said any more: what keeps the work from ending may be the very terminal.
            if count.value > 1 { _exit(ExitStatus.interrupted.rawValue) }
            continuation.yield(number)
        }
        // Never canceled: without it, Ctrl-C would be dead for the rest of the process. Its handler keeps it.
        source.activate()
    }

    private static let queue = DispatchQueue(label: "signals")

    private final class Count: @unchecked Sendable {
        // Unchecked, because only the serial queue touches it, and the compiler cannot see that.
        var value = 0
    }
}
