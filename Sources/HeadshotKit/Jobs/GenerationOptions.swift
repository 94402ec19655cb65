public import Foundation

/// How a workflow runs.
public struct GenerationOptions: Sendable {
    /// What happens to a file that already has the output's name.
    public enum ExistingFiles: Sendable, Hashable {
        /// Keeps the file. The output's name gets a number.
        case keepBoth
        /// Replaces the file atomically.
        case replace
    }

    /// How many faces a photo must show before a job is created.
    public enum FaceCheck: Sendable, Hashable {
        /// Does not look for faces.
        case none
        /// Refuses a photo without a face.
        case atLeastOne
        /// Refuses a photo without a face, or with several.
        case exactlyOne
    }

    /// Whether to wait until the job is done. Without, the result holds the job's first state and no files.
    public var waitForCompletion: Bool
    /// Whether to download the outputs. Without, the result holds their links, which live for 24 hours, and with a store the job counts
    /// as delivered as soon as it is complete.
    public var downloadOutputs: Bool
    /// Where outputs are saved; made when absent. Unless set, the current directory, and for a job in a store the folder that was meant
    /// when it was created. A file is called `STEM-JOB-NUMBER.EXTENSION`, such as `headshot-c29g-1.png`; its content decides the extension.
    public var downloadDirectory: URL?
    /// How long the whole call may take, waiting for a place in ModelsLab's queue included; by default 15 minutes for images and 60 for
    /// videos. Time spent on the create request is not cut short, for its response is what was paid for.
    public var deadline: Duration?
    /// After what delays the job is asked about; by default what suits the operation.
    public var polling: PollingPolicy?
    /// What happens to a file that already has the output's name. Defaults to ``ExistingFiles/keepBoth``.
    public var existingFiles: ExistingFiles
    /// Whether a request with a value that is known to be wrong is refused before anything is uploaded or charged. Values that this
    /// package does not know are always sent. Defaults to `true`.
    public var validateRequest: Bool
    /// How many faces the photo must show, as counted by Magic Hour's free face detection before the job is created. Defaults to
    /// ``FaceCheck/none``.
    ///
    /// The check takes some seconds, at most 120. A photo that fails it throws ``HeadshotKitError/Code/noFaceDetected`` or, with several
    /// faces, ``HeadshotKitError/Code/multipleFacesDetected``; nothing is charged. Operations without a photo, and ModelsLab, throw
    /// ``HeadshotKitError/Code/invalidConfiguration``.
    public var faceCheck: FaceCheck
    /// The most that a request may cost, in credits. One that is known to cost more, or of which nothing is known (talking photos and all
    /// of ModelsLab), is not sent. Of images only a minimum is known, 5 credits each: what they cost beyond that depends on the model, and
    /// this does not limit it. ``GenerationOperation/estimatedCost(of:)`` tells.
    public var maximumCredits: Int?
    /// Your own name for the job, such as an order's number: it stands in the job's record (``JobRecord/reference``), so that after a
    /// crash you know whose job it is. It is not sent.
    public var reference: String?

    /// Creates options. Every parameter has the property's default.
    public init(
        waitForCompletion: Bool = true,
        downloadOutputs: Bool = true,
        downloadDirectory: URL? = nil,
        deadline: Duration? = nil,
        polling: PollingPolicy? = nil,
        existingFiles: ExistingFiles = .keepBoth,
        validateRequest: Bool = true,
        faceCheck: FaceCheck = .none,
        maximumCredits: Int? = nil,
        reference: String? = nil
    ) {
        self.waitForCompletion = waitForCompletion
        self.downloadOutputs = downloadOutputs
        self.downloadDirectory = downloadDirectory
        self.deadline = deadline
        self.polling = polling
        self.existingFiles = existingFiles
        self.validateRequest = validateRequest
        self.faceCheck = faceCheck
        self.maximumCredits = maximumCredits
        self.reference = reference
    }
}

extension GenerationOptions {
    /// Where outputs are saved.
    var directory: URL {
        downloadDirectory?.absoluteURL
            ?? URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    }
}

/// What a workflow tells while it runs. The events of one call come one after another, in the order of the cases. Outputs are saved side
/// by side, so theirs are mixed; ``retrying(reason:after:)`` may come at any time.
///
/// Cases may be added: a `switch` over them wants a `default`.
public enum GenerationEvent: Sendable, Hashable {
    /// A local file is being uploaded.
    case uploading(TransferProgress)
    /// The job exists, and is paid for. Keep the handle: it is what `resume` needs.
    case submitted(JobHandle)
    /// A job that exists already is being finished; see `resume`. It comes first, before its record can leave the store.
    case resumed(JobHandle)
    /// The job's status is now this, in the service's words.
    case status(String)
    /// An output is being downloaded; `output` counts from 1.
    case downloading(output: Int, of: Int, TransferProgress)
    /// An output is complete, under this name.
    case saved(URL)
    /// The job is complete, but the service named so many outputs fewer than it makes. They cannot be downloaded; its support may help.
    case outputsMissing(Int)
    /// Something failed that may well succeed the next time: it is tried again after a pause.
    case retrying(reason: String, after: Duration)
}

extension GenerationEvent: CustomStringConvertible {
    /// The event in words, for a log.
    public var description: String {
        switch self {
        case .uploading(let progress): "Uploading: \(progress)"
        case .submitted(let job): "Created job \(job)\(job.creditsCharged.map { ", for \($0) credits" } ?? "")"
        case .resumed(let job): "Resuming job \(job)"
        case .status(let status): "Status: \(status)"
        case .downloading(let output, let count, let progress): "Downloading \(output) of \(count): \(progress)"
        case .saved(let file): "Saved \(file.path)"
        case .outputsMissing(let count): "Missing: \(count) of the job's outputs, of which the service named no link"
        case .retrying(let reason, let pause): "Trying again in \(pause.inWords): \(reason)"
        }
    }
}

/// What a workflow delivers.
public struct GenerationResult<Project: Sendable>: Sendable {
    /// The job.
    public let job: JobHandle
    /// The service's last word on the job.
    public let project: Project
    /// The saved outputs, complete files in the order of the outputs.
    public let files: [URL]
    /// How many outputs the service says that the job makes, without naming them. Usually 0.
    public let missingOutputs: Int

    /// A result.
    public init(job: JobHandle, project: Project, files: [URL], missingOutputs: Int = 0) {
        self.missingOutputs = missingOutputs
        self.job = job
        self.project = project
        self.files = files
    }
}

extension GenerationResult: Equatable where Project: Equatable {}
