extension GenerationOperation {
    /// Runs ``generate(_:options:onEvent:)`` for many requests, several at the same time. One that fails does not stop the others.
    ///
    /// - Parameters:
    ///   - requests: What to make.
    ///   - maximumConcurrency: How many jobs are under way at the same time: at least one, and `.max` for all of them.
    ///   - options: As for one request.
    ///   - onEvent: Told what happens to which request, by its index. Events of different requests may come at the same time.
    ///   - onResult: Told of each result as it comes in, one at a time.
    /// - Returns: The results in the order of the requests.
    /// - Throws: `CancellationError`, and nothing else.
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
