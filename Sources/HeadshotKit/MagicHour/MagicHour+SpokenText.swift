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
    /// With a ``ClientConfiguration/jobStore``, the call survives a crash. The record of the speech contains the request for the video, so
    /// `jobs.resumeAll()` finishes both jobs in any process and pays for neither twice. The photo is uploaded before the speech is created.
    /// The service keeps the photo for seven days, so resuming does not require the file.
    ///
    /// If the photo is a URL with a query, the URL may be a secret, so no record contains it. In that case, set `options.reference` and
    /// `options.referencePolicy`, and call the method again with the same arguments. This pays for neither job twice. An existing recording
    /// is used for up to seven days, and an existing video is resumed.
    ///
    /// - Parameters:
    ///   - photo: The photo to animate.
    ///   - text: The text to speak, which must not be blank. If the recording is longer than 300 seconds, the video is rejected after the
    ///     speech is charged.
    ///   - voice: The voice, such as `"Albert Einstein"`.
    ///   - options: The options of both jobs. The limit in `maximumCredits` applies to their sum. Most of the sum is known only after the
    ///     recording is made. The photo is uploaded and its faces are checked before the speech is charged.
    ///   - onEvent: Called with one event at a time. It should return quickly.
    /// - Throws: ``HeadshotKitError`` with the job that failed, or `CancellationError`. If the video fails, the recording is saved. If the
    ///   video is not created, the speech stays in the store, and `jobs.resumeAll()` tries again.
    public func generate(
        photo: MediaSource,
        saying text: String,
        voice: MagicHour.Voice,
        options: GenerationOptions = GenerationOptions(),
        onEvent: EventHandler? = nil
    ) async throws -> GenerationResult<Project> {
        let events = EventReporter(onEvent)
        // A request for the shortest clip shows whether the photo and the options are valid before anything is charged.
        let draft = try await prepared(.init(photo: photo, audio: Self.recording, endSeconds: 0.1), options)
        let speech = GenerationOperation<MagicHour.SpeechRequest, Created, MagicHour.AudioProject>(
            endpoint: MagicHour.speechEndpoint,
            traits: MagicHour.speechEndpoint.traits(of: MagicHour.AudioProject.self),
            backend: backend
        )
        let text = MagicHour.SpeechRequest(text: text, voice: voice)
        let spoken = try await speech.prepared(text, options.forSpeech)
        let run = run(options, events)
        let outcome = try await run.generate {
            let uploaded = try await run.upload(draft)[0]
            let next = try NextJob(endpoint.name, Request(photo: uploaded, audio: Self.recording), options)
            var first = speech.run(options.forSpeech, events)
            // The caller's deadline applies to the whole call.
            if options.deadline != nil { first.deadline = run.deadline }
            first.continuation = .planned(next, options)
            first.reusableRequest = try EncodedRequest(text).value().withoutSecrets()
            return try await first.generate(spoken)
        }
        return try decode(outcome)
    }

    /// The recording in a request for a video until the recording exists.
    private static var recording: MediaSource { .uploaded("recording") }
}

extension MagicHourBackend {
    /// Returns the request for the video of a recording.
    func request(
        of next: NextJob,
        after outcome: GenerationRun.Outcome,
        _ options: GenerationOptions
    ) async throws -> (JobRequest, JobTraits) {
        guard next.operation == MagicHour.talkingPhotoEndpoint.name else { throw unknownNextJob(next, after: outcome) }
        let recording = try await recording(of: outcome)
        let videos = GenerationOperation<_, MagicHour.CreatedProject, MagicHour.VideoProject>(
            endpoint: MagicHour.talkingPhotoEndpoint,
            traits: MagicHour.talkingPhotoEndpoint.traits(of: MagicHour.VideoProject.self),
            backend: self
        )
        var request: MagicHour.TalkingPhotoRequest
        do {
            request = try JSONDecoder().decode(
                MagicHour.TalkingPhotoRequest.self,
                from: Data(next.request.description.utf8)
            )
        } catch { throw unknownNextJob(next, after: outcome) }
        request.assets.audioFilePath = .file(recording)
        var rest = options
        if let limit = options.maximumCredits {
            let speech = try outcome.snapshot.response.decoded(as: MagicHour.AudioProject.self)
            // A server's number can be negative, and the difference of any two numbers can overflow.
            let charged = speech.creditsCharged ?? outcome.job.creditsCharged ?? 0
            rest.maximumCredits = max(0, max(0, limit) - max(0, charged))
        }
        return (try await videos.prepared(request, rest), videos.traits)
    }

    /// Returns the file of a recording, whose header states its length.
    private func recording(of outcome: GenerationRun.Outcome) async throws -> URL {
        let file = outcome.files.first
        guard let file, try await offPool({ try MediaSource.file(file).check(as: .audio) })?.duration != nil else {
            throw HeadshotKitError(
                .invalidResponse,
                "The length of the recording of job \(outcome.job.shownID) is unknown, because its header does not state it.",
                advice:
                    "The recording is saved. Call generate with a request for this recording, and with the end of the clip.",
                operation: MagicHour.talkingPhotoEndpoint.name
            )
        }
        return file
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
