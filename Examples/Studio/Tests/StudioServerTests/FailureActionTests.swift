import Foundation
import HeadshotKit
import XCTest

@testable import StudioServer

final class FailureActionTests: XCTestCase {
    private let job = JobHandle(
        service: .magicHour,
        operation: "ai-headshot-generator",
        id: "1",
        createdAt: Date(timeIntervalSince1970: 1_000_000),
        creditsCharged: 45
    )

    func testPaidHeadshotFailsAfterTwelveAttemptsAndADay() {
        for code in [HeadshotKitError.Code.linkExpired, .invalidConfiguration, .fileSystem, .unauthorized] {
            XCTAssertNil(failure(code, attempts: 50, age: 86_000)?.credits)
            XCTAssertNil(failure(code, attempts: 1, age: 90_000)?.credits)
            XCTAssertEqual(failure(code, attempts: 12, age: 90_000)?.credits, 45)
        }
    }

    func testWaitForAnotherProcessIsNoAttempt() {
        let error = HeadshotKitError(.jobInUse, "Another process has the job.", job: job)
        guard case .wait = FailureAction(error, attempts: 50, price: 50) else {
            return XCTFail("The headshot must wait.")
        }
    }

    func testOnlyDeletedJobStaysCharged() {
        XCTAssertEqual(failure(.jobFailed)?.credits, 0)
        XCTAssertEqual(failure(.jobCanceled)?.credits, 0)
        XCTAssertEqual(failure(.jobDeleted)?.credits, 45)
        XCTAssertEqual(failure(.jobDeleted)?.code, "deleted")
    }

    /// Returns the failure of the headshot after an error of its job, or `nil` if the headshot is tried again.
    private func failure(
        _ code: HeadshotKitError.Code,
        attempts: Int = 0,
        age: TimeInterval = 60
    ) -> (code: String, credits: Int)? {
        let error = HeadshotKitError(code, "The job has a problem.", job: job)
        let now = Date(timeIntervalSince1970: 1_000_000 + age)
        guard case .fail(let failure, let credits) = FailureAction(error, attempts: attempts, price: 50, now: now)
        else {
            return nil
        }
        return (failure.code, credits)
    }
}
