extension GenerationOperation {
    /// Runs ``generate(_:options:onEvent:)`` for many requests, several at the same time. A failed request does not stop the
    /// others.
    ///
    /// - Parameters:
    ///   - requests: The requests to run.
    ///   - maximumConcurrency: The maximum number of jobs in progress at the same time, at least 1. Pass `.max` to run all
    ///     requests at once. Defaults to 8.
    ///   - options: The options for every request.
    ///   - onEvent: Receives each event with the index of its request. Events of different requests may arrive concurrently.
    ///   - onResult: Receives each result with the index of its request as soon as it is available, one at a time. If it throws,
    ///     the remaining requests are canceled.
    /// - Returns: The results in the order of the requests.
    /// - Throws: `CancellationError` if the task is canceled, or the error that `onResult` throws. Failed requests do not throw.
    @discardableResult
    public func generate(
        _ requests: [Request],
        maximumConcurrency: Int = 8,
        options: GenerationOptions = GenerationOptions(),
        onEvent: (@Sendable (Int, GenerationEvent) -> Void)? = nil,
        onResult: ((Int, Result<GenerationResult<Project>, any Error>) async throws -> Void)? = nil
    ) async throws -> [Result<GenerationResult<Project>, any Error>] {
        typealias Outcome = Result<GenerationResult<Project>, any Error>
        var outcomes = [Outcome?](repeating: nil, count: requests.count)
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            var rest = requests.enumerated().makeIterator()
            func startNext() {
                guard let (index, request) = rest.next() else { return }
                group.addTask {
                    do {
                        let result = try await generate(request, options: options) { onEvent?(index, $0) }
                        return (index, .success(result))
                    } catch {
                        try Task.checkCancellation()
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<min(max(1, maximumConcurrency), requests.count) { startNext() }
            while let (index, outcome) = try await group.next() {
                outcomes[index] = outcome
                try await onResult?(index, outcome)
                startNext()
            }
        }
        return outcomes.compactMap { $0 }
    }
}
