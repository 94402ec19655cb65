import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

/// Runs a test with a server that is stopped afterwards.
func withFaultyServer(_ test: (FaultyServer) async throws -> Void) async throws {
    let server = try await FaultyServer.start()
    do { try await test(server) } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// Waits until a condition is true, for ten seconds at most.
func eventually(_ condition: @autoclosure () async throws -> Bool) async throws {
    for _ in 0..<2_000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    XCTFail("The condition did not become true.")
}

/// Runs a test with a temporary directory that is removed afterwards.
@discardableResult
func withTemporaryDirectory<Value>(_ test: (URL) async throws -> Value) async throws -> Value {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("headshotkit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let value: Value
    do { value = try await test(directory) } catch {
        try FileManager.default.removeItem(at: directory)
        throw error
    }
    try FileManager.default.removeItem(at: directory)
    return value
}

/// Returns the error that a closure throws, and fails if the closure throws none or another type.
func failure<Failure: Error, Result>(
    _ type: Failure.Type,
    file: StaticString = #filePath,
    line: UInt = #line,
    of body: () async throws -> Result
) async throws -> Failure {
    do {
        let result = try await body()
        XCTFail("Expected an error, but \(result) was returned.", file: file, line: line)
    } catch let error as Failure {
        return error
    } catch {
        XCTFail("Unexpected error: \(error)", file: file, line: line)
    }
    throw XCTSkip("The failure is reported above.")
}

/// Returns pseudorandom bytes.
func noise(_ count: Int) -> Data {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return Data(
        (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    )
}

/// A thread-safe list of recorded values.
final class Recorder<Value: Sendable>: @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state.
    private let lock = NSLock()
    private var values: [Value] = []

    var all: [Value] { lock.withLock { values } }

    func append(_ value: Value) { lock.withLock { values.append(value) } }
}

/// Unwraps an asynchronous optional value.
func unwrapped<Value>(
    _ value: @autoclosure () async throws -> Value?,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws -> Value {
    let value = try await value()
    return try XCTUnwrap(value, file: file, line: line)
}
