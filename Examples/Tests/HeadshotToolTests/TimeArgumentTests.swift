import XCTest

@testable import headshot

final class TimeArgumentTests: XCTestCase {
    func testDurationsAreParsed() throws {
        let times: [(String, Duration)] = [
            ("90s", .seconds(90)), ("30m", .seconds(1_800)), ("2h", .seconds(7_200)), ("45", .seconds(45)),
            ("1.5h", .seconds(5_400)), ("0.5", .milliseconds(500)), ("720h", .seconds(2_592_000)),
        ]
        for (text, duration) in times { XCTAssertEqual(try TimeArgument(text).duration, duration, text) }
    }

    func testInvalidDurationIsRejected() {
        for text in [
            "", "s", "soon", "0", "0s", "-5", "5x", "5 m", "1h30m", "nan", "inf", "1e3", "0x10", "721h", "..", "٣",
        ] {
            XCTAssertThrowsError(try TimeArgument(text), text)
        }
    }
}
