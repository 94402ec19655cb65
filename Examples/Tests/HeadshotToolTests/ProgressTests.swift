import Foundation
import HeadshotKit
import XCTest

@testable import headshot

final class ProgressTests: XCTestCase {
    private func line(_ stage: JobProgress.Stage, columns: Int = 80, after elapsed: Duration = .seconds(3)) -> String {
        ProgressLine(stage: stage, elapsed: elapsed, columns: columns).text
    }

    private let half = TransferProgress(completed: 1_200_000, total: 2_400_000)
    private let job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "abc", creditsCharged: 50)

    // MARK: Line

    func testTransferShowsPercentage() {
        XCTAssertEqual(line(.uploading(half)), "Uploading [###############---------------] 50 % of 2.4 MB")
        XCTAssertEqual(
            line(.downloading(output: 2, of: 4, TransferProgress(completed: 197, total: 197))),
            "Downloading 2 of 4 [##############################] 100 % of 197 B"
        )
        XCTAssertEqual(
            line(.downloading(output: 1, of: 1, TransferProgress(completed: 9_600, total: nil))),
            "Downloading 10 kB"
        )
    }

    func testWaitShowsStatusAndElapsedTime() {
        XCTAssertEqual(
            line(.waiting(status: "rendering"), after: .seconds(75)),
            "Rendering [--------------------####------] 75 s"
        )
        XCTAssertEqual(line(.creating, after: .zero), "Creating [####--------------------------] 0 s")
    }

    func testActivityMarkMovesToEndAndBack() {
        let marks = (0..<53).map { line(.creating, columns: 30, after: .milliseconds(150 * $0)) }
        XCTAssertTrue(marks.contains("Creating [####----------] 0 s"), marks[0])
        XCTAssertTrue(marks.contains { $0.contains("[----------####]") })
        XCTAssertTrue(marks.allSatisfy { $0.filter { $0 == "#" }.count == 4 })
    }

    func testEveryLineIsNarrowerThanTerminal() {
        let stages: [JobProgress.Stage] = [
            .preparing, .creating, .uploading(half), .waiting(status: String(repeating: "w", count: 500)),
            .downloading(output: 10, of: 16, half), .uploading(TransferProgress(completed: 5, total: nil)),
        ]
        for stage in stages {
            for columns in 0...200 {
                XCTAssertLessThanOrEqual(line(stage, columns: columns).count, max(0, columns - 1))
            }
        }
    }

    func testNarrowTerminalHasNoBar() {
        XCTAssertEqual(line(.uploading(half), columns: 30), "Uploading 50 % of 2.4 MB")
        XCTAssertEqual(line(.uploading(half), columns: 13), "Uploading 50")
    }

    func testLongNameIsMarked() {
        let text = ProgressLine(name: "annabelle-lee.jpg", stage: .creating, elapsed: .zero, columns: 40).text
        XCTAssertEqual(text, "annabelle… Creating [####---------] 0 s")
        XCTAssertEqual(["abc".shortened(to: 3), "abc".shortened(to: 2), "abc".shortened(to: 0)], ["abc", "a…", ""])
    }

    func testColorsAreUsedOnlyIfAllowed() {
        XCTAssertFalse(line(.uploading(half)).contains("\u{1B}"))
        let colored = ProgressLine(stage: .uploading(half), elapsed: .zero, columns: 80, isColored: true).text
        XCTAssertTrue(colored.hasPrefix("\u{1B}[1mUploading\u{1B}[0m \u{1B}[32m["), colored)
    }

    func testControlCharactersOfServiceAreRemoved() {
        XCTAssertFalse(line(.waiting(status: "\u{1B}[2Jgone\r\n\u{9B}")).unicodeScalars.contains { $0.value < 0x20 })
        XCTAssertEqual(Console.printable("a\u{1B}[31mb\u{7}c\nd"), "a [31mb c\nd")
    }

    // MARK: Log

    func testShortTransferIsLoggedAsOneLine() {
        var log = ProgressLog()
        let lines = (0...100).compactMap { percent in
            log.line(
                for: .uploading(TransferProgress(completed: Int64(percent), total: 100)),
                at: .milliseconds(percent)
            )
        }
        XCTAssertEqual(lines, ["Uploading: 100 % of 100 B"])
    }

    func testLongTransferIsLoggedAtMostOncePerTenth() {
        var log = ProgressLog()
        let lines = (0...1_000).compactMap { step in
            log.line(for: .uploading(TransferProgress(completed: Int64(step), total: 1_000)), at: .seconds(step))
        }
        XCTAssertEqual(lines, (1...10).map { "Uploading: \($0 * 10) % of 1 kB" })
    }

    func testEachOutputIsLoggedSeparately() {
        var log = ProgressLog()
        let whole = TransferProgress(completed: 10, total: 10)
        XCTAssertEqual(
            (1...2).map { log.line(for: .downloading(output: $0, of: 2, whole), at: .zero) },
            ["Downloading 1 of 2: 100 % of 10 B", "Downloading 2 of 2: 100 % of 10 B"]
        )
        XCTAssertEqual(log.line(for: .submitted(job), at: .zero), "Created job abc (magic-hour, 50 credits)")
        XCTAssertEqual(log.line(for: .status("queued"), at: .zero), "Status: queued")
        XCTAssertNil(log.line(for: .saved(URL(fileURLWithPath: "/tmp/x.png")), at: .zero))
    }

    // MARK: Messages

    func testErrorsAreWrappedBetweenWords() {
        XCTAssertEqual(Console.wrapped("error: one two three", columns: 10), "error: one\ntwo three")
        XCTAssertEqual(Console.wrapped("a /a/very/long/path b", columns: 6), "a\n/a/very/long/path\nb")
    }

    func testInterruptionNamesSavedFiles() {
        var progress = JobProgress()
        progress.note(.submitted(job))
        progress.note(.saved(URL(fileURLWithPath: "/tmp/a.png")))
        let text =
            "Interrupted. Job abc (magic-hour, ai-headshot-generator) continues at the service. Already saved: /tmp/a.png. "
            + "The job was charged once. You are not charged again."
        XCTAssertEqual(progress.interruption(at: .paid(isKept: true)), text)
        XCTAssertEqual(
            progress.interruption(at: .paid(isKept: false)),
            text + " Keep the ID to download the outputs later."
        )
    }
}
