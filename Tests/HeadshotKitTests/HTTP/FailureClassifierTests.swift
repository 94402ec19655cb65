import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Which failure is which, in full: this table is the money.
final class FailureClassifierTests: XCTestCase {
    private let costly = APICall(
        context: CallContext(operation: "create"),
        method: "POST",
        path: "/v1/create",
        retrySafety: .nonIdempotent
    )
    private let harmless = APICall(context: CallContext(operation: "read"), path: "/v1/read")

    private func api() throws -> APIClient { try TestClients().magicHour().api }

    private func classify(_ status: Int, _ call: APICall, body: String = "") throws -> Failure? {
        try api().classify(TransportResponse(status: status, body: Data(body.utf8)), of: call)
    }

    func testEverySuccessIsASuccess() throws {
        for status in 200..<300 { XCTAssertNil(try classify(status, costly)) }
    }

    func testACreateIsRepeatedOnlyAfter429() throws {
        for status in 300...599 {
            let failure = try XCTUnwrap(try classify(status, costly))
            XCTAssertEqual(failure.isRetryable, status == 429, "\(status)")
        }
    }

    func testACreateIsUnconfirmedWhenTheServiceMayHaveTakenIt() throws {
        for status in [303, 408, 444, 460, 499, 500, 501, 503, 502, 504, 505, 520, 524, 599] {
            XCTAssertEqual(try classify(status, costly)?.error.code, .submissionUnconfirmed, "\(status)")
        }
    }

    func testEveryResponseToACreateSaysWhatIsKnownAboutTheMoney() throws {
        for status in 300...599 {
            let isKnown = (300..<500).contains(status) && ![303, 408, 444, 460, 499].contains(status)
            XCTAssertEqual(
                try classify(status, costly)?.error.submission,
                isKnown ? .rejected : .unconfirmed,
                "\(status)"
            )
        }
        let garbage = TransportResponse(status: 200, body: Data("garbage".utf8))
        let api = try api()
        XCTAssertThrowsError(try api.decode(MagicHour.CreatedProject.self, from: garbage, of: costly)) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.submission, .unconfirmed)
        }
        XCTAssertThrowsError(try api.decode(MagicHour.CreatedProject.self, from: garbage, of: harmless)) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.submission, .notSent)
        }
    }

    func testWhatFailsBeforeTheCreateIsARefusalOnlyWhereTheSameRequestIsRefusedAgain() throws {
        for status in [400, 401, 402, 403, 404, 422, 429, 503] {
            XCTAssertEqual(try classify(status, harmless)?.error.submission, .rejected, "\(status)")
        }
        for status in [500, 502, 504, 520] {
            XCTAssertEqual(try classify(status, harmless)?.error.submission, .notSent, "\(status)")
        }
        XCTAssertEqual(HeadshotKitError(.linkExpired, "x", status: 403).submission, .notSent)
    }

    func testAnErrorWithAJobSaysThatItIsPaidFor() throws {
        let job = JobHandle(service: .magicHour, operation: "create", id: "a")
        for code in [HeadshotKitError.Code.network, .deadlineExceeded, .jobFailed, .linkExpired, .invalidResponse] {
            XCTAssertEqual(HeadshotKitError(code, "x", status: 500, job: job).submission, .accepted(job))
        }
        for code in [HeadshotKitError.Code.missingAPIKey, .invalidMedia, .tooExpensive, .noFaceDetected, .network] {
            XCTAssertEqual(HeadshotKitError(code, "x").submission, .notSent)
        }
    }

    func testARefusedCreateSaysWhy() throws {
        let expected: [Int: HeadshotKitError.Code] = [
            301: .invalidConfiguration, 302: .invalidConfiguration, 307: .invalidConfiguration,
            308: .invalidConfiguration,
            400: .invalidRequest, 401: .unauthorized, 402: .insufficientCredits, 403: .planRequired, 404: .notFound,
            405: .invalidRequest, 409: .invalidRequest, 413: .invalidRequest, 415: .invalidRequest,
            422: .invalidRequest,
            429: .rateLimited,
        ]
        for (status, code) in expected { XCTAssertEqual(try classify(status, costly)?.error.code, code, "\(status)") }
    }

    func testAReadIsRepeatedAfterEveryServerError() throws {
        for status in [429, 500, 502, 503, 504] {
            XCTAssertEqual(try classify(status, harmless)?.isRetryable, true, "\(status)")
            XCTAssertNotEqual(try classify(status, harmless)?.error.code, .submissionUnconfirmed, "\(status)")
        }
        for status in [400, 401, 402, 403, 404, 422] {
            XCTAssertEqual(try classify(status, harmless)?.isRetryable, false, "\(status)")
        }
    }

    func testACreateIsRepeatedOnlyIfItWasCertainlyNotReceived() throws {
        let api = try api()
        for kind in [
            TransportError.Kind.notConnected, .connectionLost, .timedOut, .invalidResponse, .responseTooLarge,
            .init(rawValue: "new"),
        ] {
            let lost = api.classify(TransportError(kind, "x", mayHaveBeenReceived: true), of: costly)
            XCTAssertEqual(lost.error.code, .submissionUnconfirmed, kind.rawValue)
            XCTAssertFalse(lost.isRetryable, kind.rawValue)
            let unsent = api.classify(TransportError(kind, "x", mayHaveBeenReceived: false), of: costly)
            XCTAssertEqual(unsent.error.code, .network, kind.rawValue)
            XCTAssertEqual([lost.error.submission, unsent.error.submission], [.unconfirmed, .notSent], kind.rawValue)
            XCTAssertTrue(unsent.isRetryable, kind.rawValue)
        }
    }

    func testWhatWillNotChangeIsNotRepeated() throws {
        let api = try api()
        for kind in [TransportError.Kind.insecureURL, .fileSystem, .tlsFailure] {
            XCTAssertFalse(
                api.classify(TransportError(kind, "x", mayHaveBeenReceived: false), of: harmless).isRetryable
            )
        }
    }

    func testTheServicesWordsAreQuotedFreeOfSecrets() throws {
        let body = #"{"message":"Bad key mhk_live_secret for https://x.example/a.png?sig=abc"}"#
        let error = try XCTUnwrap(try classify(401, costly, body: body)).error
        XCTAssertEqual(error.serverMessage, "Bad key (key) for https://x.example/…")
        XCTAssertFalse(error.description.contains("mhk_live_secret"))
        let code = #"{"error":{"code":"mhk_live_secret https://x.example/a.png?sig=abc","message":"m"}}"#
        XCTAssertEqual(try classify(422, costly, body: code)?.error.serverCode, "(key) https://x.example/…")
        XCTAssertFalse(error.description.contains("sig=abc"))
    }

    func testMessagesAreReadInEveryForm() throws {
        let forms = [
            #"{"message":"too wide"}"#: "too wide",
            #"{"messege":"too wide"}"#: "too wide",
            #"{"error":"too wide"}"#: "too wide",
            #"{"error":{"message":"too wide","code":"w"}}"#: "too wide",
            #"{"message":{"width":["too wide","not a number"],"height":["too high"]}}"#:
                "height: too high; width: too wide; not a number",
        ]
        for (body, words) in forms { XCTAssertEqual(try classify(422, costly, body: body)?.error.serverMessage, words) }
        XCTAssertNil(try classify(502, harmless, body: "<html>Bad gateway</html>")?.error.serverMessage)
    }
}
