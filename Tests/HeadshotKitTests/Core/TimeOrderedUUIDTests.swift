import Foundation
import XCTest

@testable import HeadshotKit

final class TimeOrderedUUIDTests: XCTestCase {
    func testUUIDBeginsWithMillisecondsAndHasVersionAndVariant() {
        // The time of the example in RFC 9562, appendix A.6.
        let uuid = UUID.timeOrdered(at: Date(timeIntervalSince1970: 1_645_557_742))
        XCTAssertEqual(uuid.uuidString.prefix(15), "017F22E2-79B0-7")
        XCTAssertTrue("89AB".contains(uuid.uuidString[uuid.uuidString.index(uuid.uuidString.startIndex, offsetBy: 19)]))
        XCTAssertNotEqual(uuid, UUID.timeOrdered(at: Date(timeIntervalSince1970: 1_645_557_742)))
    }

    func testTextSortsByTimeWithinAMillisecond() {
        let start = Date(timeIntervalSince1970: 1_764_000_000)
        let ids = (0..<1_000).map { UUID.timeOrdered(at: start + Double($0) / 1_000_000).uuidString }
        XCTAssertEqual(ids, ids.sorted())
    }

    func testImpossibleTimesDoNotTrap() {
        for seconds in [-1, -1e300, 1e300, .infinity, -.infinity, .nan] as [TimeInterval] {
            let uuid = UUID.timeOrdered(at: Date(timeIntervalSince1970: seconds))
            XCTAssertEqual(uuid.uuidString.prefix(13), "00000000-0000")
        }
    }
}
