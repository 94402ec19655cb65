import Foundation
import XCTest

/// A thread-safe list of recorded values.
final class Recorder<Value: Sendable>: @unchecked Sendable {
    // Unchecked, because the compiler cannot see that `lock` guards every access to `stored`.
    private let lock = NSLock()
    private var stored: [Value] = []

    var values: [Value] { lock.withLock { stored } }
    func append(_ value: Value) { lock.withLock { stored.append(value) } }
}

extension XCTestCase {
    /// Returns the URL of a temporary file that is removed at the end of the test.
    func temporaryFile() -> URL {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("headshotkit-\(UUID().uuidString)")
        addTeardownBlock {
            if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
        }
        return file
    }

    func assertCanceled<Success>(
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
