import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Failures of uploads, polls and downloads.
class TransferFaultTests: NetworkTestCase {
    // MARK: Uploading

    func testFailedUploadIsRetriedCompletely() async throws {
        for fault in [SimulatedService.Fault.internalError, .unavailable(), .connectionLost] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(fault, on: .upload)
                let result = try await environment.magicHour.headshots.generate(
                    environment.headshot,
                    options: environment.options
                )
                try assertIsPNG(result.files[0])
                XCTAssertEqual(environment.requests(.upload), 2)
                XCTAssertEqual(environment.service.uploads.map(\.contents), [try Data(contentsOf: environment.photo)])
                XCTAssertEqual(environment.amounts, [50])
            }
        }
    }

    func testRejectedUploadEndsBeforeCreate() async throws {
        try await TestEnvironment.open(network) { environment in
            // The second upload URL, which is requested after an expired one, is rejected too.
            environment.service.inject(.status(403), on: .upload, times: 2)
            let error = try await failure(HeadshotKitError.self) {
                try await environment.magicHour.headshots.generate(environment.headshot, options: environment.options)
            }
            XCTAssertEqual(error.operation, "upload")
            XCTAssertEqual(error.status, 403)
            XCTAssertEqual(environment.requests(.upload), 2)
            XCTAssertEqual(environment.requests(.createHeadshot), 0)
            XCTAssertEqual(environment.amounts, [])
        }
    }

    // MARK: Polling

    func testTransientPollFailuresAreRetried() async throws {
        let faults: [SimulatedService.Fault] = [
            .internalError, .badGateway, .unavailable(), .tooManyRequests(), .garbage, .truncatedResponse,
            .connectionLost,
        ]
        try await TestEnvironment.open(network) { environment in
            for fault in faults { environment.service.inject(fault, on: .getImageProject) }
            let result = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            )
            try assertIsPNG(result.files[0])
            XCTAssertEqual(environment.service.faultsLeft, 0)
            XCTAssertEqual(environment.amounts, [50])
        }
        try await TestEnvironment.open(network) { environment in
            for fault in faults { environment.service.inject(fault, on: .fetchModelsLab) }
            let result = try await environment.modelsLab.headshots.generate(
                environment.portrait,
                options: environment.options
            )
            try assertIsPNG(result.files[0])
            XCTAssertEqual(environment.service.faultsLeft, 0)
            XCTAssertEqual(environment.amounts, [2])
        }
    }

    func testUnknownStatusIsPolledAgain() async throws {
        try await TestEnvironment.open(network) { environment in
            environment.service.inject(.jobStatus("warming-up"), on: .getImageProject, times: 3)
            let result = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            )
            try assertIsPNG(result.files[0])
        }
    }

    func testRecentJobThatIsNotFoundIsPolledAgain() async throws {
        try await TestEnvironment.open(network) { environment in
            environment.service.inject(.status(404), on: .getImageProject, times: 3)
            let result = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            )
            try assertIsPNG(result.files[0])
            XCTAssertEqual(environment.service.faultsLeft, 0)
            XCTAssertEqual(environment.amounts, [50])
        }
    }

    func testJobIsResumedAfterPollsFailedUntilDeadline() async throws {
        try await TestEnvironment.open(network) { environment in
            environment.service.inject(.internalError, on: .getImageProject, times: 14)
            var options = environment.options
            options.deadline = .seconds(3)
            let shortOptions = options
            let error = try await failure(HeadshotKitError.self) {
                try await environment.magicHour.headshots.generate(environment.headshot, options: shortOptions)
            }
            XCTAssertEqual(error.code, .deadlineExceeded)
            let result = try await environment.magicHour.headshots.resume(
                try XCTUnwrap(error.job),
                options: environment.options
            )
            try assertIsPNG(result.files[0])
            XCTAssertEqual(environment.amounts, [50])
        }
    }

    // MARK: Downloading

    func testInterruptedDownloadContinuesWhereItStopped() async throws {
        try await TestEnvironment.open(network, configure: { $0.outputBytes = 20 << 20 }) { environment in
            // The first part of 8 MiB is complete, the second is interrupted, and two more complete the file.
            environment.service.inject(.slow(.zero), on: .download)
            environment.service.inject(.broken(afterBytes: 3_000_001), on: .download)
            let result = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            )
            XCTAssertEqual(environment.requests(.download), 4)
            let original = try await environment.original(result.project.downloads[0].url)
            XCTAssertEqual(original.count, 20 << 20)
            XCTAssertTrue(try Data(contentsOf: result.files[0]) == original)
            XCTAssertEqual(try environment.outputNames(), ["headshot-\(result.job.id)-1.png"])
        }
    }

    func testInterruptedSmallDownloadIsCompleted() async throws {
        for fault in [SimulatedService.Fault.broken(afterBytes: 10_000), .connectionLost, .internalError] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(fault, on: .download, times: 2)
                let result = try await environment.magicHour.headshots.generate(
                    environment.headshot,
                    options: environment.options
                )
                try assertIsPNG(result.files[0])
                let original = try await environment.original(result.project.downloads[0].url)
                XCTAssertEqual(try Data(contentsOf: result.files[0]), original)
                XCTAssertEqual(try environment.outputNames(), ["headshot-\(result.job.id)-1.png"])
            }
        }
    }

    func testExpiredURLIsRenewedByMagicHour() async throws {
        try await TestEnvironment.open(network) { environment in
            // One request has a range, and one has none.
            environment.service.inject(.status(403), on: .download, times: 2)
            let result = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            )
            try assertIsPNG(result.files[0])
            XCTAssertEqual(environment.requests(.download), 3)
            XCTAssertEqual(environment.amounts, [50])
        }
    }

    func testURLThatExpiresDuringDownloadIsRenewedAndDownloadContinues() async throws {
        try await TestEnvironment.open(network, configure: { $0.outputBytes = 20 << 20 }) { environment in
            environment.service.inject(.slow(.zero), on: .download)
            environment.service.inject(.status(403), on: .download)
            let result = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            )
            XCTAssertEqual(environment.requests(.download), 4)
            let original = try await environment.original(result.project.downloads[0].url)
            XCTAssertTrue(try Data(contentsOf: result.files[0]) == original)
        }
    }

    func testExpiredModelsLabURLIsReported() async throws {
        try await TestEnvironment.open(network) { environment in
            environment.service.inject(.status(403), on: .download, times: 20)
            let error = try await failure(HeadshotKitError.self) {
                try await environment.modelsLab.headshots.generate(environment.portrait, options: environment.options)
            }
            XCTAssertEqual(error.code, .linkExpired)
            XCTAssertEqual(error.job?.id, environment.service.jobs.first?.id)
            XCTAssertFalse("\(error)".contains("signature="), "The error contains a signed URL.")
            XCTAssertEqual(environment.amounts, [2])
        }
    }

    func testWebPageInPlaceOfImageIsNotSaved() async throws {
        try await TestEnvironment.open(network) { environment in
            environment.service.inject(.status(200, body: "<html>maintenance</html>"), on: .download, times: 10_000)
            var options = environment.options
            options.deadline = .seconds(3)
            let error = try await failure(HeadshotKitError.self) {
                try await environment.magicHour.headshots.generate(environment.headshot, options: options)
            }
            XCTAssertEqual(error.code, .deadlineExceeded)
            XCTAssertEqual(error.job?.id, environment.service.jobs.first?.id)
            XCTAssertEqual(try environment.outputNames().filter { !$0.hasSuffix(".part") }, [])
        }
    }
}
