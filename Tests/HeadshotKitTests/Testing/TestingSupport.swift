import Foundation
import XCTest

/// Gathers values from any thread.
final class Recorder<Value: Sendable>: @unchecked Sendable {
    // Unchecked, because the compiler cannot see that `lock` guards every access to `stored`.
    private let lock = NSLock()
    private var stored: [Value] = []

    var values: [Value] { lock.withLock { stored } }
    func append(_ value: Value) { lock.withLock { stored.append(value) } }
}

extension XCTestCase {
    /// A name for a file that is removed when the test has ended.
    func temporaryFile() -> URL {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("headshotkit-\(UUID().uuidString)")
        addTeardownBlock {
            if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
        }
        return file
    }

    func assertCancelled<Success>(
        _ task: Task<Success, any Error>,
        file: StaticString = #filePath,
        line: UInt = #line
    ) async {
        let result = await task.result
        XCTAssertThrowsError(try result.get(), file: file, line: line) { error in
            XCTAssertTrue(error is CancellationError, "\(error)", file: file, line: line)
        }
    }
}
