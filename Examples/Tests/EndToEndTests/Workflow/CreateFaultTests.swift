import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// The request that costs money, when the network or the service fails: nothing is paid for twice, nothing is told that is not
/// known.
class CreateFaultTests: NetworkTestCase {
    // MARK: Magic Hour

    func testALostConnectionIsUnconfirmedAndSentOnceWhetherTheRequestWasTakenOrNot() async throws {
        for (isTaken, money) in [(false, []), (true, [50])] {
            try await Workshop.open(network) { shop in
                shop.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: isTaken)
                let error = try await failure(HeadshotKitError.self) {
                    try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(shop.money, money)
                XCTAssertEqual(shop.requests(.createHeadshot), 1)
                XCTAssertEqual(shop.requests(.upload), 1)
                XCTAssertEqual(try shop.outputNames(), [])
            }
        }
    }

    func testAReplyThatCannotBeReadIsUnconfirmed() async throws {
        for fault in [SimulatedService.Fault.truncatedResponse, .garbage] {
            try await Workshop.open(network) { shop in
                shop.service.inject(fault, on: .createHeadshot, afterProcessing: true)
                let error = try await failure(HeadshotKitError.self) {
                    try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(shop.money, [50])
                XCTAssertEqual(shop.requests(.createHeadshot), 1)
            }
        }
    }

    func testAServerErrorIsUnconfirmedAndNotSentAgain() async throws {
        for fault in [SimulatedService.Fault.internalError, .badGateway] {
            try await Workshop.open(network) { shop in
                shop.service.inject(fault, on: .createHeadshot)
                let error = try await failure(HeadshotKitError.self) {
                    try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(shop.money, [])
                XCTAssertEqual(shop.requests(.createHeadshot), 1)
            }
        }
    }

    func testARefusalForTheMomentIsRetriedAndPaidForOnce() async throws {
        for fault in [
            SimulatedService.Fault.tooManyRequests(), .unavailable(retryAfter: "0"), .tooManyRequests(retryAfter: "0"),
        ] {
            try await Workshop.open(network) { shop in
                shop.service.inject(fault, on: .createHeadshot, times: 2)
                let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
                XCTAssertEqual(result.files.count, 1)
                XCTAssertEqual(shop.money, [50])
                XCTAssertEqual(shop.requests(.createHeadshot), 3)
            }
        }
    }

    func testAWrongKeyAndAnEmptyAccountAreTold() async throws {
        try await Workshop.open(network) { shop in
            let stranger = try MagicHour(apiKey: "mhk_live_wrong", baseURL: shop.route.url(shop.server.magicHourURL))
            let error = try await failure(HeadshotKitError.self) {
                try await stranger.headshots.generate(shop.headshot, options: shop.options)
            }
            XCTAssertEqual(error.code, .unauthorized)
            XCTAssertEqual(error.status, 401)
            XCTAssertEqual(shop.money, [])
        }
        try await Workshop.open(network, configure: { $0.credits = 49 }) { shop in
            let error = try await failure(HeadshotKitError.self) {
                try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            }
            XCTAssertEqual(error.code, .insufficientCredits)
            XCTAssertEqual(error.status, 402)
            XCTAssertEqual(shop.money, [])
            XCTAssertEqual(shop.requests(.createHeadshot), 1)
        }
    }

    func testAServiceThatIsNotThereChargesNothing() async throws {
        try await Workshop.open(network) { shop in
            await shop.route.close()
            await shop.server.stop()
            let error = try await failure(HeadshotKitError.self) {
                try await shop.magicHour.headshots.create(
                    .init(assets: .init(imageFilePath: .uploaded("api-assets/id/image.png")))
                )
            }
            XCTAssertEqual(error.code, .network)
            XCTAssertEqual((error.underlyingError as? TransportError)?.kind, .notConnected)
            XCTAssertEqual(shop.money, [])
        }
    }

    // MARK: ModelsLab

    func testALostConnectionToModelsLabIsUnconfirmedAndSentOnce() async throws {
        for (isTaken, money) in [(false, []), (true, [2])] {
            try await Workshop.open(network) { shop in
                shop.service.inject(.connectionLost, on: .createModelsLabHeadshot, afterProcessing: isTaken)
                let error = try await failure(HeadshotKitError.self) {
                    try await shop.modelsLab.headshots.generate(shop.portrait, options: shop.options)
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(shop.money, money)
                XCTAssertEqual(shop.requests(.createModelsLabHeadshot), 1)
            }
        }
    }

    func testModelsLabIsRetriedAfterARefusalForTheMomentAndNotAfterAServerError() async throws {
        for fault in [SimulatedService.Fault.tooManyRequests(), .unavailable(retryAfter: "0")] {
            try await Workshop.open(network) { shop in
                shop.service.inject(fault, on: .createModelsLabHeadshot)
                _ = try await shop.modelsLab.headshots.generate(shop.portrait, options: shop.options)
                XCTAssertEqual(shop.money, [2])
                XCTAssertEqual(shop.requests(.createModelsLabHeadshot), 2)
            }
        }
        for fault in [SimulatedService.Fault.internalError, .garbage, .unavailable()] {
            try await Workshop.open(network) { shop in
                shop.service.inject(fault, on: .createModelsLabHeadshot, afterProcessing: true)
                let error = try await failure(HeadshotKitError.self) {
                    try await shop.modelsLab.headshots.generate(shop.portrait, options: shop.options)
                }
                XCTAssertEqual(error.code, .submissionUnconfirmed)
                XCTAssertEqual(shop.money, [2])
                XCTAssertEqual(shop.requests(.createModelsLabHeadshot), 1)
            }
        }
    }

    func testAWrongKeyForModelsLabIsTold() async throws {
        try await Workshop.open(network) { shop in
            let stranger = try ModelsLab(apiKey: "wrong", baseURL: shop.route.url(shop.server.modelsLabURL))
            let error = try await failure(HeadshotKitError.self) {
                try await stranger.headshots.generate(shop.portrait, options: shop.options)
            }
            XCTAssertEqual(error.code, .unauthorized)
            XCTAssertFalse("\(error)".contains("wrong"), "the key is in the error")
            XCTAssertEqual(shop.money, [])
        }
    }
}
