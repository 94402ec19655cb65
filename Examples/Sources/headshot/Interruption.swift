import Dispatch
import Foundation

/// Ctrl-C, or the signal by which others ask a process to end.
struct Interrupted: Error {}

enum Interruption {
    /// Does something, and cancels it at the first SIGINT or SIGTERM. The second ends the process at once.
    ///
    /// - Throws: ``Interrupted`` where a signal came; what the body throws otherwise.
    static func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        let count = Count()
        let sources = [SIGINT, SIGTERM].map { watch($0, count, continuation) }
        defer { for source in sources { source.cancel() } }
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

    /// Waits for the first SIGINT or SIGTERM, or until cancelled.
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
    ) -> any DispatchSourceSignal {
        // The default would end the process before the source hears of the signal.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler {
            count.value += Int(source.data)
            if count.value > 1 {
                Console.draw("\n")
                _exit(ExitStatus.interrupted.rawValue)
            }
            continuation.yield(number)
        }
        source.activate()
        return source
    }

    private static let queue = DispatchQueue(label: "signals")

    private final class Count: @unchecked Sendable {
        // Unchecked, because only handlers on the serial queue touch it, and the compiler cannot see that.
        var value = 0
    }
}
