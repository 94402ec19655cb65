public import Foundation

/// The options of `generate`, `submit`, and `resume`.
public struct GenerationOptions: Sendable {
    /// The handling of a file that already has the output's name.
    public enum ExistingFiles: Sendable, Equatable {
        /// Keeps the existing file and adds a number to the output's name.
        case keepBoth
        /// Replaces the existing file atomically.
        case replace
    }

    /// The number of faces that a photo must show before a job is created.
    public enum FaceCheck: Sendable, Equatable {
        /// Does not check for faces.
        case none
        /// Rejects a photo without a face.
        case atLeastOne
        /// Rejects a photo without a face or with several faces.
        case exactlyOne
    }

    /// The handling of the private metadata of photos, such as the location and the camera.
    public enum PhotoMetadataPolicy: Sendable, Equatable {
        /// Sends photos unchanged.
        case keep
        /// Sends local photos without private metadata. Rejects a photo whose metadata cannot be removed.
        case remove
    }

    /// The field of a create request that carries a tag of the job's record. If the response is lost, a webhook event with the tag
    /// identifies the job.
    public enum Correlation: Sendable, Equatable {
        /// No field.
        case none
        /// A tag of 25 characters at the end of the project's name, such as `My headshot hk-AZrF3kH7cT2M9x0Qw1bXyA`. For Magic Hour.
        case name
        /// A tag of 25 characters as the `track_id`. For ModelsLab, for a request without a track id of its own.
        case trackID
    }

    /// What a call does if the store has a job of the same operation with the call's reference.
    public enum ReferencePolicy: Sendable, Equatable {
        /// Creates another job.
        case any
        /// Resumes the job unless it is delivered. Otherwise, creates another job.
        case resumeUnfinished
        /// Resumes the job, even if it was delivered within a duration before the call. A delivered job is not charged again. The call
        /// polls it once and returns the files that are saved, and downloads those that are gone.
        case once(for: Duration)
    }

    /// Whether to wait until the job is done. If `false`, the result holds the job's first state and no files. Defaults to `true`.
    public var waitForCompletion: Bool
    /// Whether to download the outputs. Defaults to `true`.
    ///
    /// If `false`, the result holds the URLs of the outputs, which are valid for 24 hours. The record of the job stays in the store.
    /// Call `jobs.discard` when you have saved the outputs.
    public var downloadOutputs: Bool
    /// The directory in which outputs are saved. It is created if it does not exist.
    ///
    /// Defaults to the current directory, and on iOS, tvOS, watchOS, and visionOS to the caches directory. For a resumed job in a store,
    /// defaults to the directory that was chosen when the job was created, if it still exists or can be created again.
    ///
    /// A file is named `PREFIX-JOB-NUMBER.EXTENSION`, such as `headshot-c29g-1.png`. Its content determines the extension.
    public var downloadDirectory: URL?
    /// The maximum duration of the whole call, including the wait for ModelsLab's queue. Defaults to 15 minutes for images and 60
    /// minutes for videos. The deadline does not interrupt the create request, because its response identifies a paid job.
    public var deadline: Duration?
    /// The policy for polling the job. Defaults to the operation's policy.
    public var polling: PollingPolicy?
    /// The handling of a file that already has the output's name. Defaults to ``ExistingFiles/keepBoth``.
    public var existingFiles: ExistingFiles
    /// Whether to reject a request with a value that is known to be wrong before anything is uploaded or charged. Values that this
    /// package does not know are always sent. Defaults to `true`.
    public var validateRequest: Bool
    /// The number of faces that the photo must show. Defaults to ``FaceCheck/none``.
    ///
    /// Magic Hour's free face detection counts the faces before the job is created. The check takes several seconds, at most 120.
    /// If it finds no face, the call throws ``HeadshotKitError/Code/noFaceDetected``. If it finds too many, the call throws
    /// ``HeadshotKitError/Code/multipleFacesDetected``. Nothing is charged in either case. Of several photos, those of a garment,
    /// background, scene, or last frame, and the photo in which faces are swapped, are not checked. Operations without a photo and all
    /// operations of ModelsLab do not support the check and throw ``HeadshotKitError/Code/invalidConfiguration``.
    public var faceCheck: FaceCheck
    /// The handling of the private metadata of photos. Defaults to ``PhotoMetadataPolicy/keep``.
    ///
    /// With ``PhotoMetadataPolicy/remove``, each local photo is sent as ``PhotoMetadata`` returns it. The original file does not change.
    /// The photo without metadata is a temporary file that only the current user can read, until the job is created. A photo in memory
    /// stays in memory. If the metadata of a photo cannot be removed with certainty, such as that of a TIFF file, the call throws
    /// ``HeadshotKitError/Code/invalidMedia`` before anything is sent. A remote photo cannot be changed, so the call throws
    /// ``HeadshotKitError/Code/invalidRequest``, also without ``validateRequest``. Recordings and videos are sent unchanged.
    public var photoMetadata: PhotoMetadataPolicy
    /// The maximum cost of a request, in credits. Defaults to `nil`, which sets no limit.
    ///
    /// A request is not sent if it is known to cost more, or if its cost is unknown. The cost is unknown for all operations of ModelsLab.
    /// For some operations, such as images and talking photos, only a minimum cost is known in advance, so the charge may exceed this
    /// limit. See ``GenerationOperation/estimatedCost(of:)``.
    public var maximumCredits: Int?
    /// Your own identifier for the job, such as an order number. It is stored in the job's record (``JobRecord/reference``), so that
    /// you can identify the job after a crash. It is not sent to the service.
    public var reference: String?
    /// What the call does if the store has a job with its reference, for example because a queue delivered the same message twice.
    /// Defaults to ``ReferencePolicy/any``, which creates another job.
    ///
    /// With the other policies, one call at a time works on a reference, in all processes that share the store. The others throw
    /// ``HeadshotKitError/Code/jobInUse``. If the outcome of an earlier create request is unknown, the call throws
    /// ``HeadshotKitError/Code/submissionUnconfirmed`` and creates nothing. The request is not compared with that of the existing job. A
    /// ``reference`` and a ``ClientConfiguration/jobStore`` are required.
    public var referencePolicy: ReferencePolicy
    /// The field that identifies the job's record in webhook events. Defaults to ``Correlation/none``.
    ///
    /// If the response to a create request is lost, the record of the job is unconfirmed. An event with the tag turns it into an
    /// accepted job, which `jobs.resume(event)` finishes. A ``ClientConfiguration/jobStore`` is required. The call throws
    /// ``HeadshotKitError/Code/invalidConfiguration`` without one, and for a correlation that the service does not support.
    public var correlation: Correlation

    /// Creates options. Each parameter has the default of its property.
    public init(
        waitForCompletion: Bool = true,
        downloadOutputs: Bool = true,
        downloadDirectory: URL? = nil,
        deadline: Duration? = nil,
        polling: PollingPolicy? = nil,
        existingFiles: ExistingFiles = .keepBoth,
        validateRequest: Bool = true,
        faceCheck: FaceCheck = .none,
        photoMetadata: PhotoMetadataPolicy = .keep,
        maximumCredits: Int? = nil,
        reference: String? = nil,
        referencePolicy: ReferencePolicy = .any,
        correlation: Correlation = .none
    ) {
        self.waitForCompletion = waitForCompletion
        self.downloadOutputs = downloadOutputs
        self.downloadDirectory = downloadDirectory
        self.deadline = deadline
        self.polling = polling
        self.existingFiles = existingFiles
        self.validateRequest = validateRequest
        self.faceCheck = faceCheck
        self.photoMetadata = photoMetadata
        self.maximumCredits = maximumCredits
        self.reference = reference
        self.referencePolicy = referencePolicy
        self.correlation = correlation
    }
}

extension GenerationOptions {
    /// The current directory. In a sandboxed app, that is the root directory, so the caches directory is used instead.
    private static var defaultDirectory: URL {
        #if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
        URL.cachesDirectory
        #else
        URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
        #endif
    }

    /// The directory in which outputs are saved.
    var directory: URL {
        downloadDirectory?.absoluteURL ?? Self.defaultDirectory
    }
}

/// A closure that receives the events of a call, one at a time.
///
/// The closure must return quickly and must not wait, because it runs on threads that other calls need, such as the one that receives
/// network data. For slow work, use ``GenerationOperation/events(for:options:)``, whose loop runs in a task of your own.
public typealias EventHandler = @Sendable (GenerationEvent) -> Void

/// A closure that receives the events of several requests, each with the index of its request. Events of different requests may arrive
/// concurrently.
public typealias IndexedEventHandler = @Sendable (Int, GenerationEvent) -> Void

/// An event of `generate`, `submit`, or `resume`.
///
/// The events of one call arrive one at a time, in the order of the cases. Outputs are saved concurrently, so their events are
/// interleaved. ``retrying(reason:after:)`` may arrive at any time.
///
/// Later versions may add cases, so a `switch` over them needs a `default`.
public enum GenerationEvent: Sendable, Equatable {
    /// Local files are being uploaded. ``TransferProgress/photos`` has the width and height of the photos.
    case uploading(TransferProgress)
    /// The job exists and was charged, unless the operation is free. Keep the handle, because `resume` requires it.
    case submitted(JobHandle)
    /// An existing job is being finished by `resume`. This event is the first one, before the job's record can be removed.
    case resumed(JobHandle)
    /// The job has a new status, as reported by the service.
    case status(String)
    /// An output is being downloaded. `output` counts from 1.
    case downloading(output: Int, of: Int, TransferProgress)
    /// An output is complete and saved at this URL.
    case saved(URL)
    /// The job is complete, but the service did not return this number of its outputs. They cannot be downloaded. The service's
    /// support may help.
    case outputsMissing(Int)
    /// A transient failure occurred. The next attempt follows after the delay.
    case retrying(reason: String, after: Duration)
}

extension GenerationEvent: CustomStringConvertible {
    /// The event as text for a log.
    public var description: String {
        switch self {
        case .uploading(let progress): "Uploading: \(progress)"
        case .submitted(let job): "Created job \(job)\(job.creditsCharged.map { ", for \($0) credits" } ?? "")"
        case .resumed(let job): "Resuming job \(job)"
        case .status(let status): "Status: \(status)"
        case .downloading(let output, let count, let progress): "Downloading \(output) of \(count): \(progress)"
        case .saved(let file): "Saved \(file.path)"
        case .outputsMissing(let count): "Missing outputs: \(count). The service returned no URLs for them."
        case .retrying(let reason, let pause): "Trying again in \(pause.inWords): \(reason)"
        }
    }
}

/// The result of `generate` or `resume`.
public struct GenerationResult<Project: Sendable>: Sendable {
    /// The job.
    public let job: JobHandle
    /// The service's last response about the job.
    public let project: Project
    /// The URLs of the saved outputs, which are complete files, in the order of the outputs.
    public let files: [URL]
    /// The number of outputs that the service reported but did not return. Usually 0.
    public let missingOutputs: Int

    /// Creates a result.
    public init(job: JobHandle, project: Project, files: [URL], missingOutputs: Int = 0) {
        self.missingOutputs = missingOutputs
        self.job = job
        self.project = project
        self.files = files
    }
}

extension GenerationResult: Equatable where Project: Equatable {}
