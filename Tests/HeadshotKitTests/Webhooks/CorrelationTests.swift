import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Jobs whose create response was lost, and which a webhook event or the list of outputs finds again.
final class CorrelationTests: MockTestCase {
    private let secret = "whsec_test"
    private let create = "/v1/ai-headshot-generator"
    private let headshot = "/api/v6/image_editing/head_shot"
    private let fetch = "/api/v6/image_editing/fetch/7"

    private func configuration() throws -> ClientConfiguration {
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        return configuration
    }

    private func magicHour() throws -> MagicHour {
        try MagicHour(apiKey: "mhk_live_secret", configuration: configuration())
    }

    private func modelsLab() throws -> ModelsLab { try ModelsLab(apiKey: "ml-secret", configuration: configuration()) }

    private func options(_ correlation: GenerationOptions.Correlation) -> GenerationOptions {
        var options = clients.options
        options.correlation = correlation
        return options
    }

    /// Submits a headshot whose create request gets no usable response, and returns the tag that was sent.
    private func submitWithoutResponse(name: String? = nil) async throws -> String {
        mock.on("POST", create, response: .status(500))
        let request = MagicHour.HeadshotRequest(photo: "api-assets/me.png", name: name)
        let error = try await failure { try await magicHour().headshots.submit(request, options: options(.name)) }
        XCTAssertEqual(error.code, .submissionUnconfirmed)
        let tag = try await unwrap(await magicHour().jobs.unfinished().first?.correlationTag)
        XCTAssertTrue(error.description.contains(tag), error.description)
        return try sentField("name")
    }

    private func sentField(_ field: String) throws -> String {
        let body = try XCTUnwrap(mock.bodies.last)
        let json = try XCTUnwrap(JSONSerialization.jsonObject(with: body) as? [String: Any])
        return try XCTUnwrap(json[field] as? String)
    }

    private func event(_ type: String, id: String = "a", name: String?) throws -> MagicHour.WebhookEvent {
        let project: [String: Any] = [
            "id": id, "name": name ?? NSNull(), "status": type.hasSuffix("completed") ? "complete" : "rendering",
            "image_count": 1, "downloads": [["url": "https://o.example/1.png", "expires_at": "x"]],
        ]
        let body = try JSONSerialization.data(withJSONObject: ["type": type, "payload": project])
        let headers = WebhookSigner(secret: secret).headers(for: body)
        return try MagicHour.WebhookVerifier(secret: secret).event(body: body, headers: headers)
    }

    // MARK: Magic Hour

    func testTagFollowsTheNameAndIsNotInTheRecord() async throws {
        let name = try await submitWithoutResponse(name: "Ana")
        let record = try await unwrap(await magicHour().jobs.unfinished().first)
        XCTAssertEqual(name, "Ana \(CorrelationTag(record.id))")
        XCTAssertEqual(name.count, "Ana ".count + 25)
        XCTAssertEqual(record.request["name"], "Ana")
        XCTAssertEqual(record.state, .unconfirmed)
    }

    func testRequestWithoutNameHasTheTagAsItsName() async throws {
        let name = try await submitWithoutResponse()
        try await assertEqual(await magicHour().jobs.unfinished().map { "\(CorrelationTag($0.id))" }, [name])
    }

    func testEventWithTheTagDeliversTheUnconfirmedJob() async throws {
        let name = try await submitWithoutResponse(name: "Ana")
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let outcome = try await magicHour().jobs.resume(event("image.completed", name: name), options: clients.options)
        guard case .delivered(let job) = outcome else { return XCTFail("\(outcome)") }
        XCTAssertEqual(job.job.id, "a")
        XCTAssertEqual(job.files.map(\.lastPathComponent), ["headshot-a-1.png"])
        try await assertEqual(await magicHour().jobs.unfinished(), [])
    }

    func testStartedEventMakesTheJobResumable() async throws {
        let name = try await submitWithoutResponse()
        try await assertEqual(await magicHour().jobs.resume(event("image.started", name: name)), .pending)
        let record = try await unwrap(await magicHour().jobs.unfinished().first)
        XCTAssertEqual(record.state, .accepted)
        XCTAssertEqual(record.job?.id, "a")
        mock.on(
            "GET",
            "/v1/image-projects/a",
            response: .json(#"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let outcomes = try await collect(magicHour().jobs.resumeAll())
        XCTAssertEqual(try outcomes.map { try $0.result.get().files.count }, [1])
    }

    func testEventOfAnotherProjectWithTheSameTagIsNotOurs() async throws {
        let name = try await submitWithoutResponse()
        _ = try await magicHour().jobs.resume(event("image.started", name: name))
        // A copy of the project in the account has the same name.
        let outcome = try await magicHour().jobs.resume(event("image.completed", id: "b", name: name))
        XCTAssertEqual(outcome, .notOurs)
        try await assertEqual(await magicHour().jobs.unfinished().map(\.job?.id), ["a"])
    }

    func testEventWithoutOrWithUnknownTagIsNotOurs() async throws {
        let name = try await submitWithoutResponse()
        let names = [
            nil, "", "Ana", "hk-", String(name.dropLast()), name + " ", "\(CorrelationTag(UUID()))",
            name.lowercased() + "A",
            "hk-" + String(repeating: "*", count: 22), "hk-" + String(repeating: "\u{301}", count: 22),
        ]
        for name in names {
            let outcome = try await magicHour().jobs.resume(event("image.completed", name: name))
            XCTAssertEqual(outcome, .notOurs, "\(name ?? "nil")")
        }
        try await assertEqual(await magicHour().jobs.unfinished().map(\.state), [.unconfirmed])
    }

    func testEventBeforeTheResponseIsInUse() async throws {
        let name = try await submitWithoutResponse()
        let magicHour = try magicHour()
        let record = try await unwrap(await magicHour.jobs.unfinished().first)
        // The call that waits for the response holds the claim.
        let claim = try await magicHour.jobs.store().claim(record.id)
        let event = try event("image.completed", name: name)
        try await assertEqual(await magicHour.jobs.resume(event), .inUse)
        try await assertEqual(await magicHour.jobs.unfinished(), [record])
        await claim?.release()
        mock.on("GET", "/1.png", response: .data(pngBytes))
        guard case .delivered = try await magicHour.jobs.resume(event, options: clients.options) else {
            return XCTFail("The event that is sent again finishes the job.")
        }
    }

    func testCorrelationThatTheServiceDoesNotSupportIsRejected() async throws {
        let request = MagicHour.HeadshotRequest(photo: "api-assets/me.png")
        let error = try await failure { try await magicHour().headshots.submit(request, options: options(.trackID)) }
        XCTAssertEqual(error.code, .invalidConfiguration)
        XCTAssertEqual(error.submission, .notSent)
        XCTAssertTrue(error.description.contains("Set options.correlation to .name"), error.description)
        let storeless = try MagicHour(apiKey: "mhk_live_secret", configuration: clients.configuration)
        let noStore = try await failure { try await storeless.headshots.submit(request, options: options(.name)) }
        XCTAssertEqual(noStore.code, .invalidConfiguration)
        XCTAssertTrue(noStore.description.contains("jobStore"), noStore.description)
        XCTAssertEqual(mock.requests, [])
    }

    // MARK: ModelsLab

    private func submitToModelsLabWithoutResponse() async throws -> String {
        mock.on("POST", headshot, response: .status(500))
        let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: "https://a.example/me.png")
        let error = try await failure { try await modelsLab().headshots.submit(request, options: options(.trackID)) }
        XCTAssertEqual(error.code, .submissionUnconfirmed)
        return try sentField("track_id")
    }

    func testModelsLabEventWithTheTagIsFetchedAndDelivered() async throws {
        let tag = try await submitToModelsLabWithoutResponse()
        mock.on("POST", fetch, response: .json(#"{"status":"success","id":7,"output":["https://o.example/1.png"]}"#))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let body = #"{"status":"success","id":7,"output":["https://evil.example/x.png"],"track_id":"\#(tag)"}"#
        let event = try ModelsLab.WebhookEvent(body: Data(body.utf8))
        let outcome = try await modelsLab().jobs.resume(event, options: clients.options)
        guard case .delivered(let job) = outcome else { return XCTFail("\(outcome)") }
        XCTAssertEqual(job.files.map(\.lastPathComponent), ["headshot-7-1.png"])
        XCTAssertFalse(mock.requests.contains { $0.url.host == "evil.example" })
    }

    func testForgedModelsLabEventLeavesTheRecordUnchanged() async throws {
        let tag = try await submitToModelsLabWithoutResponse()
        let bodies = [
            #"{"status":"success","id":7,"output":["https://evil.example/x.png"],"track_id":"hk-AAAAAAAAAAAAAAAAAAAAAA"}"#,
            #"{"status":"success","id":7,"output":["https://evil.example/x.png"]}"#,
            #"{"status":"success","output":["https://evil.example/x.png"],"track_id":"\#(tag)"}"#,
        ]
        for body in bodies {
            let outcome = try await modelsLab().jobs.resume(ModelsLab.WebhookEvent(body: Data(body.utf8)))
            XCTAssertEqual(outcome, .notOurs, body)
        }
        try await assertEqual(await modelsLab().jobs.unfinished().map(\.state), [.unconfirmed])
    }

    private func modelsLabEvent(_ tag: String) throws -> ModelsLab.WebhookEvent {
        let body = #"{"status":"success","id":7,"output":["https://evil.example/x.png"],"track_id":"\#(tag)"}"#
        return try ModelsLab.WebhookEvent(body: Data(body.utf8))
    }

    func testErrorOfTheFetchKeepsTheUnconfirmedRecordAndDoesNotSayThatNothingWasCharged() async throws {
        let event = try modelsLabEvent(await submitToModelsLabWithoutResponse())
        for (status, code, times) in [(401, HeadshotKitError.Code.unauthorized, 1...1), (404, .notFound, 2...100)] {
            mock.on("POST", fetch, times: times, response: .status(status))
            let error = try await failure { try await modelsLab().jobs.resume(event) }
            XCTAssertEqual(error.code, code)
            XCTAssertEqual(error.submission, .unconfirmed)
            XCTAssertFalse(error.description.contains("Nothing was charged"), error.description)
            XCTAssertTrue(error.description.contains("The record is unchanged"), error.description)
        }
        try await assertEqual(await modelsLab().jobs.unfinished().map(\.state), [.unconfirmed])
    }

    func testErrorOfTheFetchOfARecordedJobNamesTheJob() async throws {
        mock.on("POST", headshot, response: .json(#"{"status":"processing","id":7,"eta":20}"#))
        let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: "https://a.example/me.png")
        try await modelsLab().headshots.submit(request, options: clients.options)
        mock.on("POST", fetch, response: .status(503))
        mock.on("POST", fetch, response: .status(401))
        let error = try await failure { try await modelsLab().jobs.resume(modelsLabEvent("")) }
        XCTAssertEqual(error.code, .unauthorized)
        XCTAssertEqual(error.job?.id, "7")
        XCTAssertFalse(error.description.contains("Nothing was charged"), error.description)
    }

    func testJobThatTheServiceDoesNotKnowYetIsWaitedFor() async throws {
        let event = try modelsLabEvent(await submitToModelsLabWithoutResponse())
        mock.on("POST", fetch, times: 2, response: .status(404))
        mock.on("POST", fetch, response: .json(#"{"status":"success","id":7,"output":["https://o.example/1.png"]}"#))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        guard case .delivered = try await modelsLab().jobs.resume(event, options: clients.options) else {
            return XCTFail("The job is delivered.")
        }
    }

    func testEventCannotAssignAFailedJobOrOneWithAnotherTrackID() async throws {
        let event = try modelsLabEvent(await submitToModelsLabWithoutResponse())
        for response in [
            #"{"status":"success","id":7,"output":["https://o.example/1.png"],"track_id":"other"}"#,
            #"{"status":"success","id":7,"output":["https://o.example/1.png"],"track_id":8}"#,
            #"{"status":"failed","id":7,"message":"Generation failed."}"#,
        ] {
            mock.on("POST", fetch, response: .json(response))
            let error = try await failure { try await modelsLab().jobs.resume(event) }
            XCTAssertEqual(error.code, .invalidWebhook, response)
            XCTAssertEqual(error.submission, .unconfirmed)
            XCTAssertTrue(error.description.contains("jobs.adopt"), error.description)
        }
        try await assertEqual(await modelsLab().jobs.unfinished().map(\.state), [.unconfirmed])
    }

    func testJobWithoutAnIDIsFoundByItsTagAndAdopted() async throws {
        let body = #"{"status":"success","output":["https://o.example/1.png"]}"#
        mock.on("POST", headshot, response: .json(body))
        let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: "https://a.example/me.png")
        let error = try await failure { try await modelsLab().headshots.submit(request, options: options(.trackID)) }
        XCTAssertEqual(error.code, .submissionUnconfirmed)
        let record = try await unwrap(await modelsLab().jobs.unfinished().first)
        XCTAssertEqual(record.state, .unconfirmed)
        XCTAssertTrue(record.isUnconfirmed)
        let outcomes = try await collect(modelsLab().jobs.resumeAll())
        XCTAssertThrowsError(try outcomes[0].result.get()) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.code, .submissionUnconfirmed)
        }
        mock.on("POST", fetch, response: .json(#"{"status":"success","id":7,"output":["https://o.example/1.png"]}"#))
        let adopted = try await modelsLab().jobs.adopt(record, id: "7")
        XCTAssertEqual(adopted.job?.id, "7")
    }

    func testRequestWithTrackIDOfItsOwnIsRejected() async throws {
        let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: "https://a.example/me.png", trackID: 7)
        let error = try await failure { try await modelsLab().headshots.submit(request, options: options(.trackID)) }
        XCTAssertEqual(error.code, .invalidRequest)
        XCTAssertEqual(error.submission, .notSent)
        XCTAssertEqual(mock.requests, [])
        try await assertEqual(await modelsLab().jobs.unfinished(), [])
    }

    func testCandidatesAreTheOutputsThatNoRecordKnows() async throws {
        _ = try await submitToModelsLabWithoutResponse()
        mock.on("POST", headshot, response: .json(#"{"status":"processing","id":8,"eta":20}"#))
        let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: "https://a.example/me.png")
        try await modelsLab().headshots.submit(request, options: options(.trackID))
        let record = try await unwrap(await modelsLab().jobs.unfinished().first { $0.isUnconfirmed })
        let list =
            #"{"status":"success","data":[{"id":8,"output":["https://o.example/8.png"]},"#
            + #"{"id":7,"output":["https://o.example/7.png"]}]}"#
        mock.on("POST", "/api/v6/assets_generated", response: .json(list))
        let candidates = try await modelsLab().jobs.candidates(for: record)
        XCTAssertEqual(candidates.map(\.id), ["7"])
        mock.on("POST", fetch, response: .json(#"{"status":"success","id":7,"output":["https://o.example/1.png"]}"#))
        let adopted = try await modelsLab().jobs.adopt(record, id: candidates[0].id)
        XCTAssertEqual(adopted.state, .accepted)
        XCTAssertEqual(adopted.job?.id, "7")
        mock.on("POST", fetch, response: .json(#"{"status":"success","id":7,"output":["https://o.example/1.png"]}"#))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let job = try await modelsLab().jobs.resume(adopted, options: clients.options)
        XCTAssertEqual(job.files.count, 1)
    }

    // MARK: Adoption

    func testUnknownOrForeignJobIsNotAdopted() async throws {
        _ = try await submitWithoutResponse()
        mock.on("POST", create, response: .json(#"{"id":"b"}"#))
        try await magicHour().headshots.submit(.init(photo: "api-assets/me.png"), options: clients.options)
        let record = try await unwrap(await magicHour().jobs.unfinished().first { $0.isUnconfirmed })
        mock.on("GET", "/v1/image-projects/typo", times: 1...100, response: .status(404))
        let unknown = try await failure { try await magicHour().jobs.adopt(record, id: "typo") }
        XCTAssertEqual(unknown.code, .notFound)
        XCTAssertEqual(unknown.submission, .unconfirmed)
        let owned = try await failure { try await magicHour().jobs.adopt(record, id: "b") }
        XCTAssertEqual(owned.code, .invalidRequest)
        try await assertEqual(await magicHour().jobs.unfinished().filter(\.isUnconfirmed), [record])
        mock.on("GET", "/v1/image-projects/a", response: .json(#"{"id":"a","status":"rendering"}"#))
        let adopted = try await magicHour().jobs.adopt(record, id: "a")
        XCTAssertEqual(adopted.job?.kind, "image-projects")
        try await assertEqual(await magicHour().jobs.adopt(record, id: "a"), adopted, "A second call changes nothing.")
        let other = try await failure { try await magicHour().jobs.adopt(record, id: "c") }
        XCTAssertEqual(other.code, .invalidRequest)
    }

    func testTagIsReadFromTheEndOfATextOnly() throws {
        let id = try XCTUnwrap(UUID(uuidString: "017F22E2-79B0-7CC3-98C4-DC0C0C07398F"))
        let tag = CorrelationTag(id)
        XCTAssertEqual(tag.description, "hk-AX8i4nmwfMOYxNwMDAc5jw")
        for text in ["\(tag)", "Ana \(tag)", "\(CorrelationTag(UUID())) \(tag)", "🙂\(tag)"] {
            XCTAssertEqual(CorrelationTag(atEndOf: text)?.recordID, id, text)
        }
        // The last character has unused bits, which must be zero.
        for text in ["\(tag) ", "\(tag).", "hk-AX8i4nmwfMOYxNwMDAc5jx", "", "hk-"] {
            XCTAssertNil(CorrelationTag(atEndOf: text), text)
        }
    }
}
