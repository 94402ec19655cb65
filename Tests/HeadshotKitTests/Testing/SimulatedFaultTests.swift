import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class SimulatedFaultTests: SimulatorTestCase {
    func testFaultIsInjectedGivenNumberOfTimesBeforeProcessing() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        service.inject(.unavailable(retryAfter: "7"), on: .createImage, times: 2)
        service.inject(.badGateway, on: .createImage)
        XCTAssertEqual(service.faultsLeft, 3)
        for _ in 1...2 {
            let response = try await client.createImage()
            XCTAssertEqual(response.status, 503)
            XCTAssertEqual(response.headers["Retry-After"], "7")
        }
        let html = try await client.createImage()
        XCTAssertEqual(html.status, 502)
        XCTAssertEqual(html.headers["Content-Type"], "text/html")
        XCTAssertEqual(service.ledger, [])
        XCTAssertEqual(service.faultsLeft, 0)
        let taken = try await client.createImage()
        XCTAssertEqual(taken.status, 200)
        XCTAssertEqual(service.requestCounts, [.createImage: 4])
    }

    func testRefusedConnectionProvesThatNothingWasReceived() async throws {
        let service = makeService()
        service.inject(.connectionRefused, on: .createImage)
        let error = try await transportError { try await SimulatorClient(service: service).createImage() }
        XCTAssertEqual(error.kind, .notConnected)
        XCTAssertFalse(error.mayHaveBeenReceived)
        XCTAssertEqual(service.jobs, [])
    }

    func testLostConnectionIsInjectedBeforeOrAfterProcessing() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        service.inject(.connectionLost, on: .createImage)
        let before = try await transportError { try await client.createImage() }
        XCTAssertEqual(service.jobs.count, 0)
        service.inject(.connectionLost, on: .createImage, afterProcessing: true)
        let after = try await transportError { try await client.createImage() }
        XCTAssertEqual(service.jobs.count, 1)
        XCTAssertEqual(service.credits, 995)
        for error in [before, after] {
            XCTAssertEqual(error.kind, .connectionLost)
            XCTAssertTrue(error.mayHaveBeenReceived)
        }
    }

    func testResponseTextCanBeCorrupted() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        service.inject(.garbage, on: .createImage, afterProcessing: true)
        service.inject(.truncatedResponse, on: .createImage)
        for _ in 1...2 {
            let response = try await client.createImage()
            XCTAssertEqual(response.status, 200)
            XCTAssertThrowsError(try JSONSerialization.jsonObject(with: response.body))
        }
        XCTAssertEqual(service.jobs.count, 2)
    }

    func testJobFailureCanBeInjectedAtCreateOrAtPoll() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        service.inject(.jobFails(code: "unknown_error", message: "Sorry."), on: .createImage)
        let failing = try await client.createImage().string("id")
        let running = try await client.createImage().string("id")
        service.inject(.jobFails(code: "file_too_large"), on: .getImageProject)
        let failed = try await client.magicHour("GET", "/v1/image-projects/\(running)")
        XCTAssertEqual(try failed.string("status"), "error")
        XCTAssertEqual(service.credits, 995)
        clock.advance(by: .seconds(4))
        let response = try await client.magicHour("GET", "/v1/image-projects/\(failing)")
        XCTAssertEqual(
            try response.json()["error"] as? [String: String],
            ["code": "unknown_error", "message": "Sorry."]
        )
        XCTAssertEqual(service.credits, 1_000)
        XCTAssertEqual(service.ledger.map(\.kind), [.charge, .charge, .refund, .refund])
    }

    func testFailedJobWithZeroDurationIsRefunded() async throws {
        let service = makeService {
            $0.queueDuration = .zero
            $0.jobDuration = .zero
        }
        service.inject(.jobFails(code: "unknown_error"), on: .createImage)
        _ = try await SimulatorClient(service: service).createImage()
        XCTAssertEqual(service.jobs.map(\.status), ["error"])
        XCTAssertEqual(service.ledger.map(\.kind), [.charge, .refund])
    }

    func testUnknownStatusIsSentOnce() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let id = try await client.createImage().string("id")
        service.inject(.jobStatus("reticulating"), on: .getImageProject)
        let unknown = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        XCTAssertEqual(try unknown.string("status"), "reticulating")
        let known = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        XCTAssertEqual(try known.string("status"), "queued")
    }

    func testSlowResponseWaitsForClock() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        service.inject(.slow(.seconds(20)), on: .createImage)
        let request = Task { try await client.createImage().status }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(20))
        let status = try await request.value
        XCTAssertEqual(status, 200)
    }

    func testSilentServiceEndsInTimeoutOrCancellation() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        service.inject(.silence, on: .createImage, times: 2, afterProcessing: true)
        let request = Task { try await client.createImage().status }
        await clock.waitForSleepers()
        XCTAssertEqual(clock.sleeps, [.seconds(60)])
        clock.advance(by: .seconds(60))
        let error = try await transportError { try await request.value }
        XCTAssertEqual(error.kind, .timedOut)
        XCTAssertTrue(error.mayHaveBeenReceived)
        XCTAssertEqual(service.jobs.count, 1)

        let canceled = Task { try await client.createImage().status }
        await clock.waitForSleepers()
        canceled.cancel()
        await assertCanceled(canceled)
    }

    func testCanceledTaskSendsNothing() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.createImage().status
        }
        task.cancel()
        await assertCanceled(task)
        XCTAssertEqual(service.requestCounts, [:])
    }
}
