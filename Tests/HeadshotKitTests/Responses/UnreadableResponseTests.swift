import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Success responses that cannot be decoded, at each step of a job.
final class UnreadableResponseTests: MockTestCase {
    private struct Garbage {
        var name: String
        var bytes: Data
    }

    private struct Service {
        var create: String
        var poll: String
        var pollMethod: String
        var id: String
        var key: String
        var created: String
        var complete: String
        var generate: (TestClients) async throws -> [URL]
    }

    private let magicHour = Service(
        create: "/v1/ai-headshot-generator",
        poll: "/v1/image-projects/cuid-example",
        pollMethod: "GET",
        id: "cuid-example",
        key: "mhk_live_secret",
        created: #"{"id":"cuid-example","credits_charged":50}"#,
        complete: #"{"id":"cuid-example","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#,
        generate: { clients in
            try await clients.magicHour().headshots.generate(
                .init(assets: .init(imageFilePath: "api-assets/id/1.png")),
                options: clients.options
            ).files
        }
    )

    private let modelsLab = Service(
        create: "/api/v6/image_editing/head_shot",
        poll: "/api/v6/image_editing/fetch/123",
        pollMethod: "POST",
        id: "123",
        key: "ml-secret",
        created: #"{"status":"processing","id":123}"#,
        complete: #"{"status":"success","id":123,"output":["https://o.example/1.png"]}"#,
        generate: { clients in
            try await clients.modelsLab().headshots.generate(
                .init(prompt: "a portrait", faceImage: "https://a.example/face.png"),
                options: clients.options
            ).files
        }
    )

    private static let large: [Garbage] = {
        let secrets = "mhk_live_secret ml-secret https://o.example/1.png?auth-value=SIGNED&more=SIGNED\n"
        var state: UInt64 = 7
        let piece = (0..<(1 << 16)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        var noise = Data()
        while noise.count < 5 << 20 { noise.append(contentsOf: piece) }
        return [
            Garbage(name: "5 MB of secrets", bytes: Data(String(repeating: secrets, count: 66_000).utf8)),
            Garbage(name: "5 MB of noise", bytes: noise),
        ]
    }()

    /// Returns the undecodable fixtures and two responses of 5 MB.
    private func garbage() throws -> [Garbage] {
        var all = try Fixture.names(in: "responses/broken").map {
            Garbage(name: $0, bytes: try Fixture.data("responses/broken/\($0)"))
        }
        all += Self.large
        return all
    }

    private func remove(_ clients: TestClients) throws {
        if FileManager.default.fileExists(atPath: clients.directory.path) {
            try FileManager.default.removeItem(at: clients.directory)
        }
    }

    /// Checks that an error quotes the beginning of the response, without secrets and with a bounded length.
    private func checkRawResponse(of error: HeadshotKitError, _ garbage: Garbage, key: String) {
        for text in [error.description, error.message, error.serverMessage ?? "", error.localizedDescription] {
            XCTAssertLessThan(text.count, 1_500, garbage.name)
            XCTAssertFalse(text.contains(key), "\(garbage.name): \(text)")
            XCTAssertFalse(text.contains("SIGN"), "\(garbage.name): \(text)")
        }
        let beginning = String(decoding: garbage.bytes.prefix(10), as: UTF8.self)
        guard !beginning.isEmpty else {
            return XCTAssertTrue(error.description.contains(" is empty."), error.description)
        }
        guard !key.hasPrefix(beginning.prefix(3)) else { return }
        XCTAssertEqual(error.serverMessage?.hasPrefix(beginning), true, garbage.name)
        XCTAssertTrue(error.description.contains(beginning), garbage.name)
    }

    func testGarbageOfEveryKindIsTested() throws {
        XCTAssertEqual(try garbage().count, 12)
        XCTAssertEqual(try garbage().filter { $0.bytes.count > 5_000_000 }.count, 2)
    }

    func testCreateWithUnreadableResponseIsUnconfirmedAndNotRetried() async throws {
        for service in [magicHour, modelsLab] {
            for garbage in try garbage() where !garbage.name.hasPrefix("truncated") {
                let clients = makeClients()
                clients.mock.on("POST", service.create, response: .data(garbage.bytes))
                let error = try await failure { try await service.generate(clients) }
                XCTAssertEqual(error.code, .submissionUnconfirmed, garbage.name)
                XCTAssertEqual(clients.mock.requests.count, 1, garbage.name)
                XCTAssertNil(error.job, garbage.name)
                XCTAssertEqual(error.status, 200, garbage.name)
                XCTAssertTrue(error.description.contains("may have been charged"), error.description)
                checkRawResponse(of: error, garbage, key: service.key)
                try remove(clients)
            }
        }
    }

    func testPollWithUnreadableResponseIsRetried() async throws {
        for service in [magicHour, modelsLab] {
            for garbage in try garbage() {
                let clients = makeClients()
                clients.mock.on("POST", service.create, response: .json(service.created))
                clients.mock.on(service.pollMethod, service.poll, times: 3, response: .data(garbage.bytes))
                clients.mock.on(service.pollMethod, service.poll, response: .json(service.complete))
                clients.mock.on("GET", "/1.png", response: .data(pngBytes))
                let files = try await service.generate(clients)
                XCTAssertEqual(try files.map { try Data(contentsOf: $0) }, [pngBytes], garbage.name)
                XCTAssertEqual(
                    clients.delayMilliseconds,
                    [1_000, 500, 1_000, 2_000],
                    "\(garbage.name): one delay before the first poll, then one after each failure."
                )
                try remove(clients)
            }
        }
    }

    func testErrorKeepsJobWhenPollsStayUnreadable() async throws {
        for service in [magicHour, modelsLab] {
            for garbage in try garbage() where garbage.bytes.count < 1_000_000 {
                let clients = makeClients()
                clients.mock.on("POST", service.create, response: .json(service.created))
                clients.mock.on(service.pollMethod, service.poll, times: 1...3_000, response: .data(garbage.bytes))
                let error = try await failure { try await service.generate(clients) }
                XCTAssertEqual(error.code, .deadlineExceeded, garbage.name)
                XCTAssertEqual((error.underlyingError as? HeadshotKitError)?.code, .invalidResponse, garbage.name)
                XCTAssertEqual(error.job?.id, service.id, garbage.name)
                XCTAssertTrue(
                    error.description.contains("Resume the job; you are not charged again"),
                    error.description
                )
                let cause = try XCTUnwrap(error.underlyingError as? HeadshotKitError)
                checkRawResponse(of: cause, garbage, key: service.key)
                try remove(clients)
            }
        }
    }

    func testAtMost64KiBOfAnErrorAreRead() async throws {
        let filler = #""filler":"\#(String(repeating: "x", count: 1 << 16))""#
        let small = #""filler":"\#(String(repeating: "x", count: 1 << 15))""#
        let deep = #""filler":\#(String(repeating: "[", count: 400))\#(String(repeating: "]", count: 400))"#
        let message = #""message":"The prompt is too long""#
        let rows: [(body: String, isRead: Bool)] = [
            ("{\(small),\(message)}", true), ("{\(message),\(filler)}", true), ("{\(filler),\(message)}", false),
            // JSON that is nested too deeply is read up to there.
            ("{\(message),\(deep)}", true), ("{\(deep),\(message)}", false),
        ]
        for (body, isRead) in rows {
            let clients = makeClients()
            clients.mock.on("POST", magicHour.create, response: .json(body, status: 422))
            let error = try await failure { try await magicHour.generate(clients) }
            XCTAssertEqual(error.code, .invalidRequest)
            XCTAssertEqual(error.serverMessage, isRead ? "The prompt is too long" : nil, String(body.prefix(30)))
            try remove(clients)
        }
    }

    func testServerMessageOfOneMegabyteIsTruncated() async throws {
        let message = String(repeating: "mhk_live_secret https://o.example/1.png?auth-value=SIGNED ", count: 20_000)
        for status in [400, 422, 500] {
            let clients = makeClients()
            let response = try JSONValue.object(["message": .string(message)]).text
            clients.mock.on("POST", magicHour.create, times: 1...4, response: .json(response, status: status))
            let error = try await failure { try await magicHour.generate(clients) }
            XCTAssertLessThan(error.description.count, 1_500)
            XCTAssertFalse(error.description.contains("mhk_live_secret"), error.description)
            XCTAssertFalse(error.description.contains("SIGNED"), error.description)
            try remove(clients)
        }
    }
}
