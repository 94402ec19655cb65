import Foundation
import HeadshotKit

/// The action that follows a failed attempt to make a headshot.
enum FailureAction: Sendable {
    /// The headshot is tried again later. A job that exists is resumed and not charged again.
    case retry(after: Double)
    /// The headshot waits for another process. This does not count as an attempt.
    case wait(seconds: Double)
    /// The headshot failed, and these credits were charged.
    case fail(Headshot.Failure, credits: Int)
    /// A job may exist and may have been charged.
    case unconfirmed(Headshot.Failure)

    /// The number of attempts before a headshot fails.
    private static let maximumAttempts = 12
    /// The age of a job before its headshot fails. Until then, an administrator can repair the disk or the key.
    private static let maximumJobAge: TimeInterval = 86_400

    /// Classifies the error of an attempt.
    ///
    /// - Parameters:
    ///   - attempts: The number of earlier attempts.
    ///   - price: The credits of a headshot, if the service did not report what it charged.
    ///   - now: The current date.
    init(_ error: HeadshotKitError, attempts: Int, price: Int, now: Date = Date()) {
        let pause = min(300, Double(1 << min(attempts, 10)))
        let failure = Headshot.Failure(error)
        if error.code == .jobInUse || error.code == .jobStore {
            // Another process, perhaps a dead one whose lease has not expired, has the job.
            self = .wait(seconds: 5)
            return
        }
        switch error.submission {
        case .unconfirmed: self = .unconfirmed(failure)
        case .accepted(let job):
            let charge = job.creditsCharged ?? price
            switch error.code {
            // The service refunds a job that it could not complete.
            case .jobFailed, .jobCanceled: self = .fail(failure, credits: 0)
            // The service does not refund a job that a person deleted.
            case .jobDeleted: self = .fail(failure, credits: charge)
            default:
                // The job is paid for, and its record stays in the store.
                let isOld = job.createdAt.date.map { now.timeIntervalSince($0) > Self.maximumJobAge } ?? true
                self =
                    attempts >= Self.maximumAttempts && isOld
                    ? .fail(failure, credits: charge) : .retry(after: pause)
            }
        case .rejected, .notSent:
            let isPermanent =
                [.invalidRequest, .invalidMedia, .tooExpensive].contains(error.code) || error.reason.isAboutFaces
            self = isPermanent || attempts >= Self.maximumAttempts ? .fail(failure, credits: 0) : .retry(after: pause)
        }
    }
}

extension Headshot.Failure {
    /// The failure of a headshot that the service could not make and does not charge for.
    static let notMade = Headshot.Failure(
        code: "failed",
        message: "The service could not make this headshot. Nothing was charged. Try another photo."
    )

    /// Creates a text for the person who uploaded the photo. The error itself is for the log.
    init(_ error: HeadshotKitError) {
        switch error.reason {
        case .noFaceDetected:
            self.init(
                code: "no_face",
                message:
                    "No face was found in the photo. Use a photo in which one face is large, frontal, and well lit."
            )
        case .multipleFacesDetected:
            self.init(code: "multiple_faces", message: "The photo shows several faces. Use a photo of one person.")
        case .invalidMedia:
            self.init(code: "invalid_photo", message: "The photo cannot be used. Export it again as JPEG or PNG.")
        case .submissionUnconfirmed:
            self.init(
                code: "unconfirmed",
                message: """
                    The connection was lost while the headshot was being ordered, so it may or may not have been ordered. To \
                    avoid a second charge, the studio does not order it again. The headshot appears here if it is found.
                    """
            )
        case .invalidRequest:
            self.init(
                code: "rejected",
                message: "The service rejected the photo or the style. Try another photo or another style."
            )
        case .jobFailed, .jobCanceled: self = .notMade
        case .jobDeleted:
            self.init(code: "deleted", message: "The headshot was deleted at the service before it was downloaded.")
        case .linkExpired:
            self.init(
                code: "expired",
                message: "The headshot was made, but could not be downloaded before its link expired."
            )
        default:
            self.init(
                code: "unavailable",
                message: "The headshot could not be made. Try again later, or contact the administrator of this studio."
            )
        }
    }
}

extension HeadshotKitError.Code {
    fileprivate var isAboutFaces: Bool { self == .noFaceDetected || self == .multipleFacesDetected }
}
