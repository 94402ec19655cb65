import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

/// Runs a test against a server, and stops it.
func withFaultyServer(_ test: (FaultyServer) async throws -> Void) async throws {
    let server = try await FaultyServer.start()
    do { try await test(server) } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// Runs a test with a folder of its own, and removes it.
func withFolder(_ test: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("headshotkit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    do { try await test(folder) } catch {
        try FileManager.default.removeItem(at: folder)
        throw error
    }
    try FileManager.default.removeItem(at: folder)
}

/// The error that something throws; a failure of the test where it throws none or another kind.
func failure<Failure: Error, Result>(
    _ type: Failure.Type,
    file: StaticString = #filePath,
    line: UInt = #line,
    of body: () async throws -> Result
) async throws -> Failure {
    do {
        let result = try await body()
        XCTFail("nothing was thrown, and \(result) came", file: file, line: line)
    } catch let error as Failure {
        return error
    } catch {
        XCTFail("\(error) was thrown", file: file, line: line)
    }
    throw XCTSkip("the failure was told above")
}

/// Bytes without a pattern that a block size could hide in.
func noise(_ count: Int) -> Data {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return Data(
        (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    )
}

/// Collects what a callback is told, from whatever thread.
final class Recorder<Value: Sendable>: @unchecked Sendable {
    // Unchecked because of the array, which is touched under the lock alone.
    private let lock = NSLock()
    private var values: [Value] = []

    var all: [Value] { lock.withLock { values } }

    func append(_ value: Value) { lock.withLock { values.append(value) } }
}

/// `XCTUnwrap` for a value that has to be waited for.
func unwrapped<Value>(
    _ value: @autoclosure () async throws -> Value?,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws -> Value {
    let value = try await value()
    return try XCTUnwrap(value, file: file, line: line)
}
