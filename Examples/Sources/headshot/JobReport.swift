import Foundation
import HeadshotKit

/// The object that `--json` prints, once, whatever happened. What is not known is null; `error` is there only if there is one.
struct JobReport: Encodable, Equatable {
    struct Output: Encodable, Equatable {
        /// Where it is saved; absent without a download.
        var path: String?
        /// Where it can be had from the service for 24 hours; absent where the service gave no link.
        var url: String?
    }

    struct Failure: Encodable, Equatable {
        /// A `HeadshotKitError.Code`, or `usage`, `interrupted` or `other`.
        var code: String
        var message: String
    }

    var id: String?
    var service: String
    var status: String?
    var creditsCharged: Int?
    /// Whether the service gave the credits back, as it does for jobs that fail; not known unless true.
    var refunded: Bool?
    var outputs: [Output] = []
    /// Our own id of the job, while it is kept.
    var localID: String?
    var error: Failure?

    private enum CodingKeys: String, CodingKey {
        case id, service, status, refunded, outputs, error
        case localID = "local_id"
        case creditsCharged = "credits_charged"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        // Not the encoder's own way, which leaves nil out: a script wants to find its keys.
        try fields.encode(id, forKey: .id)
        try fields.encode(service, forKey: .service)
        try fields.encode(status, forKey: .status)
        try fields.encode(creditsCharged, forKey: .creditsCharged)
        try fields.encode(refunded, forKey: .refunded)
        try fields.encode(outputs, forKey: .outputs)
        try fields.encode(localID, forKey: .localID)
        try fields.encodeIfPresent(error, forKey: .error)
    }
}

extension Encodable {
    /// It as JSON without line breaks.
    var jsonLine: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

extension JobReport {
    /// A job that came to its end, or that nobody waits for.
    init<Project: ReportedProject>(_ result: GenerationResult<Project>, kept: JobRecord?) {
        let links = result.project.outputLinks
        let outputs: [Output] =
            if result.files.isEmpty {
                links.map { Output(url: $0) }
            } else {
                result.files.enumerated().map { index, file in
                    Output(path: file.path, url: links.indices.contains(index) ? links[index] : nil)
                }
            }
        self.init(
            id: result.job.id,
            service: result.job.service.rawValue,
            status: result.project.reportedStatus,
            creditsCharged: result.job.creditsCharged ?? result.project.reportedCredits,
            refunded: result.project.reportedStatus == "complete" ? false : nil,
            outputs: outputs,
            localID: kept?.id.uuidString.lowercased()
        )
    }

    /// A job that was left behind and is delivered now.
    init(_ finished: RecoveredJob) {
        self.init(
            id: finished.job.id,
            service: finished.job.service.rawValue,
            status: "complete",
            creditsCharged: finished.job.creditsCharged,
            refunded: false,
            outputs: finished.files.map { Output(path: $0.path) }
        )
    }

    /// A job that came to nothing, as far as it got.
    init(_ error: any Error, after progress: JobProgress, service: JobHandle.Service, kept: JobRecord?) {
        let library = error as? HeadshotKitError
        let told = ErrorReport(error)
        let job = library?.job ?? progress.job ?? kept?.job
        let status: String? =
            switch library?.code {
            case .jobFailed?: "failed"
            case .jobCanceled?: "canceled"
            case .jobDeleted?: "deleted"
            default: progress.status
            }
        let files = library.map { $0.savedFiles.map(\.path) } ?? progress.files
        self.init(
            id: job?.id,
            service: service.rawValue,
            status: status,
            creditsCharged: job?.creditsCharged,
            refunded: library?.code == .jobFailed && service == .magicHour ? true : nil,
            outputs: files.map { Output(path: $0) },
            localID: kept?.id.uuidString.lowercased(),
            error: Failure(code: told.code, message: told.message)
        )
    }
}

/// What a service says of a job, as far as the report wants it.
protocol ReportedProject: Sendable {
    /// `complete`, or the service's own word for what is not.
    var reportedStatus: String { get }
    var reportedCredits: Int? { get }
    /// The links to the outputs. Secrets.
    var outputLinks: [String] { get }
}

extension MagicHour.ImageProject: ReportedProject {
    var reportedStatus: String { status.rawValue }
    var reportedCredits: Int? { creditsCharged }
    var outputLinks: [String] { downloads.map(\.url.absoluteString) }
}

extension MagicHour.VideoProject: ReportedProject {
    var reportedStatus: String { status.rawValue }
    var reportedCredits: Int? { creditsCharged }
    var outputLinks: [String] { downloads.map(\.url.absoluteString) }
}

extension MagicHour.FaceDetection: ReportedProject {
    var reportedStatus: String { status.rawValue }
    var reportedCredits: Int? { creditsCharged }
    var outputLinks: [String] { downloads.map(\.url.absoluteString) }
}

extension ModelsLab.ImageResult: ReportedProject {
    var reportedStatus: String { status == .success ? "complete" : status.rawValue }
    var reportedCredits: Int? { nil }
    // An output may be base64 text as well.
    var outputLinks: [String] { output.filter { $0.hasPrefix("https://") || $0.hasPrefix("http://") } }
}
