import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class SimulatedStorageTests: SimulatorTestCase {
    private func uploadURL(_ client: SimulatorClient) async throws -> String {
        let body = #"{"items":[{"type":"image","extension":"png"}]}"#
        let item = try await client.magicHour("POST", "/v1/files/upload-urls", body).items("items").first
        return try XCTUnwrap(item?["upload_url"] as? String)
    }

    private func outputURL(_ client: SimulatorClient) async throws -> String {
        let id = try await client.createHeadshot()
        clock.advance(by: .seconds(4))
        let download = try await client.magicHour("GET", "/v1/image-projects/\(id)").items("downloads").first
        return try XCTUnwrap(download?["url"] as? String)
    }

    func testUploadURLsKeepItemOrderAndUsePublicURL() async throws {
        let service = makeService()
        service.publicURL = URL(string: "http://127.0.0.1:8080/")
        let body = #"{"items":[{"type":"video","extension":"mp4"},{"type":"audio","extension":"mp3"}]}"#
        let response = try await SimulatorClient(service: service).magicHour("POST", "/v1/files/upload-urls", body)
        let items = try response.items("items")
        let paths = items.compactMap { $0["file_path"] as? String }
        XCTAssertEqual(paths.map { $0.split(separator: "/").last }, ["video.mp4", "audio.mp3"])
        for (item, path) in zip(items, paths) {
            let url = try XCTUnwrap(item["upload_url"] as? String)
            XCTAssertTrue(url.hasPrefix("http://127.0.0.1:8080/upload/\(path)?expires="), url)
            XCTAssertEqual(item["expires_at"] as? String, "2026-08-01T13:00:00.000Z")
        }
    }

    func testStorageRejectsAPIKeyForgedSignatureAndMissingBody() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        let url = try await uploadURL(client)
        let photo = TransportRequest.Body.data(SampleMedia.portraitPNG(width: 8, height: 8))
        let withKey = try await client.send("PUT", url, headers: ["Authorization": "Bearer k"], body: photo)
        XCTAssertEqual(withKey.status, 400)
        let forged = try await client.send("PUT", url.replacing("signature=", with: "signature=0"), body: photo)
        XCTAssertEqual(forged.status, 403)
        XCTAssertTrue(forged.text.contains("<Code>SignatureDoesNotMatch</Code>"))
        let unsized = try await client.send("PUT", url)
        XCTAssertEqual(unsized.status, 411)
        let chunked = try await client.send("PUT", url, headers: ["Transfer-Encoding": "chunked"], body: photo)
        XCTAssertEqual(chunked.status, 501)
        let short = try await client.send("PUT", url, headers: ["Content-Length": "9999999"], body: photo)
        XCTAssertEqual(short.status, 400)
        clock.advance(by: .seconds(3_600))
        let late = try await client.send("PUT", url, body: photo)
        XCTAssertEqual(late.status, 403)
        XCTAssertEqual(service.uploads, [])
    }

    func testUploadReportsProgressAndDoesNotKeepLargeFile() async throws {
        let service = makeService { $0.keptUploadBytes = 1 << 20 }
        let client = SimulatorClient(service: service)
        let contents = SampleMedia.portraitPNG(width: 700, height: 700) + Data("odd".utf8)
        let file = temporaryFile()
        try contents.write(to: file)
        let urlText = try await uploadURL(client)
        let url = try XCTUnwrap(URL(string: urlText))
        let progress = Recorder<TransferProgress>()
        let request = TransportRequest(
            method: "PUT",
            url: url,
            headers: ["Content-Type": "image/png"],
            body: .file(file)
        )
        let response = try await service.send(request) { progress.append($0) }
        XCTAssertEqual(response.status, 200)
        let count = Int64(contents.count)
        XCTAssertEqual(progress.values.last, TransferProgress(completed: count, total: count))
        let upload = try XCTUnwrap(service.uploads.first)
        XCTAssertEqual(upload.byteCount, contents.count)
        XCTAssertEqual(upload.digest, SimulatedService.Upload.digest(of: contents))
        XCTAssertEqual(upload.head, contents.prefix(4_096))
        XCTAssertNil(upload.contents)
        XCTAssertEqual(upload.headers, ["content-type": "image/png"])
    }

    func testUnreadableFileWasNotReceived() async throws {
        let service = makeService()
        let urlText = try await uploadURL(SimulatorClient(service: service))
        let url = try XCTUnwrap(URL(string: urlText))
        let request = TransportRequest(method: "PUT", url: url, body: .file(temporaryFile()))
        let error = try await transportError { try await service.send(request) }
        XCTAssertEqual(error.kind, .fileSystem)
        XCTAssertFalse(error.mayHaveBeenReceived)
    }

    func testOutputIsServedInRangesGuardedByETag() async throws {
        let client = SimulatorClient(service: makeService { $0.outputBytes = 200_000 })
        let url = try await outputURL(client)
        let whole = try await client.send("GET", url)
        XCTAssertEqual(whole.body.count, 200_000)
        XCTAssertEqual(whole.headers["Content-Length"], "200000")
        XCTAssertEqual(whole.headers["Accept-Ranges"], "bytes")
        let tag = try XCTUnwrap(whole.headers["ETag"])

        let cases: [(range: String, ifRange: String?, status: Int, contentRange: String?, bytes: Range<Int>)] = [
            ("bytes=0-9", nil, 206, "bytes 0-9/200000", 0..<10),
            ("bytes=65000-140000", tag, 206, "bytes 65000-140000/200000", 65_000..<140_001),
            ("bytes=199990-", tag, 206, "bytes 199990-199999/200000", 199_990..<200_000),
            ("bytes=199990-999999", nil, 206, "bytes 199990-199999/200000", 199_990..<200_000),
            ("bytes=-5", nil, 206, "bytes 199995-199999/200000", 199_995..<200_000),
            ("bytes=5-", "\"other\"", 200, nil, 0..<200_000),
            ("bytes=0-1,4-5", nil, 200, nil, 0..<200_000),
            ("bytes=200000-", nil, 416, "bytes */200000", 0..<0),
        ]
        for (range, ifRange, status, contentRange, bytes) in cases {
            var headers: TransportHeaders = ["Range": range]
            headers["If-Range"] = ifRange
            let response = try await client.send("GET", url, headers: headers)
            XCTAssertEqual(response.status, status, range)
            XCTAssertEqual(response.headers["Content-Range"], contentRange, range)
            XCTAssertEqual(response.headers["Content-Length"], String(bytes.count), range)
            XCTAssertEqual(response.body, whole.body.subdata(in: bytes), range)
        }
    }

    func testOutputHasAtLeastConfiguredSize() async throws {
        let plain = SimulatorClient(service: makeService())
        let size = try await plain.send("GET", try await outputURL(plain)).body.count
        for bytes in [0, size - 1, size, size + 1, size + 11, size + 12, size + 13, size + 70_000] {
            let client = SimulatorClient(service: makeService { $0.outputBytes = bytes })
            let count = try await client.send("GET", try await outputURL(client)).body.count
            // A chunk has 12 bytes besides its data.
            XCTAssertEqual(count, bytes <= size ? size : max(bytes, size + 12), "\(bytes)")
        }
    }

    func testLargeOutputIsValidImage() async throws {
        let client = SimulatorClient(service: makeService { $0.outputBytes = 200_000 })
        let whole = try await client.send("GET", try await outputURL(client)).body
        XCTAssertEqual(whole.suffix(12), Data([0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]))
        // The length, type and checksum of the padding chunk.
        let type = try XCTUnwrap(whole.range(of: Data("paDd".utf8)))
        let length = whole[(type.lowerBound - 4)..<type.lowerBound].reduce(0) { $0 << 8 | Int($1) }
        XCTAssertEqual(type.upperBound + length + 4 + 12, whole.count)
        let sum = whole.dropLast(12).suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let expected = whole[type.lowerBound..<(type.upperBound + length)].reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        XCTAssertEqual(sum, ~expected)
    }

    func testLargeOutputIsDownloadedToFileAndContinuedAfterConnectionLoss() async throws {
        let service = makeService { $0.outputBytes = 20 << 20 }
        let client = SimulatorClient(service: service)
        let urlText = try await outputURL(client)
        let url = try XCTUnwrap(URL(string: urlText))
        let file = temporaryFile()
        let tooLarge = try await transportError { try await service.send(TransportRequest(url: url)) }
        XCTAssertEqual(tooLarge.kind, .responseTooLarge)

        service.inject(.broken(afterBytes: 7_000_001), on: .download)
        let broken = try await transportError {
            try await service.download(TransportRequest(url: url), to: file, onProgress: nil)
        }
        XCTAssertEqual(broken.kind, .connectionLost)
        let progress = Recorder<TransferProgress>()
        let rest = TransportRequest(url: url, headers: ["Range": "bytes=7000001-"])
        let response = try await service.download(rest, to: file) { progress.append($0) }
        XCTAssertEqual(response.status, 206)
        let left = Int64((20 << 20) - 7_000_001)
        XCTAssertEqual(progress.values.last, TransferProgress(completed: left, total: left))

        let other = temporaryFile()
        _ = try await service.download(TransportRequest(url: url), to: other, onProgress: nil)
        XCTAssertEqual(try Data(contentsOf: file), try Data(contentsOf: other))
    }

    func testExpiredURLIsForbiddenUntilNextGetRenewsURL() async throws {
        let client = SimulatorClient(service: makeService { $0.outputLinkLifetime = .seconds(60) })
        let id = try await client.createHeadshot()
        clock.advance(by: .seconds(4))
        let downloads = try await client.magicHour("GET", "/v1/image-projects/\(id)").items("downloads")
        let old = try XCTUnwrap(downloads.first?["url"] as? String)
        clock.advance(by: .seconds(60))
        let expired = try await client.send("GET", old)
        XCTAssertEqual(expired.status, 403)
        XCTAssertTrue(expired.text.contains("Request has expired"))
        let renewed = try await client.magicHour("GET", "/v1/image-projects/\(id)").items("downloads")
        let new = try XCTUnwrap(renewed.first?["url"] as? String)
        XCTAssertNotEqual(old, new)
        let output = try await client.send("GET", new)
        XCTAssertEqual(output.status, 200)
        let withKey = try await client.send("GET", new, headers: ["Authorization": "Bearer mhk_live_simulated"])
        XCTAssertEqual(withKey.status, 400)
    }
}
