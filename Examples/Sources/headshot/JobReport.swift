import Foundation
import HeadshotKit

/// The object that `--json` prints once, on success and on failure. Unknown values are `null`. The `error` key is present
/// only on failure.
struct JobReport: Encodable, Equatable {
    struct Output: Encodable, Equatable {
        /// The path of the saved file. `nil` if the output was not downloaded.
        var path: String?
        /// The URL of the output at the service, valid for 24 hours. `nil` if the service returned no URL.
        var url: String?
    }

    struct Failure: Encodable, Equatable {
        /// A `HeadshotKitError.Code`, or `usage`, `interrupted`, or `other`.
        var code: String
        var message: String
    }

    var id: String?
    var service: String
    var status: String?
    var creditsCharged: Int?
    /// Whether the service refunded the credits, as Magic Hour does if a job fails. `nil` if unknown.
    var refunded: Bool?
    var outputs: [Output] = []
    /// The local ID of the job. `nil` if the store does not keep the job.
    var localID: String?
    var error: Failure?
    /// The path of the photo and the name of the person. Present only in a batch.
    var photo: String?
    var name: String?
    /// `result`, and the time. Present only among the events of `--format json`.
    var event: String?
    var time: String?

    private enum CodingKeys: String, CodingKey {
        case event, time, photo, name, id, service, status, refunded, outputs, error
        case localID = "local_id"
        case creditsCharged = "credits_charged"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        // The synthesized implementation omits `nil` values, but scripts rely on the keys.
        try fields.encode(id, forKey: .id)
        try fields.encode(service, forKey: .service)
        try fields.encode(status, forKey: .status)
        try fields.encode(creditsCharged, forKey: .creditsCharged)
        try fields.encode(refunded, forKey: .refunded)
        try fields.encode(outputs, forKey: .outputs)
        try fields.encode(localID, forKey: .localID)
        try fields.encodeIfPresent(error, forKey: .error)
        try fields.encodeIfPresent(event, forKey: .event)
        try fields.encodeIfPresent(time, forKey: .time)
        try fields.encodeIfPresent(photo, forKey: .photo)
        try fields.encodeIfPresent(name, forKey: .name)
    }
}

extension Encodable {
    /// The value as JSON on a single line.
    var jsonLine: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

extension JobReport {
    /// Creates the report of a job that completed, or that was created without waiting for completion.
    init<Project: ReportedProject>(_ result: GenerationResult<Project>, kept: JobRecord?) {
        let urls = result.project.outputURLs
        let outputs: [Output] =
            if result.files.isEmpty {
                urls.map { Output(url: $0) }
            } else {
                result.files.enumerated().map { index, file in
                    Output(path: file.path, url: urls.indices.contains(index) ? urls[index] : nil)
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

    /// Creates the report of a job that was resumed and delivered.
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

    /// Creates the report of a job that ended in an error, with everything known so far.
    init(_ error: any Error, after progress: JobProgress, service: JobHandle.Service, kept: JobRecord?) {
        let library = error as? HeadshotKitError
        let report = ErrorReport(error)
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
            error: Failure(code: report.code, message: report.message)
        )
    }
}

/// The fields of a service's job that the report contains.
protocol ReportedProject: Sendable {
    /// The status of the job: `complete`, or the service's own status if the job is not complete.
    var reportedStatus: String { get }
    var reportedCredits: Int? { get }
    /// The URLs of the outputs. They are secrets.
    var outputURLs: [String] { get }
}

extension MagicHour.ImageProject: ReportedProject {
    var reportedStatus: String { status.rawValue }
    var reportedCredits: Int? { creditsCharged }
    var outputURLs: [String] { downloads.map(\.url.absoluteString) }
}

extension MagicHour.VideoProject: ReportedProject {
    var reportedStatus: String { status.rawValue }
    var reportedCredits: Int? { creditsCharged }
    var outputURLs: [String] { downloads.map(\.url.absoluteString) }
}

extension MagicHour.AudioProject: ReportedProject {
    var reportedStatus: String { status.rawValue }
    var reportedCredits: Int? { creditsCharged }
    var outputURLs: [String] { downloads.map(\.url.absoluteString) }
}

extension MagicHour.FaceDetection: ReportedProject {
    var reportedStatus: String { status.rawValue }
    var reportedCredits: Int? { creditsCharged }
    var outputURLs: [String] { downloads.map(\.url.absoluteString) }
}

extension ModelsLab.ImageResult: ReportedProject {
    var reportedStatus: String { status == .success ? "complete" : status.rawValue }
    var reportedCredits: Int? { nil }
    // An output may be Base64 text instead of a URL.
    var outputURLs: [String] { output.filter { $0.hasPrefix("https://") || $0.hasPrefix("http://") } }
}
