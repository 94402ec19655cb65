import Foundation
import XCTest

/// A process that holds a claim until it is killed.
final class ClaimHolder {
    private let process = Process()
    private let output = Pipe()

    init(of id: UUID, in database: any TestDatabase, lease: Int) throws {
        let bundle = Bundle(for: SQLJobStoreTests.self).bundleURL
        let products = bundle.pathExtension == "xctest" ? bundle.deletingLastPathComponent() : bundle
        process.executableURL = products.appendingPathComponent("claim-holder")
        process.arguments = [database.location, id.uuidString, "\(lease)"]
        process.standardInput = Pipe()
        process.standardOutput = output
        try process.run()
        XCTAssertEqual(readLine(from: output.fileHandleForReading), "claimed")
    }

    deinit { kill() }

    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
