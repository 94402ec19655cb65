import Foundation

extension GenerationRun {
    /// Returns the tag of the record that the call will create. Returns `nil` without a correlation.
    func correlationTag() throws -> CorrelationTag? {
        guard options.correlation != .none, !traits.isFree else { return nil }
        guard options.correlation == backend.correlation else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "\(backend.displayName) does not support the correlation .\(options.correlation).",
                advice: "Set options.correlation to .\(backend.correlation), or to .none.",
                operation: operation,
                submission: .notSent
            )
        }
        guard backend.configuration.jobStore != nil else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "The correlation .\(options.correlation) needs a job store, which this client does not have.",
                advice: "Give the client's configuration a jobStore, such as FileJobStore.",
                operation: operation,
                submission: .notSent
            )
        }
        return CorrelationTag(.timeOrdered(at: Date()))
    }
}
