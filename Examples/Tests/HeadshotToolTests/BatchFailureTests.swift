import Foundation
import HeadshotKitTesting
import XCTest

/// The failures of `headshot batch`, and what they advise.
final class BatchFailureTests: XCTestCase {
    func testPhotoOfAnotherProcessIsNamedWithoutReference() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        try tool.addPhotos(["ada.png"])
        let first = try tool.start(["batch", "team"], name: "first")
        try await first.wait { tool.service.ledger.count == 1 }
        let second = try await tool.run("batch", "team")
        XCTAssertNotEqual(second.status, 0, second.err)
        XCTAssertTrue(second.err.contains("failed: another headshot process is making this photo\n"), second.err)
        XCTAssertTrue(second.err.contains("ada.png: Another headshot process is making this photo. "), second.err)
        XCTAssertNil(second.err.range(of: "[0-9a-f]{16}", options: .regularExpression), second.err)
        first.interrupt()
        _ = try await first.end()
        XCTAssertEqual(tool.service.ledger.count, 1)
        try await tool.close()
    }

    func testPriceDoesNotCountFilesThatAreNotPhotos() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png"])
        for (name, text) in [("empty.png", ""), ("text.png", "no photo")] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: tool.path("team/\(name)")))
        }
        let price = try await tool.run("batch", "team", "--dry-run", "--max-credits", "50")
        XCTAssertEqual(price.status, 0, price.err)
        let plan = "3 photos: 1 to make for 50 credits, 2 are not photos.\nteam/empty.png: "
        XCTAssertTrue(price.err.hasPrefix(plan), price.err)
        XCTAssertTrue(price.err.contains("\nteam/text.png: "), price.err)
        try await tool.close()
    }

    func testDirectoryThatCannotBeWrittenIsOneErrorBeforeAnyRequest() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png", "bob.png"])
        for directory in ["me.png", "me.png/made"] {
            let output = try await tool.run("batch", "team", "--output", directory)
            XCTAssertEqual(output.status, 1, output.err)
            XCTAssertEqual(output.err.components(separatedBy: "Nothing can be saved in").count, 2, output.err)
            XCTAssertTrue(output.err.contains("Choose another directory"), output.err)
            XCTAssertFalse(output.err.contains("[1 of"), output.err)
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }
}
