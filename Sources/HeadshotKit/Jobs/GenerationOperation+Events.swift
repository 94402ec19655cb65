extension GenerationOperation {
    /// Runs ``generate(_:options:onEvent:)`` and returns its progress as a sequence, for example for a progress view in SwiftUI.
    ///
    /// The last element is ``GenerationUpdate/finished(_:)``. The workflow starts at once. It is canceled if the loop over the sequence
    /// ends early or if its task is canceled. The job itself is not affected. It can be resumed with the handle in
    /// ``GenerationEvent/submitted(_:)``, or from a ``ClientConfiguration/jobStore``.
    ///
    /// - Parameters:
    ///   - request: The request. Its media may be local.
    ///   - options: The download directory, the deadline, and the steps to run.
    /// - Returns: A sequence for one loop. It throws what ``generate(_:options:onEvent:)`` throws.
    public func events(
        for request: Request,
        options: GenerationOptions = GenerationOptions()
    ) -> WorkflowSequence<GenerationUpdate<Project>> {
        stream { reporter in try await generate(request, options: options, events: reporter) }
    }

    /// Runs ``resume(_:options:onEvent:)`` and returns its progress as a sequence. See ``events(for:options:)``.
    public func events(
        resuming job: JobHandle,
        options: GenerationOptions = GenerationOptions()
    ) -> WorkflowSequence<GenerationUpdate<Project>> {
        stream { reporter in try await resume(job, options: options, events: reporter) }
    }

    private func stream(
        _ body: @escaping @Sendable (EventReporter) async throws -> GenerationResult<Project>
    ) -> WorkflowSequence<GenerationUpdate<Project>> {
        WorkflowSequence { continuation in
            let progress = Locked(GenerationProgress())
            let stopwatch = Stopwatch(backend.configuration.clock)
            let reporter = EventReporter { event in
                let fraction = progress.withLock { progress in
                    progress.note(event, at: stopwatch.elapsed)
                    return progress.fraction
                }
                continuation.yield(.progress(event, fractionCompleted: fraction))
            } onEstimate: { remaining in
                progress.withLock { $0.expect(remaining, at: stopwatch.elapsed) }
            }
            // Real time, because the updates are for a person who is watching.
            let result = try await result(of: { try await body(reporter) }) {
                while true {
                    try await Task.sleep(for: .milliseconds(500))
                    let fraction = progress.withLock { progress in
                        progress.update(at: stopwatch.elapsed)
                        return progress.fraction
                    }
                    continuation.yield(.progress(nil, fractionCompleted: fraction))
                }
            }
            guard let result else { throw CancellationError() }
            continuation.yield(.finished(result))
        }
    }
}

/// An element of ``GenerationOperation/events(for:options:)``.
public enum GenerationUpdate<Project: Sendable>: Sendable {
    /// The workflow made progress. The event is `nil` if only time has passed.
    case progress(GenerationEvent?, fractionCompleted: Double)
    /// The workflow is finished. No element follows.
    case finished(GenerationResult<Project>)

    /// The estimated fraction of the whole workflow that is complete, from 0 to 1. It never decreases.
    public var fractionCompleted: Double {
        switch self {
        case .progress(_, let fraction): fraction
        case .finished: 1
        }
    }
}

extension GenerationUpdate: CustomStringConvertible {
    /// The completed fraction with the event, as text for a log. It contains no URL of an output.
    public var description: String {
        let percent = "\(Int(exactly: (fractionCompleted * 100).rounded(.down)) ?? 0) %"
        switch self {
        case .progress(let event, _): return event.map { "\(percent): \($0)" } ?? percent
        case .finished(let result): return "\(percent): Finished job \(result.job)"
        }
    }
}
