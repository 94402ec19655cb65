extension GenerationOperation {
    /// A closure that receives the result of a request, with the index of the request.
    public typealias ResultHandler = (Int, Result<GenerationResult<Project>, any Error>) async throws -> Void

    /// Runs ``generate(_:options:onEvent:)`` for many requests, several at the same time. A failed request does not stop the
    /// others.
    ///
    /// - Parameters:
    ///   - requests: The requests to run.
    ///   - maximumConcurrency: The maximum number of jobs in progress at the same time, at least 1. Pass `.max` to run all
    ///     requests at once. Defaults to 8.
    ///   - options: The options for every request. For different options, use ``results(for:maximumConcurrency:onEvent:)``.
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
        onEvent: IndexedEventHandler? = nil,
        onResult: ResultHandler? = nil
    ) async throws -> [Result<GenerationResult<Project>, any Error>] {
        var results = [Result<GenerationResult<Project>, any Error>?](repeating: nil, count: requests.count)
        try await run(requests.map { ($0, options) }, maximumConcurrency, onEvent) { index, result in
            results[index] = result
            try await onResult?(index, result)
        }
        return results.compactMap { $0 }
    }

    /// Runs ``generate(_:options:onEvent:)`` for many requests, several at the same time, and returns each result as soon as it is
    /// available.
    ///
    /// A failed request does not stop the others. The requests are canceled if the loop over the sequence ends early or if its task is
    /// canceled. Their jobs are not affected. Use a ``ClientConfiguration/jobStore``, from which such jobs can be resumed.
    ///
    /// - Parameters:
    ///   - requests: The requests to run.
    ///   - maximumConcurrency: The maximum number of jobs in progress at the same time, at least 1. Defaults to 8.
    ///   - options: The options for every request.
    /// - Returns: A sequence for one loop, of each result with the index of its request. It throws only `CancellationError`.
    public func results(
        for requests: [Request],
        maximumConcurrency: Int = 8,
        options: GenerationOptions = GenerationOptions()
    ) -> WorkflowSequence<(index: Int, result: Result<GenerationResult<Project>, any Error>)> {
        results(for: requests.map { ($0, options) }, maximumConcurrency: maximumConcurrency)
    }

    /// Runs requests that have options of their own, such as a ``GenerationOptions/reference`` or a directory for each person. See
    /// ``results(for:maximumConcurrency:options:)``.
    ///
    /// - Parameters:
    ///   - requests: The requests to run, with their options.
    ///   - maximumConcurrency: The maximum number of jobs in progress at the same time, at least 1. Defaults to 8.
    ///   - onEvent: Receives each event with the index of its request. Events of different requests may arrive concurrently.
    public func results(
        for requests: [(request: Request, options: GenerationOptions)],
        maximumConcurrency: Int = 8,
        onEvent: IndexedEventHandler? = nil
    ) -> WorkflowSequence<(index: Int, result: Result<GenerationResult<Project>, any Error>)> {
        WorkflowSequence { continuation in
            try await run(requests, maximumConcurrency, onEvent) { continuation.yield((index: $0, result: $1)) }
        }
    }

    private func run(
        _ requests: [(request: Request, options: GenerationOptions)],
        _ maximumConcurrency: Int,
        _ onEvent: IndexedEventHandler?,
        _ onResult: ResultHandler
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, Result<GenerationResult<Project>, any Error>).self) { group in
            var rest = requests.enumerated().makeIterator()
            func startNext() {
                guard let (index, (request, options)) = rest.next() else { return }
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
            while let (index, result) = try await group.next() {
                try await onResult(index, result)
                startNext()
            }
        }
    }
}
