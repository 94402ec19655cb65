import HeadshotKit
import XCTest

@testable import HeadshotKit

final class RetryPolicyTests: XCTestCase {
    func testDelaysDoubleFrom500MillisecondsTo8Seconds() {
        let policy = RetryPolicy(maximumAttempts: 9)
        let delays = (1...9).map { policy.delay(afterAttempt: $0, random: 0) }
        XCTAssertEqual(
            delays,
            [
                .seconds(0.5), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(8), .seconds(8),
                .seconds(8), nil,
            ]
        )
    }

    func testJitterShortensDelayByAtMostOneQuarter() {
        let policy = RetryPolicy()
        XCTAssertEqual(policy.delay(afterAttempt: 2, random: 0.5), .milliseconds(875))
        XCTAssertEqual(policy.delay(afterAttempt: 2, random: 1), .milliseconds(750))
    }

    func testFourAttemptsAreMadeByDefault() {
        XCTAssertNotNil(RetryPolicy().delay(afterAttempt: 3, random: 0))
        XCTAssertNil(RetryPolicy().delay(afterAttempt: 4, random: 0))
        XCTAssertNil(RetryPolicy.never.delay(afterAttempt: 1, random: 0))
    }

    func testRetryAfterIsNotShortened() {
        XCTAssertEqual(RetryPolicy().delay(afterAttempt: 1, retryAfter: .seconds(17), random: 0.9), .seconds(17))
        XCTAssertEqual(RetryPolicy().delay(afterAttempt: 1, retryAfter: .seconds(0.1), random: 0), .seconds(0.5))
    }

    func testRetryAfterBeyondLimitEndsRetries() {
        XCTAssertNil(RetryPolicy().delay(afterAttempt: 1, retryAfter: .seconds(61), random: 0))
    }

    func testManyFailuresDoNotOverflow() {
        XCTAssertEqual(RetryPolicy().backoff(afterFailure: 5_000, random: 0), .seconds(8))
    }
}

final class RetryAfterTests: XCTestCase {
    func testRetryAfterSecondsAreParsed() {
        XCTAssertEqual(TransportResponse(status: 429, headers: ["Retry-After": " 7 "]).retryAfter(), .seconds(7))
    }

    func testRetryAfterDateIsRelativeToServerDate() {
        let response = TransportResponse(
            status: 503,
            headers: ["retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"]
        )
        XCTAssertEqual(response.retryAfter(), .seconds(30))
    }

    func testRetryAfterDateInPastIsZeroDelay() {
        let response = TransportResponse(status: 503, headers: ["Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"])
        XCTAssertEqual(response.retryAfter(), .zero)
    }

    func testRetryAfterOfBodyIsParsedFromNumberOrString() {
        XCTAssertEqual(
            TransportResponse(status: 429, body: Data(#"{"retry_after":12}"#.utf8)).retryAfter(),
            .seconds(12)
        )
        XCTAssertEqual(
            TransportResponse(status: 429, body: Data(#"{"retry_after":"1.5"}"#.utf8)).retryAfter(),
            .seconds(1.5)
        )
    }

    func testHugeRetryAfterDoesNotTrap() {
        for value in ["1e300", "inf", "99999999999999999999"] {
            let delay = TransportResponse(status: 429, headers: ["Retry-After": value]).retryAfter()
            XCTAssertEqual(delay, .seconds(366 * 86_400), value)
        }
        let body = TransportResponse(status: 429, body: Data(#"{"retry_after":1e300}"#.utf8))
        XCTAssertEqual(body.retryAfter(), .seconds(366 * 86_400))
    }

    func testInvalidRetryAfterIsNil() {
        for value in ["soon", "-3", "nan", ""] {
            XCTAssertNil(TransportResponse(status: 429, headers: ["Retry-After": value]).retryAfter(), value)
        }
        XCTAssertNil(TransportResponse(status: 429, body: Data("<html>".utf8)).retryAfter())
    }
}
