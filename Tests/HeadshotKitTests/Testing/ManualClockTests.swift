import HeadshotKitTesting
import XCTest

final class ManualClockTests: XCTestCase {
    func testSleepEndsWhenClockAdvancesPastDeadline() async throws {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(3)) }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(3))
        try await sleeper.value
        XCTAssertEqual(clock.now.offset, .seconds(3))
        XCTAssertEqual(clock.sleeps, [.seconds(3)])
    }

    func testCanceledSleepThrowsCancellationError() async {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(3)) }
        await clock.waitForSleepers()
        sleeper.cancel()
        let result = await sleeper.result
        XCTAssertThrowsError(try result.get()) { XCTAssertTrue($0 is CancellationError) }
    }
}
