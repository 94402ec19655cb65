import Foundation

extension HeadshotKitError {
    /// Returns the error for a record that another worker has claimed or has just delivered.
    static func jobInUse(_ record: JobRecord) -> HeadshotKitError {
        HeadshotKitError(
            .jobInUse,
            """
            Another process or task is working on job \(record.job?.shownID ?? record.id.uuidString), or has just delivered it.
            """,
            advice: otherWorkerAdvice,
            operation: record.operation,
            submission: record.job.map { .accepted($0) } ?? .unconfirmed
        )
    }

    /// Returns the error for a record whose job is unknown.
    static func unconfirmed(_ record: JobRecord, at backend: any JobBackend) -> HeadshotKitError {
        HeadshotKitError(
            .submissionUnconfirmed,
            """
            \(backend.displayName) may have accepted the \(record.operation) request of \(record.createdAt.rawValue), but the id of the \
            job is unknown.
            """,
            advice: record.unconfirmedAdvice,
            operation: record.operation,
            submission: .unconfirmed
        )
    }

    /// Returns the error for a record that this version cannot save again without losing a part of it.
    static func newerVersion(_ record: JobRecord) -> HeadshotKitError {
        HeadshotKitError(
            .jobStore,
            "The record \(record.id) was saved by a newer version of HeadshotKit.",
            advice: "Resume the job with that version.",
            operation: record.operation,
            submission: record.job.map { .accepted($0) } ?? .unconfirmed
        )
    }

    static let otherWorkerAdvice = "Wait until the other process or task finishes. You are not charged again."

    /// Whether the error ends the job for good, so that there is nothing left to resume. An expired URL is not terminal, because
    /// the host's status may be wrong.
    var isTerminal: Bool {
        switch code {
        case .jobFailed, .jobCanceled, .jobDeleted: true
        default: false
        }
    }
}
