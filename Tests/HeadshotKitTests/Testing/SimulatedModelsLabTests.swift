import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class SimulatedModelsLabTests: SimulatorTestCase {
    private let photo = #""prompt":"a lawyer","face_image":"https://example.com/me.jpg""#
    private let headshot = "/v6/image_editing/head_shot"

    func testHeadshotIsProcessedThenFetched() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let created = try await client.modelsLab(headshot, photo + #","samples":2"#)
        XCTAssertEqual(created.status, 200)
        XCTAssertEqual(try created.string("status"), "processing")
        XCTAssertEqual(try created.integer("eta"), 4)
        XCTAssertEqual(try created.strings("output"), [])
        let id = try created.integer("id")
        let fetch = try created.string("fetch_result")
        XCTAssertEqual(fetch, "https://simulator.invalid/api/v6/image_editing/fetch/\(id)")
        let future = try created.strings("future_links")
        XCTAssertEqual(future.count, 2)
        let early = try await client.send("GET", try XCTUnwrap(future.first))
        XCTAssertEqual(early.status, 404)

        let waiting = try await client.modelsLab("/v6/image_editing/fetch/\(id)")
        XCTAssertEqual(try waiting.string("status"), "processing")
        XCTAssertEqual(try waiting.string("output"), "")
        clock.advance(by: .seconds(4))
        let done = try await client.send("POST", fetch, body: .data(Data(#"{"key":"modelslab-simulated"}"#.utf8)))
        let urls = try done.strings("output")
        XCTAssertEqual(try done.string("status"), "success")
        XCTAssertEqual(try done.integer("id"), id)
        XCTAssertEqual(urls, future)
        let output = try await client.send("GET", urls[1])
        XCTAssertEqual(output.body.prefix(4), Data([0x89, 0x50, 0x4E, 0x47]))
        XCTAssertEqual(service.walletCents, 996)
    }

    func testJobWithZeroDurationSucceedsImmediately() async throws {
        let client = SimulatorClient(
            service: makeService {
                $0.queueDuration = .zero
                $0.jobDuration = .zero
            }
        )
        let response = try await client.modelsLab(headshot, photo)
        XCTAssertEqual(try response.string("status"), "success")
        XCTAssertEqual(try response.strings("output").count, 1)
        XCTAssertEqual(try response.strings("proxy_links").count, 1)
        XCTAssertNotNil(try response.json()["generationTime"] as? Double)
    }

    func testDocumentedExampleWithNumbersAsStringsIsAccepted() async throws {
        let client = SimulatorClient(service: makeService())
        let response = try await client.modelsLab(
            headshot,
            """
            "prompt":"pretty woman","negative_prompt":"anime","face_image":"https://assets.modelslab.ai/generations/568d",
            "width":"512","height":"512","samples":"1","num_inference_steps":"21","safety_checker":false,"base64":false,
            "seed":null,"guidance_scale":7.5,"webhook":null,"track_id":null
            """
        )
        XCTAssertEqual(try response.string("status"), "processing", response.text)
    }

    func testInvalidValueIsErrorWithFieldName() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        for (fields, field, text) in [
            (#""face_image":"https://example.com/a.png""#, "prompt", "The prompt field is required."),
            (#""prompt":"x""#, "face_image", "The face_image field is required."),
            (
                #""prompt":"x","face_image":"%%%""#, "face_image",
                "The face_image field must be a URL or an image in base64."
            ),
            (photo + #","width":520"#, "width", "The width field must be between 8 and 512."),
            (photo + #","height":"770""#, "height", "The height field must be between 8 and 768."),
            (photo + #","width":500"#, "width", "The width field must be divisible by 8."),
            (photo + #","samples":3"#, "samples", "The samples field must be between 1 and 2."),
            (
                photo + #","num_inference_steps":20"#, "num_inference_steps",
                "The num_inference_steps field must be one of 21, 31, 41."
            ),
            (photo + #","guidance_scale":11"#, "guidance_scale", "The guidance_scale field must be between 1 and 10."),
            (photo + #","s_scale":2.5"#, "s_scale", "The s_scale field must be between 0 and 2."),
        ] {
            let response = try await client.modelsLab(headshot, fields)
            XCTAssertEqual(response.status, 200)
            XCTAssertEqual(response.text, #"{"message":{"\#(field)":["\#(text)"]},"status":"error"}"#)
        }
        let flux = try await client.modelsLab("/v6/image_editing/flux_headshot", photo + #","width":1024"#)
        XCTAssertEqual(flux.text, #"{"message":{"seed":["The seed field is required."]},"status":"error"}"#)
        XCTAssertEqual(service.ledger, [])
    }

    func testFluxHeadshotAllowsLargerSize() async throws {
        let client = SimulatorClient(service: makeService())
        let fields = photo + #","width":1024,"height":1024,"num_inference_steps":26,"seed":7"#
        let response = try await client.modelsLab("/v6/image_editing/flux_headshot", fields)
        XCTAssertEqual(try response.string("status"), "processing", response.text)
    }

    func testWrongKeyIsErrorWithStatus200() async throws {
        let client = SimulatorClient(service: makeService())
        let body = TransportRequest.Body.data(Data(#"{"key":"nope"}"#.utf8))
        let response = try await client.send("POST", "https://modelslab.com/api/wallet_balance", body: body)
        XCTAssertEqual(response.status, 200)
        XCTAssertEqual(response.text, #"{"message":"Invalid API key","status":"error"}"#)
    }

    func testWalletBalanceIsInDollars() async throws {
        let client = SimulatorClient(service: makeService { $0.walletCents = 4_360 })
        let response = try await client.modelsLab("/wallet_balance")
        XCTAssertEqual(response.text, #"{"data":{"balance":43.6,"currency":"USD"},"status":"success"}"#)
    }

    func testCompleteJobsAreListedInPagesNewestFirst() async throws {
        let client = SimulatorClient(service: makeService())
        let list = "/v6/assets_generated"
        let none = try await client.modelsLab(list, #""type":"image""#)
        XCTAssertEqual(
            none.text,
            #"{"data":[],"pagination":{"current_page":1,"from":null,"last_page":1,"per_page":10,"to":null,"total":0},"#
                + #""status":"success","type":"image"}"#
        )
        var ids: [Int] = []
        for fields in [photo, #""prompt":"no-face","face_image":"https://example.com/me.jpg""#, photo, photo] {
            ids.append(try await client.modelsLab(headshot, fields).integer("id"))
        }
        clock.advance(by: .seconds(4))
        let running = try await client.modelsLab(headshot, photo)
        XCTAssertEqual(try running.string("status"), "processing")

        let first = try await client.modelsLab(list, #""type":"image","page":1,"per_page":2"#)
        XCTAssertEqual(try first.items("data").map { $0["id"] as? Int }, [ids[3], ids[2]])
        XCTAssertTrue(
            first.text.contains(#"{"current_page":1,"from":1,"last_page":2,"per_page":2,"to":2,"total":3}"#),
            first.text
        )
        let second = try await client.modelsLab(list, #""type":"image","page":2,"per_page":2"#)
        XCTAssertEqual(try second.items("data").map { $0["id"] as? Int }, [ids[0]])
        XCTAssertTrue(second.text.contains(#""from":3,"last_page":2,"per_page":2,"to":3,"total":3"#), second.text)
        for fields in [#""type":"image","page":3,"per_page":2"#, #""type":"video""#] {
            let empty = try await client.modelsLab(list, fields)
            XCTAssertEqual(try empty.items("data").count, 0, empty.text)
        }
    }

    func testInvalidListRequestIsErrorWithFieldName() async throws {
        let client = SimulatorClient(service: makeService())
        for (fields, field, text) in [
            ("", "type", "The type field is required."),
            (#""type":"song""#, "type", "The type field must be one of image, video, voice, 3d."),
            (#""type":"image","page":0"#, "page", "The page field must be between 1 and 1000000."),
            (#""type":"image","per_page":31"#, "per_page", "The per_page field must be between 1 and 30."),
        ] {
            let response = try await client.modelsLab("/v6/assets_generated", fields)
            XCTAssertEqual(response.status, 200)
            XCTAssertEqual(response.text, #"{"message":{"\#(field)":["\#(text)"]},"status":"error"}"#)
        }
    }

    func testFullQueueIs429WithRetryAfterInBodyUntilJobEnds() async throws {
        let client = SimulatorClient(service: makeService { $0.queueLimit = 1 })
        _ = try await client.modelsLab(headshot, photo)
        let rejected = try await client.modelsLab(headshot, photo)
        XCTAssertEqual(rejected.status, 429)
        XCTAssertEqual(try rejected.integer("retry_after"), 5)
        clock.advance(by: .seconds(4))
        let taken = try await client.modelsLab(headshot, photo)
        XCTAssertEqual(taken.status, 200)
    }

    func testBase64OutputIsURLOfBase64Text() async throws {
        let client = SimulatorClient(service: makeService())
        let created = try await client.modelsLab(headshot, photo + #","base64":true"#)
        clock.advance(by: .seconds(4))
        let done = try await client.modelsLab("/v6/image_editing/fetch/\(try created.integer("id"))")
        let url = try XCTUnwrap(done.strings("output").first)
        XCTAssertTrue(url.hasSuffix(".base64"))
        let text = try await client.send("GET", url).body
        let image = try XCTUnwrap(Data(base64Encoded: text))
        XCTAssertEqual(image.prefix(4), Data([0x89, 0x50, 0x4E, 0x47]))
    }

    func testLocalPhotoBecomesURLAndIsCheckedForFace() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let photo = SampleMedia.landscapePNG(width: 16, height: 16)
        let dataURL = "data:image/png;base64,\(photo.base64EncodedString())"
        let uploaded = try await client.modelsLab("/v6/image_editing/base64_to_url", #""init_image":"\#(dataURL)""#)
        let url = try XCTUnwrap(uploaded.strings("output").first)
        let stored = try await client.send("GET", url).body
        XCTAssertEqual(stored, photo)
        let created = try await client.modelsLab(headshot, #""prompt":"x","face_image":"\#(url)""#)
        let id = try created.integer("id")
        clock.advance(by: .seconds(4))
        let failed = try await client.modelsLab("/v6/image_editing/fetch/\(id)")
        XCTAssertEqual(
            failed.text,
            #"{"id":\#(id),"message":"No face was found in the photo.","output":"","status":"failed"}"#
        )
        XCTAssertEqual(service.ledger.map(\.kind), [.charge, .refund])
        let base64 = photo.base64EncodedString()
        let direct = try await client.modelsLab(headshot, #""prompt":"x","face_image":"\#(base64)""#)
        XCTAssertEqual(try direct.string("status"), "processing")
    }

    func testExpiredURLIsNotRenewed() async throws {
        let client = SimulatorClient(service: makeService { $0.outputLinkLifetime = .seconds(60) })
        let id = try await client.modelsLab(headshot, photo).integer("id")
        clock.advance(by: .seconds(63))
        let done = try await client.modelsLab("/v6/image_editing/fetch/\(id)")
        let url = try XCTUnwrap(done.strings("output").first)
        let held = try await client.send("GET", url)
        XCTAssertEqual(held.status, 200)
        clock.advance(by: .seconds(1))
        let again = try await client.modelsLab("/v6/image_editing/fetch/\(id)").strings("output").first
        XCTAssertEqual(again, url)
        let expired = try await client.send("GET", url)
        XCTAssertEqual(expired.status, 403)
    }

    func testEnterpriseJobIsFetchedOnEnterprisePath() async throws {
        let client = SimulatorClient(service: makeService())
        let created = try await client.modelsLab("/v1/enterprise/image_editing/head_shot", photo)
        let id = try created.integer("id")
        XCTAssertEqual(
            try created.string("fetch_result"),
            "https://simulator.invalid/api/v1/enterprise/image_editing/fetch/\(id)"
        )
        let unknown = try await client.modelsLab("/v1/enterprise/image_editing/fetch/7")
        XCTAssertEqual(unknown.text, #"{"message":"Request not found","status":"error"}"#)
    }
}
