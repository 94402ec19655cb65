import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOCore
import StudioServer
import StudioStores
import XCTest

final class BudgetTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testOrderAboveBudgetIsRefusedAsAWhole() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let team = api.with(token: TestEnvironment.teamA)
            let refused = try await team.order(.photos("a.png", "b.png", "c.png"))
            XCTAssertEqual(refused.status, HTTPResponse.Status(code: 402))
            XCTAssertEqual(try refused.errorCode, "budget_exceeded")
            let untouched = try await team.credits()
            XCTAssertEqual(untouched, [120, 0, 0])
            _ = try await team.finished(try await team.batch(.photos("a.png", "b.png")))
            let spent = try await team.credits()
            XCTAssertEqual(spent, [120, 100, 0])
            // It is refused before the photos are read.
            let empty = try await team.order(.photos("a.png"))
            XCTAssertEqual(empty.status, HTTPResponse.Status(code: 402))
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50, 50])
        XCTAssertEqual(try environment.headshotDirectories().count, 2)
    }

    func testConcurrentOrdersAtTwoProcessesDoNotExceedBudget() async throws {
        let environment = try XCTUnwrap(environment)
        let (first, second) = (try await environment.studio(), try await environment.studio())
        try await environment.run(first) { one in
            try await environment.run(second) { two in
                let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for index in 0..<8 {
                        let api = (index.isMultiple(of: 2) ? one : two).with(token: TestEnvironment.teamA)
                        group.addTask { try await api.order(.photos("a.png")).status == .accepted }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                XCTAssertEqual(accepted, 2)
                let credits = try await one.with(token: TestEnvironment.teamA).credits()
                XCTAssertEqual(credits.first, 120)
            }
        }
        XCTAssertLessThanOrEqual(environment.service.ledger.count, 2)
    }

    func testAbsurdCreditsInTheDatabaseDoNotOverflow() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio { $0.concurrency = 0 }) { api in
            let batch = try await api.batch(.photos("a.png", "b.png"))
            _ = try await environment.database.query("UPDATE headshots SET credits = \(Int.max)", [])
            _ = try await environment.database.query("UPDATE callers SET spent = \(Int.max), reserved = \(Int.max)", [])
            let path = "/api/batches/\(try XCTUnwrap(batch["id"]?.string))"
            let response = try await api.get(path)
            XCTAssertEqual(try response.json["credits"], 2_000_000)
            let refused = try await api.order(.photos("c.png"))
            XCTAssertEqual(refused.status, HTTPResponse.Status(code: 402))
        }
    }

    func testChargeIsSettledOnce() async throws {
        let environment = try XCTUnwrap(environment)
        let studio = try await environment.studio()
        let caller = studio.callers.all[0]
        try await studio.ledger.reserve(30, for: caller, charge: "charge 1", what: "portrait")
        try await studio.ledger.settle("charge 1", credits: 10)
        try await studio.ledger.settle("charge 1", credits: 20)
        try await studio.ledger.settle("unknown", credits: 20)
        let balance = try await studio.ledger.balance(of: caller)
        XCTAssertEqual([balance.budget, balance.spent, balance.reserved, balance.available], [120, 10, 0, 110])
    }
}
