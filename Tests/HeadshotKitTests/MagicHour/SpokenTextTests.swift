import Foundation
import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A talking photo from a text: two jobs in one call, which may be interrupted at any time.
final class SpokenTextTests: MockTestCase {
    private let photo = MediaSource.data(SampleMedia.portraitPNG(width: 32, height: 32))
    private lazy var service = SimulatedService(clock: clients.clock)

    private func magicHour() throws -> MagicHour {
        let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        let configuration = ClientConfiguration(transport: service, clock: clients.clock, jobStore: store)
        return try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration)
    }

    private func options(_ policy: GenerationOptions.ReferencePolicy) -> GenerationOptions {
        var options = clients.options
        options.reference = "order 1"
        options.referencePolicy = policy
        return options
    }

    private func generate(
        _ options: GenerationOptions,
        saying text: String = "Welcome to our team!",
        onEvent: EventHandler? = nil
    ) async throws -> GenerationResult<MagicHour.VideoProject> {
        try await magicHour().talkingPhotos.generate(
            photo: photo,
            saying: text,
            voice: "Albert Einstein",
            options: options,
            onEvent: onEvent
        )
    }

    /// The number of charged jobs of speech and of video.
    private var charges: [Int] {
        [SimulatedService.Route.createOtherJob, .createTalkingPhoto].map { route in
            service.jobs.filter { $0.operation == route }.count
        }
    }

    /// Runs the call until an event, and cancels it there, as a crash would.
    private func interrupt(_ options: GenerationOptions, at isLast: @escaping @Sendable (GenerationEvent) -> Bool) async
    {
        let cancel = Locked<(@Sendable () -> Void)?>(nil)
        let (magicHour, photo) = (try? magicHour(), photo)
        let call = Task {
            while cancel.withLock({ $0 == nil }) { await Task.yield() }
            return try await magicHour?.talkingPhotos.generate(
                photo: photo,
                saying: "Welcome to our team!",
                voice: "Albert Einstein",
                options: options
            ) { event in
                if isLast(event) { cancel.withLock { $0 }?() }
            }
        }
        cancel.withLock { $0 = { call.cancel() } }
        let error = await thrown { try await call.value }
        XCTAssertTrue(error is CancellationError, "\(String(describing: error))")
    }

    func testTextIsSpokenByThePhoto() async throws {
        let events = Locked<[GenerationEvent]>([])
        let result = try await generate(clients.options) { event in events.withLock { $0.append(event) } }
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["talking-photo-\(result.job.id)-1.mp4"])
        XCTAssertEqual(charges, [1, 1])
        // The simulated recording is one second long.
        XCTAssertEqual(service.ledger.map(\.amount), [2, 48])
        // The photo and the recording are uploaded at the same time.
        XCTAssertEqual(Set(service.uploads.map(\.filePath).map { ($0 as NSString).pathExtension }), ["png", "wav"])
        XCTAssertEqual(service.uploads.count, 2)
        let submitted = events.withLock { events in
            events.compactMap { event in
                if case .submitted(let job) = event { job.operation } else { nil }
            }
        }
        XCTAssertEqual(submitted, ["ai-voice-generator", "ai-talking-photo"])
        try await assertEqual(await magicHour().jobs.unfinished(), [])
    }

    func testCallThatIsInterruptedAnywherePaysForEachJobOnce() async throws {
        let interruptions: [(name: String, isLast: @Sendable (GenerationEvent) -> Bool)] = [
            (
                "speech submitted",
                { if case .submitted(let job) = $0 { job.operation == "ai-voice-generator" } else { false } }
            ),
            ("speech saved", { if case .saved(let file) = $0 { file.pathExtension == "wav" } else { false } }),
            (
                "video submitted",
                { if case .submitted(let job) = $0 { job.operation == "ai-talking-photo" } else { false } }
            ),
        ]
        for policy in [GenerationOptions.ReferencePolicy.resumeUnfinished, .once(for: .seconds(60))] {
            for resumesAll in [false, true] {
                for (name, isLast) in interruptions {
                    service = SimulatedService(clock: clients.clock)
                    await interrupt(options(policy), at: isLast)
                    if resumesAll {
                        let outcomes = try await collect(magicHour().jobs.resumeAll(options: clients.options))
                        let files = try outcomes.flatMap { try $0.result.get().files }
                        XCTAssertEqual(files.map(\.pathExtension), ["mp4"], name)
                    }
                    // After its delivery by `resumeAll`, `resumeUnfinished` allows another video.
                    if !resumesAll || policy != .resumeUnfinished {
                        let result = try await generate(options(policy))
                        XCTAssertEqual(result.files.map(\.pathExtension), ["mp4"], name)
                    }
                    XCTAssertEqual(charges, [1, 1], name)
                    XCTAssertEqual(service.ledger.map(\.amount), [2, 48], name)
                    for record in try await records() { try await magicHour().jobs.discard(record) }
                }
            }
        }
    }

    func testSecondCallAfterDeliveryReturnsTheVideoOrMakesAnother() async throws {
        let first = try await generate(options(.once(for: .seconds(60))))
        let second = try await generate(options(.once(for: .seconds(60))))
        XCTAssertEqual(second.files, first.files)
        XCTAssertEqual(charges, [1, 1])
        try await assertEqual(await records().map(\.operation), ["ai-talking-photo"], "The speech is forgotten.")
        _ = try await generate(options(.resumeUnfinished))
        XCTAssertEqual(charges, [2, 2])
    }

    func testRecordingOfAnEarlierTextIsNotUsedForAnotherOne() async throws {
        await interrupt(options(.resumeUnfinished)) { event in
            if case .submitted(let job) = event { job.operation == "ai-talking-photo" } else { false }
        }
        // Delivers the video, and its recording stays on record.
        _ = try await collect(magicHour().jobs.resumeAll(options: clients.options))
        XCTAssertEqual(charges, [1, 1])
        _ = try await generate(options(.resumeUnfinished), saying: "Goodbye!")
        XCTAssertEqual(charges, [2, 2])
    }

    func testResumingKeepsToTheLimitOfItsOwnOptions() async throws {
        await interrupt(options(.any)) { event in
            if case .submitted(let job) = event { job.operation == "ai-voice-generator" } else { false }
        }
        var limited = clients.options
        limited.maximumCredits = 25
        let outcomes = try await collect(magicHour().jobs.resumeAll(options: limited))
        XCTAssertThrowsError(try XCTUnwrap(outcomes.first).result.get()) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.code, .tooExpensive)
        }
        XCTAssertEqual(charges, [1, 0])
        limited.maximumCredits = 26
        let resumed = try await collect(magicHour().jobs.resumeAll(options: limited))
        XCTAssertEqual(try resumed.flatMap { try $0.result.get().files }.map(\.pathExtension), ["mp4"])
        XCTAssertEqual(charges, [1, 1])
    }

    func testLimitOfAnOrderCanBeRaised() async throws {
        var limited = clients.options
        limited.maximumCredits = 25
        let error = try await failure { try await generate(limited) }
        XCTAssertEqual(error.code, .tooExpensive)
        limited.maximumCredits = 26
        let resumed = try await collect(magicHour().jobs.resumeAll(options: limited))
        XCTAssertEqual(try resumed.flatMap { try $0.result.get().files }.map(\.pathExtension), ["mp4"])
        XCTAssertEqual(charges, [1, 1])
    }

    func testImpossibleChargeOfTheSpeechNeitherTrapsNorRaisesTheLimit() async throws {
        for charge in [Int.min, -1_000, .max] {
            service = SimulatedService(clock: clients.clock)
            let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs \(charge)"))
            let transport = ChargingTransport(inner: service, charge: charge)
            let configuration = ClientConfiguration(transport: transport, clock: clients.clock, jobStore: store)
            let magicHour = try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration)
            var limited = clients.options
            limited.maximumCredits = 23
            let error = try await failure { [photo] in
                try await magicHour.talkingPhotos.generate(
                    photo: photo,
                    saying: "Welcome to our team!",
                    voice: "Albert Einstein",
                    options: limited
                )
            }
            XCTAssertEqual(error.code, .tooExpensive, "\(charge)")
            XCTAssertEqual(charges, [1, 0], "\(charge)")
        }
    }

    func testErrorAboutTheSpeechSaysThatTheVideoIsStillOrdered() async throws {
        var options = clients.options
        options.deadline = .seconds(200)
        service.inject(.connectionLost, on: .getAudioProject, times: 100)
        let error = try await failure { try await generate(options) }
        XCTAssertEqual(error.code, .deadlineExceeded)
        let advice = try XCTUnwrap(error.recoverySuggestion)
        XCTAssertTrue(advice.contains("create and charge the ai-talking-photo job"), advice)
        XCTAssertFalse(advice.contains("not charged again"), advice)
    }

    func testCallsAtTheSameTimePayForOneVideo() async throws {
        let (magicHour, photo, options) = (try magicHour(), photo, options(.once(for: .seconds(60))))
        let codes = try await withThrowingTaskGroup(of: HeadshotKitError.Code?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        _ = try await magicHour.talkingPhotos.generate(
                            photo: photo,
                            saying: "Welcome to our team!",
                            voice: "Albert Einstein",
                            options: options
                        )
                        return nil
                    } catch let error as HeadshotKitError { return error.code }
                }
            }
            return try await group.reduce(into: [HeadshotKitError.Code?]()) { $0.append($1) }
        }
        XCTAssertTrue(codes.contains(nil))
        XCTAssertEqual(Set(codes.compactMap { $0 }).subtracting([.jobInUse]), [])
        XCTAssertEqual(charges, [1, 1])
    }

    func testFailedVideoKeepsTheRecording() async throws {
        service.inject(.jobFails(code: "unknown_error"), on: .createTalkingPhoto)
        let error = try await failure { try await generate(options(.resumeUnfinished)) }
        XCTAssertEqual(error.code, .jobFailed)
        _ = try await generate(options(.resumeUnfinished))
        XCTAssertEqual(charges, [1, 2])
        XCTAssertEqual(service.ledger.map(\.kind), [.charge, .charge, .refund, .charge])
    }

    func testJobWhoseCreateWasNotAnsweredIsNotPaidAgain() async throws {
        for (route, expected) in [(SimulatedService.Route.createOtherJob, [1, 0]), (.createTalkingPhoto, [1, 1])] {
            service = SimulatedService(clock: clients.clock)
            service.inject(.connectionLost, on: route, afterProcessing: true)
            for _ in 0..<2 {
                let error = try await failure { try await generate(options(.resumeUnfinished)) }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(charges, expected)
            }
            for record in try await records() { try await magicHour().jobs.discard(record) }
        }
    }

    func testNothingIsChargedForABadPhotoTextOrLimit() async throws {
        let talkingPhotos = try magicHour().talkingPhotos
        let notAPhoto = MediaSource.data(Data("Dear diary".utf8))
        let bad = try await failure {
            try await talkingPhotos.generate(photo: notAPhoto, saying: "Hello", voice: "Albert Einstein")
        }
        XCTAssertEqual(bad.code, .invalidMedia)
        var cleaned = clients.options
        cleaned.photoMetadata = .remove
        let remote = try await failure { [cleaned] in
            try await talkingPhotos.generate(
                photo: "https://example.com/me.jpg",
                saying: "Hello",
                voice: "Albert Einstein",
                options: cleaned
            )
        }
        XCTAssertEqual(remote.validationIssues.map(\.field), ["assets.image_file_path"])
        // The metadata of a TIFF file cannot be removed.
        let tiff = MediaSource.data(WholeFiles["tiff"])
        let rejected = try await failure { [cleaned] in
            try await talkingPhotos.generate(photo: tiff, saying: "Hello", voice: "Albert Einstein", options: cleaned)
        }
        XCTAssertEqual(rejected.code, .invalidMedia)
        let blank = try await failure {
            try await talkingPhotos.generate(photo: photo, saying: " ", voice: "Albert Einstein")
        }
        XCTAssertEqual(blank.validationIssues.map(\.field), ["style.prompt"])
        var options = clients.options
        options.maximumCredits = 1
        let expensive = try await failure { try await generate(options) }
        XCTAssertEqual(expensive.code, .tooExpensive)
        XCTAssertEqual(service.ledger, [])
    }

    func testLimitAppliesToBothJobsTogether() async throws {
        var limited = options(.resumeUnfinished)
        limited.maximumCredits = 25
        let error = try await failure { try await generate(limited) }
        XCTAssertEqual(error.code, .tooExpensive)
        XCTAssertEqual(charges, [1, 0])
        limited.maximumCredits = 26
        _ = try await generate(limited)
        XCTAssertEqual(charges, [1, 1])
    }

    private func records() async throws -> [JobRecord] {
        try await FileJobStore(directory: clients.directory.appendingPathComponent("jobs")).records()
    }
}

/// A service that reports another charge for recordings.
private struct ChargingTransport: Transport {
    let inner: SimulatedService
    let charge: Int

    func send(_ request: TransportRequest, onProgress: ProgressHandler?) async throws -> TransportResponse {
        var response = try await inner.send(request, onProgress: onProgress)
        guard request.url.path.contains("audio-projects") else { return response }
        let text = String(decoding: response.body, as: UTF8.self)
        XCTAssertTrue(text.contains(#""credits_charged":2"#), text)
        response.body = Data(
            text.replacingOccurrences(of: #""credits_charged":2"#, with: #""credits_charged":\#(charge)"#).utf8
        )
        return response
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        try await inner.download(request, to: file, onProgress: onProgress)
    }
}
