import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A talking photo without an end ends with its local recording.
final class TalkingPhotoLengthTests: MockTestCase {
    private let speech = MediaSource.data(SampleMedia.speechWAV(seconds: 2.5))
    private let missing = ValidationIssue(
        field: "end_seconds",
        value: "missing",
        allowed: "0.1 or more, because the recording is remote or of unknown length"
    )

    private func request(_ audio: MediaSource, start: Double = 0) -> MagicHour.TalkingPhotoRequest {
        .init(photo: "https://a.example/me.png", audio: audio, startSeconds: start)
    }

    func testEndIsThatOfTheRecording() async throws {
        let items = #"{"items":[{"upload_url":"https://s.example/0","file_path":"api-assets/0"}]}"#
        mock.on("POST", "/v1/files/upload-urls", response: .json(items))
        mock.on("PUT", "/0", response: .status(200))
        mock.on("POST", "/v1/ai-talking-photo", response: .json(#"{"id":"a","credits_charged":48}"#))
        _ = try await clients.magicHour().talkingPhotos.submit(request(speech, start: 0.5))
        XCTAssertEqual(
            clients.body(2),
            #"{"assets":{"audio_file_path":"api-assets/0","image_file_path":"https://a.example/me.png"},"#
                + #""end_seconds":2.5,"start_seconds":0.5}"#
        )
    }

    func testPriceIsKnownAndLimited() async throws {
        let talkingPhotos = try clients.magicHour().talkingPhotos
        XCTAssertEqual(talkingPhotos.estimatedCost(of: request(speech)), .atLeast(60))
        XCTAssertEqual(talkingPhotos.validationIssues(for: request(speech)), [])
        let options = GenerationOptions(maximumCredits: 59)
        let error = try await failure { try await talkingPhotos.submit(request(speech), options: options) }
        XCTAssertEqual(error.code, .tooExpensive)
        XCTAssertTrue(error.message.contains("it costs at least 60 credits"), error.message)
        XCTAssertEqual(mock.requests, [])
    }

    func testEndIsRoundedDown() throws {
        // 8,000 bytes per second, and 7,999 of them.
        let format = WholeFiles.text("fmt ") + WholeFiles.little(16) + [1, 0, 1, 0] + WholeFiles.little(8_000)
        let rest = WholeFiles.little(8_000) + [1, 0, 8, 0] + WholeFiles.text("data") + WholeFiles.little(7_999)
        let recording = WholeFiles.riff("WAVE", format + rest + [UInt8](repeating: 0, count: 7_999))
        XCTAssertEqual(try request(.data(Data(recording))).completed().endSeconds, 0.99)
        let two = MediaSource.data(SampleMedia.speechWAV(seconds: 2))
        XCTAssertEqual(try request(two).completed().endSeconds, 2)
    }

    func testGivenEndStays() throws {
        var given = request(speech)
        given.endSeconds = 1
        XCTAssertEqual(try given.completed(), given)
    }

    func testEndIsRequiredForRecordingOfUnknownLength() async throws {
        let talkingPhotos = try clients.magicHour().talkingPhotos
        for audio in ["https://a.example/a.mp3", .data(WholeFiles["amr"])] as [MediaSource] {
            XCTAssertEqual(talkingPhotos.validationIssues(for: request(audio)), [missing])
            XCTAssertNil(talkingPhotos.estimatedCost(of: request(audio)))
            let error = try await failure { try await talkingPhotos.submit(request(audio)) }
            XCTAssertEqual(error.code, .invalidRequest)
            XCTAssertEqual(error.validationIssues, [missing])
        }
        XCTAssertEqual(mock.requests, [])
    }

    func testRecordingThatIsNoneIsReported() async throws {
        let talkingPhotos = try clients.magicHour().talkingPhotos
        let error = try await failure { try await talkingPhotos.submit(request(.data(pngBytes))) }
        XCTAssertEqual(error.code, .invalidMedia)
        XCTAssertTrue(error.message.contains("is not a recording"), error.message)
        XCTAssertEqual(talkingPhotos.validationIssues(for: request(.data(pngBytes))), [missing])
        XCTAssertEqual(mock.requests, [])
    }
}
