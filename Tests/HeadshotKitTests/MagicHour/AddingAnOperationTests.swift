import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

// This is the example of CONTRIBUTING.md. In Sources, it would be the file MagicHour/MagicHour+ClonedSpeech.swift.

extension MagicHour {
    /// The operation that speaks a text in the voice of a recording: `POST /v1/ai-voice-cloner`.
    var clonedSpeech: GenerationOperation<ClonedSpeechRequest, CreatedProject, AudioProject> {
        operation(
            Endpoint(
                "ai-voice-cloner",
                filePrefix: "speech",
                media: [.init("assets.audio_file_path", kind: .audio, \.assets.audioFilePath)]
            ),
            as: AudioProject.self
        )
    }

    /// A request for speech in a cloned voice.
    struct ClonedSpeechRequest: Codable, Equatable, Sendable {
        /// The files of the request.
        struct Assets: Codable, Equatable, Sendable {
            /// The recording of the voice.
            var audioFilePath: MediaSource

            enum CodingKeys: String, CodingKey {
                case audioFilePath = "audio_file_path"
            }
        }

        /// The content of the speech.
        struct Style: Codable, Equatable, Sendable {
            /// The text.
            var prompt: String
        }

        /// The files of the request.
        var assets: Assets
        /// The content of the speech.
        var style: Style
    }
}

final class AddingAnOperationTests: MockTestCase {
    private let speech = SampleMedia.speechWAV(seconds: 0.1)

    func testNewOperationHasCompleteWorkflow() async throws {
        let clients = makeClients()
        defer { try? FileManager.default.removeItem(at: clients.directory) }
        let mock = clients.mock
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            response: .json(#"{"items":[{"upload_url":"https://s.example/u","file_path":"api-assets/u.wav"}]}"#)
        )
        mock.on("PUT", "/u", response: .status(200))
        mock.on("POST", "/v1/ai-voice-cloner", response: .json(#"{"id":"c","credits_charged":10}"#))
        mock.on(
            "GET",
            "/v1/audio-projects/c",
            response: .json(#"{"id":"c","status":"complete","downloads":[{"url":"https://o.example/1.wav"}]}"#)
        )
        mock.on("GET", "/1.wav", response: .data(speech))

        let result = try await clients.magicHour().clonedSpeech.generate(
            .init(assets: .init(audioFilePath: .data(speech)), style: .init(prompt: "Hello")),
            options: clients.options
        )

        XCTAssertEqual(
            clients.body(2),
            #"{"assets":{"audio_file_path":"api-assets/u.wav"},"style":{"prompt":"Hello"}}"#
        )
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["speech-c-1.wav"])
    }

    func testJobOfNewOperationIsResumedFromRecord() async throws {
        let clients = makeClients()
        defer { try? FileManager.default.removeItem(at: clients.directory) }
        let mock = clients.mock
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        mock.on("POST", "/v1/ai-voice-cloner", response: .json(#"{"id":"c","credits_charged":10}"#))
        try await magicHour.clonedSpeech.submit(
            .init(assets: .init(audioFilePath: "api-assets/u.wav"), style: .init(prompt: "Hello"))
        )

        mock.on(
            "GET",
            "/v1/audio-projects/c",
            response: .json(#"{"id":"c","status":"complete","downloads":[{"url":"https://o.example/1.wav"}]}"#)
        )
        mock.on("GET", "/1.wav", response: .data(speech))
        let outcomes = try await collect(magicHour.jobs.resumeAll(options: clients.options))
        XCTAssertEqual(
            try outcomes.map { try $0.result.get().files.map(\.lastPathComponent) },
            [["speech-c-1.wav"]]
        )
    }
}
