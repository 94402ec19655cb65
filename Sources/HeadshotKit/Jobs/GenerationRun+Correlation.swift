import Foundation

extension GenerationRun {
    /// Returns the tag of the record that the call will create. Returns `nil` without a correlation.
    func correlationTag() throws -> CorrelationTag? {
        guard options.correlation != .none, !traits.isFree else { return nil }
        let name = ".\(options.correlation)"
        guard options.correlation == backend.correlation else {
            throw unsupported(
                "\(backend.displayName) does not support the correlation \(name).",
                advice: "Set options.correlation to .\(backend.correlation), or to .none."
            )
        }
        guard backend.configuration.jobStore != nil else {
            throw unsupported(
                "The correlation \(name) needs a job store, which this client does not have.",
                advice: "Give the client's configuration a jobStore, such as FileJobStore."
            )
        }
        return CorrelationTag(predecessor?.nextID ?? .timeOrdered(at: Date()))
    }

    private func unsupported(_ message: String, advice: String) -> HeadshotKitError {
        HeadshotKitError(.invalidConfiguration, message, advice: advice, operation: operation, submission: .notSent)
    }
}
