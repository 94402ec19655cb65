import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// `headshot talk` creates a video of a photo that speaks a recording.
final class TalkTests: XCTestCase {
    /// Returns a WAV file of silence with one channel and 8,000 bytes per second.
    private func wav(bytes: Int) -> Data {
        func number(_ value: UInt32, _ count: Int = 4) -> Data {
            Data((0..<count).map { UInt8(value >> (8 * $0) & 0xff) })
        }
        var data = Data("WAVEfmt ".utf8) + number(16) + number(1, 2) + number(1, 2) + number(8_000) + number(8_000)
        data += number(1, 2) + number(8, 2)
        data += Data("data".utf8) + number(UInt32(bytes)) + Data(count: bytes)
        return Data("RIFF".utf8) + number(UInt32(data.count)) + data
    }

    private func tool() async throws -> Tool {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        try wav(bytes: 20_000).write(to: tool.directory.appendingPathComponent("hello.wav"))
        return tool
    }

    func testEndDefaultsToLengthOfRecordingAndVideoIsResumed() async throws {
        let tool = try await Tool { $0.jobDuration = .zero }
        try wav(bytes: 20_000).write(to: tool.directory.appendingPathComponent("hello.wav"))
        let created = try await tool.run("talk", "me.png", "hello.wav", "--no-wait", "--output", "out")
        XCTAssertEqual(created.status, 0, created.err)
        XCTAssertEqual(created.out, try tool.jobID + "\n")
        XCTAssertTrue(try tool.storedRequests.joined().contains(#""end_seconds":2.5,"start_seconds":0"#))
        XCTAssertEqual(tool.service.uploads.count, 2)
        let output = try await tool.run("resume")
        XCTAssertEqual(output.out, tool.path("out/talking-photo-\(try tool.jobID)-1.mp4") + "\n")
        XCTAssertEqual(tool.service.ledger.map(\.amount), [144])
        try await tool.close()
    }

    func testEveryOptionIsSent() async throws {
        let tool = try await tool()
        let arguments = """
            talk https://example.com/me.png https://example.com/hello.mp3 --no-wait --json --start 1.5 --end 4 --mode prompted \
            --prompt nodding --intensity 0.25 --resolution 480p --name Hello
            """
        let output = try await tool.start(arguments.split(separator: " ").map(String.init)).end()
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertTrue(output.out.contains(#""credits_charged":72"#), output.out)
        XCTAssertEqual(
            try tool.storedRequests,
            [
                #"{"assets":{"audio_file_path":"https://example.com/hello.mp3","#
                    + #""image_file_path":"https://example.com/me.png"},"end_seconds":4,"name":"Hello","resolution":"480p","#
                    + #""start_seconds":1.5,"style":{"generation_mode":"prompted","intensity":0.25,"prompt":"nodding"}}"#
            ]
        )
        try await tool.close()
    }

    func testInvalidRequestIsNotSent() async throws {
        let tool = try await tool()
        let rows: [([String], Int32, String)] = [
            (
                ["me.png", "https://example.com/hello.mp3"], 2,
                "--end is missing; allowed: 0.1 or more, because the recording is remote"
            ),
            (["me.png", "hello.wav", "--start", "3"], 2, "--end is 2.5; allowed: more than --start"),
            (["me.png", "me.png", "--end", "2"], 2, "is not a recording"),
            (["me.png", "nothing.wav"], 2, "nothing.wav does not exist."),
            (["me.png", "-", "--end", "2"], 2, "AUDIO cannot come from standard input"),
            (["me.png", "hello.wav", "--max-credits", "59"], 6, "at least 60 credits"),
            (["hello.wav", "hello.wav"], 2, "is not a photo"),
            (["hello.wav", "me.png"], 2, "The recording comes before the photo"),
            (["hello.wav", "me.png", "--end", "2"], 2, "The recording comes before the photo"),
            (["https://example.com/hello.mp3", "me.png"], 2, "The recording comes before the photo"),
            (["hello.wav", "https://example.com/me.JPG?size=1"], 2, "The recording comes before the photo"),
            (["https://example.com/a.mp3", "https://example.com/me.png"], 2, "The recording comes before the photo"),
            (["https://example.com/a.mp3", "hello.wav"], 2, "is not a photo, by its extension"),
            (["me.png", "https://example.com/me.png"], 2, "is not a recording, by its extension"),
            (["me.png", "me.png"], 2, "is not a recording"),
        ]
        for (arguments, status, text) in rows {
            let output = try await tool.start(["talk"] + arguments).end()
            XCTAssertEqual(output.status, status, text)
            XCTAssertEqual(output.out, "")
            XCTAssertTrue(output.err.contains(text), output.err)
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }
}
