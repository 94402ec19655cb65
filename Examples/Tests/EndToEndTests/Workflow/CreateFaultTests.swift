import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// Creates during failures of the network or the service. No job is charged twice, and no error claims what is unknown.
class CreateFaultTests: NetworkTestCase {
    // MARK: Magic Hour

    func testLostConnectionIsUnconfirmedAndNotRetried() async throws {
        for (isProcessed, money) in [(false, []), (true, [50])] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: isProcessed)
                let error = try await failure(HeadshotKitError.self) {
                    try await environment.magicHour.headshots.generate(
                        environment.headshot,
                        options: environment.options
                    )
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(environment.amounts, money)
                XCTAssertEqual(environment.requests(.createHeadshot), 1)
                XCTAssertEqual(environment.requests(.upload), 1)
                XCTAssertEqual(try environment.outputNames(), [])
            }
        }
    }

    func testUnreadableResponseIsUnconfirmed() async throws {
        for fault in [SimulatedService.Fault.truncatedResponse, .garbage] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(fault, on: .createHeadshot, afterProcessing: true)
                let error = try await failure(HeadshotKitError.self) {
                    try await environment.magicHour.headshots.generate(
                        environment.headshot,
                        options: environment.options
                    )
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(environment.amounts, [50])
                XCTAssertEqual(environment.requests(.createHeadshot), 1)
            }
        }
    }

    func testServerErrorIsUnconfirmedAndNotRetried() async throws {
        for fault in [SimulatedService.Fault.internalError, .badGateway] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(fault, on: .createHeadshot)
                let error = try await failure(HeadshotKitError.self) {
                    try await environment.magicHour.headshots.generate(
                        environment.headshot,
                        options: environment.options
                    )
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(environment.amounts, [])
                XCTAssertEqual(environment.requests(.createHeadshot), 1)
            }
        }
    }

    func testTransientRejectionIsRetriedAndChargedOnce() async throws {
        for fault in [
            SimulatedService.Fault.tooManyRequests(), .unavailable(retryAfter: "0"), .tooManyRequests(retryAfter: "0"),
        ] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(fault, on: .createHeadshot, times: 2)
                let result = try await environment.magicHour.headshots.generate(
                    environment.headshot,
                    options: environment.options
                )
                XCTAssertEqual(result.files.count, 1)
                XCTAssertEqual(environment.amounts, [50])
                XCTAssertEqual(environment.requests(.createHeadshot), 3)
            }
        }
    }

    func testWrongKeyAndInsufficientCreditsAreReported() async throws {
        try await TestEnvironment.open(network) { environment in
            let client = try MagicHour(
                apiKey: "mhk_live_wrong",
                baseURL: environment.route.url(environment.server.magicHourURL),
                configuration: ClientConfiguration(transport: transportUnderTest)
            )
            let error = try await failure(HeadshotKitError.self) {
                try await client.headshots.generate(environment.headshot, options: environment.options)
            }
            XCTAssertEqual(error.code, .unauthorized)
            XCTAssertEqual(error.status, 401)
            XCTAssertEqual(environment.amounts, [])
        }
        try await TestEnvironment.open(network, configure: { $0.credits = 49 }) { environment in
            let error = try await failure(HeadshotKitError.self) {
                try await environment.magicHour.headshots.generate(environment.headshot, options: environment.options)
            }
            XCTAssertEqual(error.code, .insufficientCredits)
            XCTAssertEqual(error.status, 402)
            XCTAssertEqual(environment.amounts, [])
            XCTAssertEqual(environment.requests(.createHeadshot), 1)
        }
    }

    func testUnreachableServiceIsReportedAndNothingIsCharged() async throws {
        try await TestEnvironment.open(network) { environment in
            await environment.route.close()
            await environment.server.stop()
            let error = try await failure(HeadshotKitError.self) {
                try await environment.magicHour.headshots.create(
                    .init(assets: .init(imageFilePath: .uploaded("api-assets/id/image.png")))
                )
            }
            XCTAssertEqual(error.code, .network)
            XCTAssertEqual((error.underlyingError as? TransportError)?.kind, .notConnected)
            XCTAssertEqual(environment.amounts, [])
        }
    }

    // MARK: ModelsLab

    func testLostConnectionToModelsLabIsUnconfirmedAndNotRetried() async throws {
        for (isProcessed, money) in [(false, []), (true, [2])] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(.connectionLost, on: .createModelsLabHeadshot, afterProcessing: isProcessed)
                let error = try await failure(HeadshotKitError.self) {
                    try await environment.modelsLab.headshots.generate(
                        environment.portrait,
                        options: environment.options
                    )
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(environment.amounts, money)
                XCTAssertEqual(environment.requests(.createModelsLabHeadshot), 1)
            }
        }
    }

    func testModelsLabCreateIsRetriedAfterTransientRejectionAndNotAfterServerError() async throws {
        for fault in [SimulatedService.Fault.tooManyRequests(), .unavailable(retryAfter: "0")] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(fault, on: .createModelsLabHeadshot)
                _ = try await environment.modelsLab.headshots.generate(
                    environment.portrait,
                    options: environment.options
                )
                XCTAssertEqual(environment.amounts, [2])
                XCTAssertEqual(environment.requests(.createModelsLabHeadshot), 2)
            }
        }
        for fault in [SimulatedService.Fault.internalError, .garbage, .unavailable()] {
            try await TestEnvironment.open(network) { environment in
                environment.service.inject(fault, on: .createModelsLabHeadshot, afterProcessing: true)
                let error = try await failure(HeadshotKitError.self) {
                    try await environment.modelsLab.headshots.generate(
                        environment.portrait,
                        options: environment.options
                    )
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(environment.amounts, [2])
                XCTAssertEqual(environment.requests(.createModelsLabHeadshot), 1)
            }
        }
    }

    func testWrongModelsLabKeyIsReported() async throws {
        try await TestEnvironment.open(network) { environment in
            let client = try ModelsLab(
                apiKey: "wrong",
                baseURL: environment.route.url(environment.server.modelsLabURL),
                configuration: ClientConfiguration(transport: transportUnderTest)
            )
            let error = try await failure(HeadshotKitError.self) {
                try await client.headshots.generate(environment.portrait, options: environment.options)
            }
            XCTAssertEqual(error.code, .unauthorized)
            XCTAssertFalse("\(error)".contains("wrong"), "The error contains the key.")
            XCTAssertEqual(environment.amounts, [])
        }
    }
}
