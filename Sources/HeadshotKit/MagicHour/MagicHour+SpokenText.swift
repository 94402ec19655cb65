import Foundation

extension GenerationOperation
where
    Request == MagicHour.TalkingPhotoRequest,
    Created == MagicHour.CreatedProject,
    Project == MagicHour.VideoProject
{
    /// Animates a photo so that it speaks a text: a job of ``MagicHour/speech`` and a talking photo of its recording.
    ///
    /// Both jobs are charged: 0.1 credits per character, and at least 24 credits per second of the recording. The recording, a WAV file,
    /// stays in the download directory. The events of the speech come before those of the video.
    ///
    /// To survive a crash, set `options.reference` and `options.referencePolicy`, and call the method again with the same arguments. It
    /// pays for neither job twice: a recording that exists is used for up to seven days, and a video that exists is resumed.
    /// `jobs.resumeAll()` also finishes the job in progress, but it does not create the video of a finished recording.
    ///
    /// - Parameters:
    ///   - photo: The photo to animate.
    ///   - text: The text to speak, which must not be blank. If the recording is longer than 300 seconds, the video is rejected after the
    ///     speech is charged.
    ///   - voice: The voice, such as `"Albert Einstein"`.
    ///   - options: The options of both jobs. The limit in `maximumCredits` applies to their sum, whose larger part is known only once the
    ///     recording exists. The `faceCheck` also runs then.
    ///   - onEvent: Called with one event at a time. It should return quickly.
    /// - Throws: ``HeadshotKitError``, with the job that failed. If the video fails, the recording is saved. `CancellationError`.
    public func generate(
        photo: MediaSource,
        saying text: String,
        voice: MagicHour.Voice,
        options: GenerationOptions = GenerationOptions(),
        onEvent: EventHandler? = nil
    ) async throws -> GenerationResult<Project> {
        try await checkBeforeSpeech(photo, options)
        let events = EventReporter(onEvent)
        let outcome = try await run(options, events).generate {
            let recording = try await speech.generate(
                .init(text: text, voice: voice),
                options: options.forSpeech,
                events: events
            )
            let file = try await file(of: recording)
            var rest = options
            if let limit = options.maximumCredits {
                rest.maximumCredits = max(0, limit - (recording.project.creditsCharged ?? 0))
            }
            return try await prepared(.init(photo: photo, audio: .file(file)), rest)
        }
        await forgetSpeech(of: options)
        return try decode(outcome)
    }

    /// Checks the photo and the options before anything is charged, with the shortest clip that the service accepts.
    private func checkBeforeSpeech(_ photo: MediaSource, _ options: GenerationOptions) async throws {
        _ = try await prepared(.init(photo: photo, audio: .uploaded("speech.wav"), endSeconds: 0.1), options)
        try await offPool {
            guard let local = try LocalMedia(photo, as: .image), options.photoMetadata == .remove else { return }
            let copy = TemporaryFile(.photo)
            defer { copy.remove() }
            _ = try local.removePhotoMetadata(into: copy)
        }
    }

    private var speech: GenerationOperation<MagicHour.SpeechRequest, Created, MagicHour.AudioProject> {
        GenerationOperation<MagicHour.SpeechRequest, Created, MagicHour.AudioProject>(
            endpoint: MagicHour.speechEndpoint,
            traits: MagicHour.speechEndpoint.traits(of: MagicHour.AudioProject.self),
            backend: backend
        )
    }

    /// Returns the file of a recording, whose header states its length.
    private func file(of recording: GenerationResult<MagicHour.AudioProject>) async throws -> URL {
        let file = recording.files.first
        guard let file, try await offPool({ try MediaSource.file(file).check(as: .audio) })?.duration != nil else {
            throw HeadshotKitError(
                .invalidResponse,
                "The length of the recording of job \(recording.job.shownID) is unknown, because its header does not state it.",
                advice:
                    "The recording is saved. Call generate with a request for this recording, and with the end of the clip.",
                operation: endpoint.name,
                job: recording.job,
                savedFiles: recording.files
            )
        }
        return file
    }

    /// Removes the record of a recording whose video is delivered, so that the reference may be used for another text. If that fails,
    /// `jobs.resumeAll()` removes the record later.
    private func forgetSpeech(of options: GenerationOptions) async {
        guard options.referencePolicy != .any, let reference = options.reference, options.waitForCompletion,
            options.downloadOutputs
        else { return }
        do {
            let jobs = JobsAPI(backend: backend)
            let records = try await jobs.store().records(of: backend.name, reference: reference)
            for record in records where record.operation == MagicHour.speechEndpoint.name && record.isDelivered {
                try await jobs.discard(record)
            }
        } catch { return }
    }
}

extension GenerationOptions {
    /// The options for the speech of a talking photo.
    fileprivate var forSpeech: GenerationOptions {
        var options = self
        options.waitForCompletion = true
        options.downloadOutputs = true
        options.polling = nil
        options.faceCheck = .none
        // The recording must be found again until the video exists.
        if options.referencePolicy != .any { options.referencePolicy = .once(for: .seconds(7 * 86_400)) }
        return options
    }
}
