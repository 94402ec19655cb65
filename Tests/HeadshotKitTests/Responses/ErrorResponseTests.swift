import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class ErrorResponseTests: MockTestCase {
    private struct Row {
        var file: String
        var status: Int
        var code: HeadshotKitError.Code
        /// The message of the service, if the response has one.
        var message: String?
        var serverCode: String?
        var retryAfter: Duration?
        /// The error code after a create. `code` if `nil`.
        var codeOfCreate: HeadshotKitError.Code?
        /// The number of attempts of a create.
        var creates = 1
    }

    private let rows = [
        Row(file: "400.json", status: 400, code: .invalidRequest, message: "Missing request body"),
        Row(
            file: "400-nested.json",
            status: 400,
            code: .invalidRequest,
            message: "Bad request for key (key)",
            serverCode: "bad_request"
        ),
        Row(file: "401.json", status: 401, code: .unauthorized, message: "Unauthorized"),
        Row(file: "402.json", status: 402, code: .insufficientCredits, message: "Payment required"),
        Row(file: "403.json", status: 403, code: .planRequired, message: "Forbidden"),
        Row(file: "404.json", status: 404, code: .notFound, message: "Not Found"),
        Row(file: "422.json", status: 422, code: .invalidRequest, message: "Unable to create image"),
        Row(
            file: "422-fields.json",
            status: 422,
            code: .invalidRequest,
            message: "prompt: is required; is blank; width: must be at most 512"
        ),
        Row(
            file: "429.json",
            status: 429,
            code: .rateLimited,
            message: "Too many requests in the queue",
            retryAfter: .seconds(7),
            creates: 4
        ),
        Row(
            file: "500.json",
            status: 500,
            code: .serverError,
            message: "Internal server error",
            codeOfCreate: .submissionUnconfirmed
        ),
        Row(file: "502.html", status: 502, code: .serverError, codeOfCreate: .submissionUnconfirmed),
        Row(file: "503.html", status: 503, code: .serverError, codeOfCreate: .submissionUnconfirmed),
    ]

    private func response(_ row: Row) throws -> MockTransport.Response {
        .data(try Fixture.data("responses/errors/\(row.file)"), status: row.status)
    }

    private func check(_ error: HeadshotKitError, _ row: Row, code: HeadshotKitError.Code) {
        XCTAssertEqual(error.code, code, row.file)
        XCTAssertEqual(error.status, row.status, row.file)
        XCTAssertEqual(error.serverMessage, row.message, row.file)
        XCTAssertEqual(error.serverCode, row.serverCode, row.file)
        XCTAssertEqual(error.retryAfter, row.retryAfter, row.file)
        XCTAssertFalse(error.description.contains("<"), error.description)
        XCTAssertFalse("\(error)".contains("secret"), error.description)
        if let message = row.message {
            XCTAssertTrue(error.description.contains(message), error.description)
        }
    }

    func testEveryFixtureIsTested() throws {
        XCTAssertEqual(Set(rows.map(\.file)), Set(try Fixture.names(in: "responses/errors")))
    }

    func testReadErrorQuotesServerMessage() async throws {
        for row in rows {
            let clients = makeClients()
            clients.mock.on("GET", "/v1/image-projects/a", times: 1...4, response: try response(row))
            let error = try await failure { try await clients.magicHour().imageProjects.get("a") }
            check(error, row, code: row.code)
        }
    }

    func testCreateErrorQuotesServerMessageAndIsRetriedOnlyIfRequestWasNotAccepted() async throws {
        for row in rows {
            let clients = makeClients()
            clients.mock.on("POST", "/v1/ai-headshot-generator", times: 1...4, response: try response(row))
            let error = try await failure {
                try await clients.magicHour().headshots.create(.init(assets: .init(imageFilePath: "api-assets/a.png")))
            }
            check(error, row, code: row.codeOfCreate ?? row.code)
            XCTAssertEqual(clients.mock.requests.count, row.creates, row.file)
        }
    }

    func testModelsLabCreateIsRetriedOnlyIfRequestWasNotAccepted() async throws {
        for row in rows where row.file != "400-nested.json" {
            let clients = makeClients()
            clients.mock.on("POST", "/api/v6/image_editing/head_shot", times: 1...4, response: try response(row))
            let error = try await failure {
                try await clients.modelsLab().headshots.create(.init(prompt: "p", faceImage: "https://a.example/f.png"))
            }
            check(error, row, code: row.codeOfCreate ?? row.code)
            XCTAssertEqual(clients.mock.requests.count, row.creates, row.file)
        }
    }
}
