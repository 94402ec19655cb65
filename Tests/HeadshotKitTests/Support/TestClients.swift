import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Clients with a mock transport, a manual clock and a fixed random source.
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

    /// The delays that the tested code chose, without its deadlines.
    var delays: [Duration] { clock.sleeps.filter { $0 <= .seconds(60) } }

    /// The delays in whole milliseconds.
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

/// Waits until a condition is true, and fails if it does not become true.
func eventually(
    _ condition: @autoclosure () async throws -> Bool,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws {
    for attempt in 0..<20_000 {
        if try await condition() { return }
        if attempt < 10_000 { await Task.yield() } else { try await Task.sleep(for: .milliseconds(2)) }
    }
    XCTFail("The condition did not become true.", file: file, line: line)
}

/// Asserts that a value that is read asynchronously, such as from a store, is equal to another.
func assertEqual<Value: Equatable>(
    _ value: @autoclosure () async throws -> Value,
    _ expected: Value,
    _ message: String = "",
    file: StaticString = #filePath,
    line: UInt = #line
) async rethrows {
    let value = try await value()
    XCTAssertEqual(value, expected, message, file: file, line: line)
}

/// Returns a value that is read asynchronously, and throws an error if it is `nil`.
func unwrap<Value>(
    _ value: @autoclosure () async throws -> Value?,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws -> Value {
    let value = try await value()
    return try XCTUnwrap(value, file: file, line: line)
}

/// Returns the elements of a sequence.
func collect<Element>(_ stream: WorkflowSequence<Element>) async throws -> [Element] {
    var elements: [Element] = []
    for try await element in stream { elements.append(element) }
    return elements
}

/// Returns the error that a closure throws.
func thrown<Value>(
    by body: () async throws -> Value,
    file: StaticString = #filePath,
    line: UInt = #line
) async -> (any Error)? {
    do {
        let value = try await body()
        XCTFail("Expected an error, but \(value) was returned.", file: file, line: line)
        return nil
    } catch {
        return error
    }
}

/// Returns the `HeadshotKitError` that a closure throws.
func failure<Value>(
    of body: () async throws -> Value,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws -> HeadshotKitError {
    let error = await thrown(by: body, file: file, line: line)
    return try XCTUnwrap(error as? HeadshotKitError, "\(String(describing: error))", file: file, line: line)
}

/// A complete PNG file of one pixel.
let pngBytes =
    Data(
        base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    ) ?? Data()
