import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class SimulatedMagicHourTests: SimulatorTestCase {
    func testHeadshotIsQueuedRenderedAndDownloadedFor50Credits() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let photo = SampleMedia.portraitPNG(width: 32, height: 32)
        let path = try await client.upload(photo)
        let body = #"{"name":"Me","assets":{"image_file_path":"\#(path)"},"style":{"prompt":"navy suit"}}"#
        let created = try await client.magicHour("POST", "/v1/ai-headshot-generator", body)
        let id = try created.string("id")
        XCTAssertEqual(created.text, #"{"credits_charged":50,"frame_cost":50,"id":"\#(id)"}"#)
        XCTAssertEqual(service.credits, 950)

        let queued = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        XCTAssertEqual(
            queued.text,
            #"{"created_at":"2026-08-01T12:00:00.000Z","credits_charged":50,"downloads":[],"enabled":true,"error":null,"#
                + #""id":"\#(id)","image_count":1,"name":"Me","status":"queued","total_frame_cost":50,"type":"AI_HEADSHOT"}"#
        )
        clock.advance(by: .seconds(1))
        let rendering = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        XCTAssertEqual(try rendering.string("status"), "rendering")
        clock.advance(by: .seconds(3))
        let complete = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        XCTAssertEqual(try complete.string("status"), "complete")
        let download = try XCTUnwrap(complete.items("downloads").first)
        XCTAssertEqual(download["expires_at"] as? String, "2026-08-02T12:00:04.000Z")
        let url = try XCTUnwrap(download["url"] as? String)
        XCTAssertTrue(url.hasPrefix("https://simulator.invalid/outputs/\(id)/output.png?"), url)
        let output = try await client.send("GET", url)
        XCTAssertEqual(output.status, 200)
        XCTAssertEqual(output.body.prefix(8), Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))

        XCTAssertEqual(service.jobs.map(\.status), ["complete"])
        XCTAssertEqual(service.jobs.first?.prompt, "navy suit")
        XCTAssertEqual(service.jobs.first?.media, [path])
        XCTAssertEqual(service.uploads.first?.contents, photo)
        XCTAssertEqual(service.ledger.map(\.kind), [.charge])
        XCTAssertEqual(service.ledger.first?.jobID, id)
        XCTAssertEqual(service.requestCounts[.getImageProject], 3)
    }

    func testConcurrentJobsAreChargedOnceEach() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await client.createImage().string("id") } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        XCTAssertEqual(ids.count, 100)
        XCTAssertEqual(Set(service.ledger.map(\.jobID)), ids)
        XCTAssertEqual(service.credits, 500)
    }

    func testWrongOrMissingKeyIsUnauthorized() async throws {
        let client = SimulatorClient(service: makeService())
        for headers: TransportHeaders in [[:], ["Authorization": "Bearer nope"]] {
            let response = try await client.send("GET", "https://api.magichour.ai/v1/account", headers: headers)
            XCTAssertEqual(response.status, 401)
            XCTAssertEqual(response.text, #"{"code":"unauthorized","message":"Unauthorized"}"#)
        }
    }

    func testAccountReportsRemainingCredits() async throws {
        let client = SimulatorClient(service: makeService())
        _ = try await client.createHeadshot()
        let account = try await client.magicHour("GET", "/v1/account")
        XCTAssertEqual(try account.integer("credits"), 950)
        XCTAssertEqual(try account.string("tier"), "pro")
    }

    func testInsufficientCreditsAreRejectedWith402AndNotCharged() async throws {
        let service = makeService { $0.credits = 49 }
        let client = SimulatorClient(service: service)
        let path = try await client.upload(SampleMedia.portraitPNG(width: 32, height: 32))
        let body = #"{"assets":{"image_file_path":"\#(path)"}}"#
        let response = try await client.magicHour("POST", "/v1/ai-headshot-generator", body)
        XCTAssertEqual(response.status, 402)
        XCTAssertEqual(response.text, #"{"code":"insufficient_credits","message":"Payment required"}"#)
        XCTAssertEqual(service.ledger, [])
        XCTAssertEqual(service.jobs, [])
    }

    func testPhotoWithoutFaceFailsAndIsRefunded() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let id = try await client.createHeadshot(of: SampleMedia.landscapePNG(width: 32, height: 32))
        XCTAssertEqual(service.credits, 950)
        clock.advance(by: .seconds(4))
        let response = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        XCTAssertEqual(try response.string("status"), "error")
        XCTAssertEqual(try response.integer("credits_charged"), 0)
        let error = try response.json()["error"] as? [String: String]
        XCTAssertEqual(error?["code"], "no_source_face")
        XCTAssertEqual(service.credits, 1_000)
        XCTAssertEqual(service.ledger.map(\.kind), [.charge, .refund])
        XCTAssertEqual(service.ledger.last?.amount, 50)
    }

    func testFileThatIsNotImageFailsWithInvalidFormat() async throws {
        let service = makeService()
        let id = try await SimulatorClient(service: service).createHeadshot(of: Data("not an image".utf8))
        clock.advance(by: .seconds(4))
        XCTAssertEqual(service.jobs.first?.id, id)
        XCTAssertEqual(service.jobs.first?.errorCode, "invalid_file_format")
    }

    func testInvalidBodyIsRejectedWithFieldName() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let headshot = "/v1/ai-headshot-generator"
        let cases: [(path: String, body: String?, status: Int, message: String)] = [
            (headshot, nil, 400, "Missing request body"),
            (headshot, "{", 400, "The request body is not valid JSON"),
            (headshot, "[]", 400, "The request body must be an object"),
            (headshot, "{}", 400, "'assets' is required"),
            (headshot, #"{"assets":{}}"#, 400, "'assets.image_file_path' is required"),
            (headshot, #"{"assets":{"image_file_path":7}}"#, 400, "'assets.image_file_path' must be a string"),
            (headshot, #"{"name":null,"assets":{"image_file_path":"a"}}"#, 400, "'name' must be a string"),
            (
                headshot, #"{"assets":{"image_file_path":"api-assets/x/image.png"}}"#, 422,
                "'assets.image_file_path' names no uploaded file: api-assets/x/image.png"
            ),
            (
                headshot, #"{"assets":{"image_file_path":"http://example.com/me.png"}}"#, 422,
                "'assets.image_file_path' must be an uploaded file's path or an https URL"
            ),
            (
                headshot, #"{"assets":{"image_file_path":"https://example.com/me"}}"#, 422,
                "'assets.image_file_path' must have the extension of an image file"
            ),
            ("/v1/ai-image-generator", #"{"image_count":1,"style":{}}"#, 400, "'style.prompt' is required"),
            (
                "/v1/ai-image-generator", #"{"image_count":1.5,"style":{"prompt":"x"}}"#, 400,
                "'image_count' must be an integer"
            ),
            (
                "/v1/ai-image-generator", #"{"image_count":1,"aspect_ratio":"2:1","style":{"prompt":"x"}}"#, 422,
                "'aspect_ratio' must be one of 1:1, 16:9, 9:16"
            ),
            (
                "/v1/ai-image-generator", #"{"image_count":3,"model":"nano-banana-pro","style":{"prompt":"x"}}"#, 422,
                "'image_count' must be one of 1, 4, 9, 16 for nano-banana-pro"
            ),
            (
                "/v1/ai-image-generator",
                #"{"image_count":1,"model":"krea-2","resolution":"2k","style":{"prompt":"x"}}"#, 422,
                "'resolution' must be one of 640px, 1k for krea-2"
            ),
            (
                "/v1/files/upload-urls", #"{"items":[{"type":"audio","extension":"mp4"}]}"#, 422,
                "'mp4' is an invalid audio extension. Possible extensions are "
                    + "'mp3, wav, aac, flac, webm, weba, m4a, opus, ogg, oga, aiff, amr'"
            ),
            ("/v1/files/upload-urls", #"{"items":[{"type":"image"}]}"#, 400, "'items[0].extension' is required"),
        ]
        for (path, body, status, message) in cases {
            let response = try await client.magicHour("POST", path, body)
            XCTAssertEqual(response.status, status, body ?? "no body")
            XCTAssertEqual(try response.string("message"), message)
        }
        XCTAssertEqual(service.ledger, [])
    }

    func testMediaMayBeHTTPSURLLoopbackURLOrLibraryPath() async throws {
        let client = SimulatorClient(service: makeService())
        for media in [
            "https://example.com/me.jpg?size=2", "http://127.0.0.1:8080/me.png",
            "https://magichour.ai/my-library?imageId=abc",
        ] {
            let body = #"{"assets":{"image_file_path":"\#(media)"}}"#
            let response = try await client.magicHour("POST", "/v1/ai-headshot-generator", body)
            XCTAssertEqual(response.status, 200, response.text)
        }
    }

    func testImagesArePricedByModelAndDeliveredAsRequestedCount() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let body = #"{"image_count":4,"model":"nano-banana-2","resolution":"4k","style":{"prompt":"a cat"}}"#
        let created = try await client.magicHour("POST", "/v1/ai-image-generator", body)
        XCTAssertEqual(try created.integer("credits_charged"), 400)
        clock.advance(by: .seconds(4))
        let project = try await client.magicHour("GET", "/v1/image-projects/\(try created.string("id"))")
        XCTAssertEqual(try project.string("type"), "AI_IMAGE")
        XCTAssertEqual(try project.integer("image_count"), 4)
        var files: Set<Data> = []
        for download in try project.items("downloads") {
            files.insert(try await client.send("GET", try XCTUnwrap(download["url"] as? String)).body)
        }
        XCTAssertEqual(files.count, 4)
    }

    func testPriceDependsOnModelAndMode() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let photo = try await client.upload(SampleMedia.portraitPNG(width: 32, height: 32))
        let speech = try await client.upload(SampleMedia.speechWAV(seconds: 1), type: "audio", extension: "wav")
        let assets = #""assets":{"image_file_path":"\#(photo)","audio_file_path":"\#(speech)"}"#
        let rows: [(path: String, body: String, credits: Int)] = [
            ("ai-image-generator", #"{"image_count":1,"style":{"prompt":"a"}}"#, 5),
            ("ai-image-generator", #"{"image_count":3,"style":{"prompt":"a"},"model":"z-image-turbo"}"#, 15),
            ("ai-image-generator", #"{"image_count":1,"style":{"prompt":"a"},"model":"nano-banana-pro"}"#, 150),
            ("ai-talking-photo", #"{\#(assets),"start_seconds":0,"end_seconds":1}"#, 48),
            (
                "ai-talking-photo",
                #"{\#(assets),"start_seconds":0,"end_seconds":1.5,"style":{"generation_mode":"prompted"}}"#, 48
            ),
        ]
        for row in rows {
            let created = try await client.magicHour("POST", "/v1/\(row.path)", row.body)
            XCTAssertEqual(try created.json()["credits_charged"] as? Int, row.credits, row.body)
        }
    }

    func testTalkingPhotoIsPricedBySecondsAndDeliveredAsMP4() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let photo = try await client.upload(SampleMedia.portraitPNG(width: 32, height: 32))
        let speech = try await client.upload(SampleMedia.speechWAV(seconds: 1), type: "audio", extension: "wav")
        let assets = #""assets":{"image_file_path":"\#(photo)","audio_file_path":"\#(speech)"}"#
        let created = try await client.magicHour(
            "POST",
            "/v1/ai-talking-photo",
            #"{\#(assets),"start_seconds":0.5,"end_seconds":2.6,"resolution":"720p"}"#
        )
        let id = try created.string("id")
        XCTAssertEqual(created.text, #"{"credits_charged":144,"estimated_frame_cost":144,"id":"\#(id)"}"#)
        let early = try await client.magicHour("GET", "/v1/video-projects/\(id)")
        XCTAssertTrue(try early.json()["download"] is NSNull)
        clock.advance(by: .seconds(4))
        let project = try await client.magicHour("GET", "/v1/video-projects/\(id)")
        XCTAssertEqual(try project.string("type"), "TALKING_PHOTO")
        XCTAssertEqual(try project.json()["end_seconds"] as? Double, 2.6)
        XCTAssertEqual(try project.integer("height"), 960)
        let url = try XCTUnwrap(project.items("downloads").first?["url"] as? String)
        XCTAssertEqual((try project.json()["download"] as? [String: Any])?["url"] as? String, url)
        let video = try await client.send("GET", url)
        XCTAssertEqual(video.headers["content-type"], "video/mp4")
        XCTAssertEqual(try boxes(video.body), ["ftyp", "moov", "mdat"])
        let asImage = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        XCTAssertEqual(asImage.status, 404)
    }

    func testTalkingPhotoClipIsValidatedAgainstMode() async throws {
        let client = SimulatorClient(service: makeService())
        let assets =
            #""assets":{"image_file_path":"https://example.com/a.png","audio_file_path":"https://example.com/a.mp3"}"#
        for (times, style, field) in [
            (#""start_seconds":-1,"end_seconds":2"#, "{}", "start_seconds"),
            (#""start_seconds":0,"end_seconds":0.05"#, "{}", "end_seconds"),
            (#""start_seconds":3,"end_seconds":3"#, "{}", "end_seconds"),
            (#""start_seconds":0,"end_seconds":301"#, "{}", "end_seconds"),
            (#""start_seconds":0,"end_seconds":46"#, #"{"generation_mode":"expressive"}"#, "end_seconds"),
        ] {
            let body = "{\(assets),\(times),\"style\":\(style)}"
            let response = try await client.magicHour("POST", "/v1/ai-talking-photo", body)
            XCTAssertEqual(response.status, 422)
            XCTAssertTrue(try response.string("message").hasPrefix("'\(field)' must"), response.text)
        }
    }

    func testDeletedProjectIsDisabledAndItsURLsAreInvalid() async throws {
        let client = SimulatorClient(service: makeService())
        let id = try await client.createHeadshot()
        clock.advance(by: .seconds(4))
        let project = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        let url = try XCTUnwrap(project.items("downloads").first?["url"] as? String)
        let deleted = try await client.magicHour("DELETE", "/v1/image-projects/\(id)")
        XCTAssertEqual(deleted.status, 204)
        XCTAssertEqual(deleted.body, Data())
        let after = try await client.magicHour("GET", "/v1/image-projects/\(id)")
        XCTAssertEqual(try after.json()["enabled"] as? Bool, false)
        XCTAssertEqual(try after.items("downloads").count, 0)
        let output = try await client.send("GET", url)
        XCTAssertEqual(output.status, 404)
        let unknown = try await client.magicHour("DELETE", "/v1/image-projects/unknown")
        XCTAssertEqual(unknown.status, 404)
    }

    func testFaceDetectionIsFreeAndFindsFace() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        for (photo, count) in [
            (SampleMedia.portraitPNG(width: 32, height: 32), 1), (SampleMedia.landscapePNG(width: 32, height: 32), 0),
        ] {
            let path = try await client.upload(photo)
            let body = #"{"confidence_score":0.5,"assets":{"target_file_path":"\#(path)"}}"#
            let created = try await client.magicHour("POST", "/v1/face-detection", body)
            let id = try created.string("id")
            XCTAssertEqual(created.text, #"{"credits_charged":0,"id":"\#(id)"}"#)
            clock.advance(by: .seconds(4))
            let result = try await client.magicHour("GET", "/v1/face-detection/\(id)")
            XCTAssertEqual(try result.string("status"), "complete")
            let faces = try result.items("faces")
            XCTAssertEqual(faces.count, count)
            for face in faces {
                let picture = try await client.send("GET", try XCTUnwrap(face["url"] as? String))
                XCTAssertEqual(picture.status, 200)
                let path = try XCTUnwrap(face["path"] as? String)
                let body = #"{"assets":{"image_file_path":"\#(path)"}}"#
                let headshot = try await client.magicHour("POST", "/v1/ai-headshot-generator", body)
                XCTAssertEqual(headshot.status, 200)
            }
        }
    }

    func testUnknownPathIsNotFound() async throws {
        let response = try await SimulatorClient(service: makeService()).magicHour("GET", "/v1/nothing")
        XCTAssertEqual(response.status, 404)
        XCTAssertEqual(response.text, #"{"message":"Not Found"}"#)
    }

    private func boxes(_ file: Data) throws -> [String] {
        var names: [String] = []
        var position = 0
        while position + 8 <= file.count {
            let length = file[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            names.append(String(decoding: file[position + 4..<position + 8], as: UTF8.self))
            XCTAssertGreaterThanOrEqual(length, 8)
            position += max(8, length)
        }
        XCTAssertEqual(position, file.count)
        return names
    }
}
