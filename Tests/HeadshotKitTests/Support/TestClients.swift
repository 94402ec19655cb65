import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Clients whose network is a mock, whose time is ours and whose chance is fixed.
struct TestClients {
    let mock = MockTransport()
    let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "headshotkit-test-\(UUID().uuidString)"
    )

    var configuration: ClientConfiguration {
        ClientConfiguration(transport: mock, clock: clock, random: { 0 }, durations: DurationHistory())
    }

    var options: GenerationOptions {
        GenerationOptions(
            downloadDirectory: directory,
            polling: .backoff(initial: .seconds(1), factor: 1.3, maximum: .seconds(3))
        )
    }

    /// The delays that the code under test chose, without its deadlines.
    var delays: [Duration] { clock.sleeps.filter { $0 <= .seconds(60) } }

    /// The same to the millisecond, where they were multiplied.
    var delayMilliseconds: [Int] { delays.map { Int(($0.seconds * 1_000).rounded()) } }

    func magicHour() throws -> MagicHour {
        try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
    }

    func modelsLab(imageTransfer: ModelsLab.ImageTransfer = .base64ToURL) throws -> ModelsLab {
        try ModelsLab(apiKey: "ml-secret", imageTransfer: imageTransfer, configuration: configuration)
    }

    func body(_ index: Int) -> String { String(decoding: mock.bodies[index], as: UTF8.self) }

    func filesInDirectory() throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }
}

/// Waits until something has come about, and fails where it does not: a test that is wrong is to end, too.
func eventually(
    _ condition: @autoclosure () -> Bool,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws {
    for turn in 0..<20_000 {
        if condition() { return }
        if turn < 10_000 { await Task.yield() } else { try await Task.sleep(for: .milliseconds(2)) }
    }
    XCTFail("It did not come to that.", file: file, line: line)
}

/// What a closure threw.
func thrown<Value>(
    by body: () async throws -> Value,
    file: StaticString = #filePath,
    line: UInt = #line
) async -> (any Error)? {
    do {
        let value = try await body()
        XCTFail("Nothing was thrown, but \(value) returned.", file: file, line: line)
        return nil
    } catch {
        return error
    }
}

/// The package's own error that a closure threw.
func failure<Value>(
    of body: () async throws -> Value,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws -> HeadshotKitError {
    let error = await thrown(by: body, file: file, line: line)
    return try XCTUnwrap(error as? HeadshotKitError, "\(String(describing: error))", file: file, line: line)
}

/// A whole PNG of one pixel.
let pngBytes =
    Data(
        base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    ) ?? Data()
