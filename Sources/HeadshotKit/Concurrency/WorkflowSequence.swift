/// The updates or results of a running call, for one `for try await` loop.
///
/// The call starts at once. Ending the loop, canceling its task, or dropping the sequence cancels the call. A canceled task waits for the
/// call and throws `CancellationError`. Otherwise, the call may run for several more seconds and holds its claims until it ends.
public struct WorkflowSequence<Element: Sendable>: AsyncSequence, Sendable {
    typealias Continuation = AsyncThrowingStream<Element, any Error>.Continuation

    private let stream: AsyncThrowingStream<Element, any Error>
    private let task: Task<Void, Never>

    /// Starts a call. The sequence ends with it.
    init(_ body: @escaping @Sendable (Continuation) async throws -> Void) {
        let (stream, continuation) = AsyncThrowingStream<Element, any Error>.makeStream()
        let task = Task {
            do {
                try await body(continuation)
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        self.stream = stream
        self.task = task
    }

    /// Returns an iterator over the elements. Use only one.
    public func makeAsyncIterator() -> Iterator { Iterator(base: stream.makeAsyncIterator(), task: task) }

    /// An iterator over the elements.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: AsyncThrowingStream<Element, any Error>.Iterator
        fileprivate let task: Task<Void, Never>

        /// Returns the next element, or `nil` if the call has ended.
        ///
        /// - Throws: The error of the call; `CancellationError` if the calling task is canceled.
        public mutating func next() async throws -> Element? {
            if let element = try await base.next() { return element }
            // The stream of a canceled task ends without an error.
            await task.value
            try Task.checkCancellation()
            return nil
        }
    }
}
