import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// The classification of every failure. A wrong one can charge a job twice.
final class FailureClassifierTests: XCTestCase {
    private let nonIdempotent = APICall(
        context: CallContext(operation: "create"),
        method: "POST",
        path: "/v1/create",
        retrySafety: .nonIdempotent
    )
    private let idempotent = APICall(context: CallContext(operation: "read"), path: "/v1/read")

    private func api() throws -> APIClient { try TestClients().magicHour().api }

    private func classify(_ status: Int, _ call: APICall, body: String = "") throws -> Failure? {
        try api().classify(TransportResponse(status: status, body: Data(body.utf8)), of: call)
    }

    func testEvery2xxStatusIsSuccess() throws {
        for status in 200..<300 { XCTAssertNil(try classify(status, nonIdempotent)) }
    }

    func testCreateIsRetriedOnlyAfter429() throws {
        for status in 300...599 {
            let failure = try XCTUnwrap(try classify(status, nonIdempotent))
            XCTAssertEqual(failure.isRetryable, status == 429, "\(status)")
        }
    }

    func testCreateIsUnconfirmedWhenServiceMayHaveAcceptedRequest() throws {
        for status in [303, 408, 444, 460, 499, 500, 501, 503, 502, 504, 505, 520, 524, 599] {
            XCTAssertEqual(try classify(status, nonIdempotent)?.error.code, .submissionUnconfirmed, "\(status)")
        }
    }

    func testEveryResponseToCreateDeterminesSubmission() throws {
        for status in 300...599 {
            let isKnown = (300..<500).contains(status) && ![303, 408, 444, 460, 499].contains(status)
            XCTAssertEqual(
                try classify(status, nonIdempotent)?.error.submission,
                isKnown ? .rejected : .unconfirmed,
                "\(status)"
            )
        }
        let garbage = TransportResponse(status: 200, body: Data("garbage".utf8))
        let api = try api()
        XCTAssertThrowsError(try api.decode(MagicHour.CreatedProject.self, from: garbage, of: nonIdempotent)) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.submission, .unconfirmed)
        }
        XCTAssertThrowsError(try api.decode(MagicHour.CreatedProject.self, from: garbage, of: idempotent)) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.submission, .notSent)
        }
    }

    func testFailureBeforeCreateIsRejectionOnlyForClientErrors() throws {
        for status in [400, 401, 402, 403, 404, 422, 429, 503] {
            XCTAssertEqual(try classify(status, idempotent)?.error.submission, .rejected, "\(status)")
        }
        for status in [500, 502, 504, 520] {
            XCTAssertEqual(try classify(status, idempotent)?.error.submission, .notSent, "\(status)")
        }
        XCTAssertEqual(HeadshotKitError(.linkExpired, "x", status: 403).submission, .notSent)
    }

    func testErrorWithJobIsAcceptedSubmission() throws {
        let job = JobHandle(service: .magicHour, operation: "create", id: "a")
        for code in [HeadshotKitError.Code.network, .deadlineExceeded, .jobFailed, .linkExpired, .invalidResponse] {
            XCTAssertEqual(HeadshotKitError(code, "x", status: 500, job: job).submission, .accepted(job))
        }
        for code in [HeadshotKitError.Code.missingAPIKey, .invalidMedia, .tooExpensive, .noFaceDetected, .network] {
            XCTAssertEqual(HeadshotKitError(code, "x").submission, .notSent)
        }
    }

    func testRejectedCreateHasErrorCodeOfStatus() throws {
        let expected: [Int: HeadshotKitError.Code] = [
            301: .invalidConfiguration, 302: .invalidConfiguration, 307: .invalidConfiguration,
            308: .invalidConfiguration,
            400: .invalidRequest, 401: .unauthorized, 402: .insufficientCredits, 403: .planRequired, 404: .notFound,
            405: .invalidRequest, 409: .invalidRequest, 413: .invalidRequest, 415: .invalidRequest,
            422: .invalidRequest,
            429: .rateLimited,
        ]
        for (status, code) in expected {
            XCTAssertEqual(try classify(status, nonIdempotent)?.error.code, code, "\(status)")
        }
    }

    func testReadIsRetriedAfterEveryServerError() throws {
        for status in [429, 500, 502, 503, 504] {
            XCTAssertEqual(try classify(status, idempotent)?.isRetryable, true, "\(status)")
            XCTAssertNotEqual(try classify(status, idempotent)?.error.code, .submissionUnconfirmed, "\(status)")
        }
        for status in [400, 401, 402, 403, 404, 422] {
            XCTAssertEqual(try classify(status, idempotent)?.isRetryable, false, "\(status)")
        }
    }

    func testCreateIsRetriedOnlyIfRequestWasNotReceived() throws {
        let api = try api()
        for kind in [
            TransportError.Kind.notConnected, .connectionLost, .timedOut, .invalidResponse, .responseTooLarge,
            .init(rawValue: "new"),
        ] {
            let lost = api.classify(TransportError(kind, "x", mayHaveBeenReceived: true), of: nonIdempotent)
            XCTAssertEqual(lost.error.code, .submissionUnconfirmed, kind.rawValue)
            XCTAssertFalse(lost.isRetryable, kind.rawValue)
            let unsent = api.classify(TransportError(kind, "x", mayHaveBeenReceived: false), of: nonIdempotent)
            XCTAssertEqual(unsent.error.code, .network, kind.rawValue)
            XCTAssertEqual([lost.error.submission, unsent.error.submission], [.unconfirmed, .notSent], kind.rawValue)
            XCTAssertTrue(unsent.isRetryable, kind.rawValue)
        }
    }

    func testPermanentTransportErrorIsNotRetried() throws {
        let api = try api()
        for kind in [TransportError.Kind.insecureURL, .fileSystem, .tlsFailure] {
            XCTAssertFalse(
                api.classify(TransportError(kind, "x", mayHaveBeenReceived: false), of: idempotent).isRetryable
            )
        }
    }

    func testServerMessageIsQuotedWithoutSecrets() throws {
        let body = #"{"message":"Bad key mhk_live_secret for https://x.example/a.png?sig=abc"}"#
        let error = try XCTUnwrap(try classify(401, nonIdempotent, body: body)).error
        XCTAssertEqual(error.serverMessage, "Bad key (key) for https://x.example/…")
        XCTAssertFalse(error.description.contains("mhk_live_secret"))
        let code = #"{"error":{"code":"mhk_live_secret https://x.example/a.png?sig=abc","message":"m"}}"#
        XCTAssertEqual(try classify(422, nonIdempotent, body: code)?.error.serverCode, "(key) https://x.example/…")
        XCTAssertFalse(error.description.contains("sig=abc"))
    }

    func testServerMessageIsDecodedFromEveryShape() throws {
        let shapes = [
            #"{"message":"too wide"}"#: "too wide",
            #"{"messege":"too wide"}"#: "too wide",
            #"{"error":"too wide"}"#: "too wide",
            #"{"error":{"message":"too wide","code":"w"}}"#: "too wide",
            #"{"message":{"width":["too wide","not a number"],"height":["too high"]}}"#:
                "height: too high; width: too wide; not a number",
        ]
        for (body, message) in shapes {
            XCTAssertEqual(try classify(422, nonIdempotent, body: body)?.error.serverMessage, message)
        }
        XCTAssertNil(try classify(502, idempotent, body: "<html>Bad gateway</html>")?.error.serverMessage)
    }

    func testDebugDescriptionHasTheDetailsOnce() throws {
        let job = JobHandle(service: .magicHour, operation: "create", id: "a")
        let error = HeadshotKitError(
            .jobFailed,
            "Job a failed.",
            advice: "Create a new job.",
            operation: "create",
            status: 200,
            serverCode: "no_source_face",
            job: job
        )
        XCTAssertEqual(error.description, "Job a failed. Create a new job.")
        XCTAssertEqual(
            error.debugDescription,
            "jobFailed (operation: create, submission: accepted(a (magic-hour, create)), status: 200, "
                + "server code: no_source_face): Job a failed. Create a new job."
        )
    }
}
