import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Uploads, polls and downloads that fail: the job was paid for, or is not yet, and the workflow gets over it.
class TransferFaultTests: NetworkTestCase {
    // MARK: Uploading

    func testAnUploadThatFailsOnceIsSentAgainWhole() async throws {
        for fault in [SimulatedService.Fault.internalError, .unavailable(), .connectionLost] {
            try await Workshop.open(network) { shop in
                shop.service.inject(fault, on: .upload)
                let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
                try assertIsPNG(result.files[0])
                XCTAssertEqual(shop.requests(.upload), 2)
                XCTAssertEqual(shop.service.uploads.map(\.contents), [try Data(contentsOf: shop.photo)])
                XCTAssertEqual(shop.money, [50])
            }
        }
    }

    func testAnUploadThatIsRefusedEndsBeforeAnythingIsPaidFor() async throws {
        try await Workshop.open(network) { shop in
            // The second address, which is asked for when one has expired, is refused too.
            shop.service.inject(.status(403), on: .upload, times: 2)
            let error = try await failure(HeadshotKitError.self) {
                try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            }
            XCTAssertEqual(error.operation, "upload")
            XCTAssertEqual(error.status, 403)
            XCTAssertEqual(shop.requests(.upload), 2)
            XCTAssertEqual(shop.requests(.createHeadshot), 0)
            XCTAssertEqual(shop.money, [])
        }
    }

    // MARK: Polling

    func testPollsThatFailForTheMomentAreSurvived() async throws {
        let faults: [SimulatedService.Fault] = [
            .internalError, .badGateway, .unavailable(), .tooManyRequests(), .garbage, .truncatedResponse,
            .connectionLost,
        ]
        try await Workshop.open(network) { shop in
            for fault in faults { shop.service.inject(fault, on: .getImageProject) }
            let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(shop.service.faultsLeft, 0)
            XCTAssertEqual(shop.money, [50])
        }
        try await Workshop.open(network) { shop in
            for fault in faults { shop.service.inject(fault, on: .fetchModelsLab) }
            let result = try await shop.modelsLab.headshots.generate(shop.portrait, options: shop.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(shop.service.faultsLeft, 0)
            XCTAssertEqual(shop.money, [2])
        }
    }

    func testAStatusThatNobodyHasHeardOfIsNotTheEnd() async throws {
        try await Workshop.open(network) { shop in
            shop.service.inject(.jobStatus("warming-up"), on: .getImageProject, times: 3)
            let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            try assertIsPNG(result.files[0])
        }
    }

    func testAYoungJobThatTheServiceDoesNotKnowYetIsAskedAboutAgain() async throws {
        try await Workshop.open(network) { shop in
            shop.service.inject(.status(404), on: .getImageProject, times: 3)
            let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(shop.service.faultsLeft, 0)
            XCTAssertEqual(shop.money, [50])
        }
    }

    func testPollsThatKeepFailingEndTheWaitWithTheHandleAndItCanBeResumed() async throws {
        try await Workshop.open(network) { shop in
            shop.service.inject(.internalError, on: .getImageProject, times: 14)
            var options = shop.options
            options.deadline = .seconds(3)
            let hasty = options
            let error = try await failure(HeadshotKitError.self) {
                try await shop.magicHour.headshots.generate(shop.headshot, options: hasty)
            }
            XCTAssertEqual(error.code, .deadlineExceeded)
            let result = try await shop.magicHour.headshots.resume(try XCTUnwrap(error.job), options: shop.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(shop.money, [50])
        }
    }

    // MARK: Downloading

    func testADownloadThatBreaksGoesOnWhereItStopped() async throws {
        try await Workshop.open(network, configure: { $0.outputBytes = 20 << 20 }) { shop in
            // Pieces of 8 MiB: the first comes whole, the second breaks, and two more make up the rest.
            shop.service.inject(.slow(.zero), on: .download)
            shop.service.inject(.broken(afterBytes: 3_000_001), on: .download)
            let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            XCTAssertEqual(shop.requests(.download), 4)
            let original = try await shop.original(result.project.downloads[0].url)
            XCTAssertEqual(original.count, 20 << 20)
            XCTAssertTrue(try Data(contentsOf: result.files[0]) == original)
            XCTAssertEqual(try shop.outputNames(), ["headshot-\(result.job.id)-1.png"])
        }
    }

    func testASmallDownloadThatBreaksIsCompleteInTheEnd() async throws {
        for fault in [SimulatedService.Fault.broken(afterBytes: 10_000), .connectionLost, .internalError] {
            try await Workshop.open(network) { shop in
                shop.service.inject(fault, on: .download, times: 2)
                let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
                try assertIsPNG(result.files[0])
                let original = try await shop.original(result.project.downloads[0].url)
                XCTAssertEqual(try Data(contentsOf: result.files[0]), original)
                XCTAssertEqual(try shop.outputNames(), ["headshot-\(result.job.id)-1.png"])
            }
        }
    }

    func testALinkThatHasExpiredIsMadeAnewByMagicHour() async throws {
        try await Workshop.open(network) { shop in
            // With a range and without one.
            shop.service.inject(.status(403), on: .download, times: 2)
            let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(shop.requests(.download), 3)
            XCTAssertEqual(shop.money, [50])
        }
    }

    func testALinkThatExpiresInTheMiddleIsMadeAnewAndTheDownloadGoesOn() async throws {
        try await Workshop.open(network, configure: { $0.outputBytes = 20 << 20 }) { shop in
            shop.service.inject(.slow(.zero), on: .download)
            shop.service.inject(.status(403), on: .download)
            let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            XCTAssertEqual(shop.requests(.download), 4)
            let original = try await shop.original(result.project.downloads[0].url)
            XCTAssertTrue(try Data(contentsOf: result.files[0]) == original)
        }
    }

    func testALinkOfModelsLabThatHasExpiredIsTold() async throws {
        try await Workshop.open(network) { shop in
            shop.service.inject(.status(403), on: .download, times: 20)
            let error = try await failure(HeadshotKitError.self) {
                try await shop.modelsLab.headshots.generate(shop.portrait, options: shop.options)
            }
            XCTAssertEqual(error.code, .linkExpired)
            XCTAssertEqual(error.job?.id, shop.service.jobs.first?.id)
            XCTAssertFalse("\(error)".contains("signature="), "a signed address is in the error")
            XCTAssertEqual(shop.money, [2])
        }
    }

    func testAPageInPlaceOfAnImageIsNotSavedAsOne() async throws {
        try await Workshop.open(network) { shop in
            shop.service.inject(.status(200, body: "<html>maintenance</html>"), on: .download, times: 10_000)
            var options = shop.options
            options.deadline = .seconds(1)
            let error = try await failure(HeadshotKitError.self) {
                try await shop.magicHour.headshots.generate(shop.headshot, options: options)
            }
            XCTAssertEqual(error.code, .deadlineExceeded)
            XCTAssertEqual(error.job?.id, shop.service.jobs.first?.id)
            XCTAssertEqual(try shop.outputNames().filter { !$0.hasSuffix(".part") }, [])
        }
    }
}
