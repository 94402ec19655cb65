import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class JobJournalTests: MockTestCase {
    private var storeDirectory: URL { clients.directory.appendingPathComponent("jobs") }
    private let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "https://a.example/me.png?sig=s3cr3t"))
    private let create = "/v1/ai-headshot-generator"
    private let project = "/v1/image-projects/a"

    private func magicHour() throws -> MagicHour {
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: storeDirectory)
        return try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
    }

    private func records() -> [JobRecord] { recordsOnDisk(in: storeDirectory) }

    private func stubComplete(_ urls: String...) {
        let downloads = urls.map { #"{"url":"\#($0)"}"# }.joined(separator: ",")
        mock.on("GET", project, response: .json(#"{"id":"a","status":"complete","downloads":[\#(downloads)]}"#))
    }

    func testIntentIsStoredBeforeCreateAndJobBeforePoll() async throws {
        let magicHour = try magicHour()
        let storeDirectory = storeDirectory
        let seen = Locked<[String]>([])
        let inspect: @Sendable (Data) -> Bool = { _ in
            let states = recordsOnDisk(in: storeDirectory).map { "\($0.state) \($0.job?.id ?? "-")" }
            seen.withLock { $0 += states }
            return true
        }
        mock.on("POST", create, bodyMatches: inspect, response: .json(#"{"id":"a","credits_charged":50}"#))
        mock.on(
            "GET",
            project,
            bodyMatches: inspect,
            response: .json(#"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1"}]}"#)
        )
        mock.on("GET", "/1", response: .data(pngBytes))
        _ = try await magicHour.headshots.generate(request, options: clients.options)
        XCTAssertEqual(seen.withLock { $0 }, ["intended -", "accepted a"])
        XCTAssertEqual(records(), [], "The record of a delivered job is removed.")
    }

    func testRecordContainsNoKeyAndNoSignature() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        try await magicHour().headshots.submit(request)
        for name in try FileManager.default.contentsOfDirectory(atPath: storeDirectory.path) {
            let text = try String(contentsOf: storeDirectory.appendingPathComponent(name), encoding: .utf8)
            XCTAssertFalse(text.contains("s3cr3t") || text.contains("mhk_live"), text)
        }
        XCTAssertEqual(records()[0].request["assets"]?["image_file_path"]?.string, "https://a.example/me.png?…")
    }

    /// Another worker has claimed the earlier job meanwhile, as after a pause longer than a lease, and has created the next one.
    func testIntentDoesNotReplaceTheJobOfAnotherWorker() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let next = try NextJob("ai-talking-photo", ["name": "video"], GenerationOptions())
        var speech = JobRecord(service: .magicHour, operation: "speech", request: [:], directory: clients.directory)
        speech.next = next
        try await store.save(speech)
        let claimed = try await JobJournal.claim(speech, in: store)
        let earlier = try XCTUnwrap(claimed)
        func record(of job: String?) -> JobRecord {
            var record = JobRecord(
                id: next.id,
                service: .magicHour,
                operation: "ai-talking-photo",
                request: [:],
                directory: clients.directory
            )
            record.job = job.map { JobHandle(service: .magicHour, operation: "ai-talking-photo", id: $0) }
            record.state = job == nil ? .intended : .accepted
            return record
        }
        speech.next?.isStarted = true
        try await store.save(speech)
        try await store.save(record(of: "v1"))
        let error = await thrown {
            try await JobJournal.withIntent(record(of: nil), in: store, after: earlier) { _ in XCTFail("It began.") }
        }
        XCTAssertEqual((error as? HeadshotKitError)?.code, .jobInUse)
        try await assertEqual(await store.record(next.id)?.job?.id, "v1")
        // The claim on the next job is free again.
        let claim = try await store.claim(next.id)
        XCTAssertNotNil(claim)
    }

    func testDiscardOfAnOldCopyKeepsAJobThatIsKnownNow() async throws {
        let magicHour = try magicHour()
        let store = try FileJobStore(directory: storeDirectory)
        let old = JobRecord(service: .magicHour, operation: "o", request: [:], directory: clients.directory)
        var new = old
        new.job = JobHandle(service: .magicHour, operation: "o", id: "a")
        new.state = .accepted
        try await store.save(new)
        let error = await thrown { try await magicHour.jobs.discard(old) }
        XCTAssertEqual((error as? HeadshotKitError)?.code, .jobInUse)
        try await assertEqual(await store.record(old.id)?.job?.id, "a")
        try await magicHour.jobs.discard(new)
        try await assertEqual(await store.record(old.id), nil)
    }

    func testHandleOfNewerVersionIsRejectedWithAdvice() throws {
        let template =
            #"{"version":%,"service":"magic-hour","operation":"o","id":"a","createdAt":"2026-01-02T03:04:05.000Z"}"#
        func read(_ version: String) throws -> JobHandle {
            try JSONDecoder().decode(
                JobHandle.self,
                from: Data(template.replacingOccurrences(of: "%", with: version).utf8)
            )
        }
        for version in ["1", "2"] { XCTAssertEqual(try read(version).id, "a") }
        XCTAssertThrowsError(try read("3")) { error in
            guard case DecodingError.dataCorrupted(let context) = error else { return XCTFail("\(error)") }
            XCTAssertEqual(
                context.debugDescription,
                "The job was written by a newer HeadshotKit, in version 3; this one reads up to 2. Update HeadshotKit."
            )
        }
    }

    func testUnsafeNamesInHandleAreDropped() throws {
        let handle =
            #"{"version":2,"service":"magic-hour","operation":"o","id":"a","createdAt":"x","kind":"%","filePrefix":"%"}"#
        for name in ["..", "a/b", "", "ä", "a b", String(repeating: "a", count: 101)] {
            let data = Data(handle.replacingOccurrences(of: "%", with: name).utf8)
            let job = try JSONDecoder().decode(JobHandle.self, from: data)
            XCTAssertNil(job.kind, name)
            XCTAssertNil(job.filePrefix, name)
        }
        let data = Data(handle.replacingOccurrences(of: "%", with: "image-projects").utf8)
        XCTAssertEqual(try JSONDecoder().decode(JobHandle.self, from: data).kind, "image-projects")
    }

    func testUnconfirmedCreateKeepsRecordAndCannotBeResumed() async throws {
        mock.on("POST", create, response: .status(500))
        let magicHour = try magicHour()
        _ = try await failure { try await magicHour.headshots.submit(request) }
        let unfinished = try await magicHour.jobs.unfinished()
        XCTAssertEqual(unfinished.map(\.state), [.unconfirmed])
        XCTAssertTrue(unfinished[0].isUnconfirmed)
        let error = try await failure { try await magicHour.jobs.resume(unfinished[0]) }
        XCTAssertEqual(error.code, .submissionUnconfirmed)
        XCTAssertEqual(mock.requests.count, 1)
    }

    func testRejectedCreateLeavesNoRecord() async throws {
        for status in [400, 401, 402, 422] {
            mock.on("POST", create, response: .status(status))
            _ = try await failure { try await magicHour().headshots.submit(request) }
            XCTAssertEqual(records(), [])
        }
    }

    func testCanceledCreateKeepsIntent() async throws {
        mock.on("POST", create, response: .never)
        let magicHour = try magicHour()
        let request = request
        let task = Task { try await magicHour.headshots.submit(request) }
        try await eventually(!mock.requests.isEmpty)
        task.cancel()
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError)
        XCTAssertEqual(records().map(\.state), [.intended])
    }

    func testNothingIsSentWhenIntentCannotBeStored() async throws {
        let magicHour = try magicHour()
        try FileManager.default.removeItem(at: storeDirectory)
        let error = try await failure { try await magicHour.headshots.submit(request) }
        XCTAssertEqual(error.code, .fileSystem)
        XCTAssertEqual(mock.requests, [])
    }

    func testAnotherProcessResumesSubmittedJob() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        var options = clients.options
        options.reference = "order 7"
        try await magicHour().headshots.submit(request, options: options)
        XCTAssertEqual(clients.body(0).contains("order 7"), false, "The reference is not sent to the service.")
        stubComplete("https://o.example/1")
        mock.on("GET", "/1", response: .data(pngBytes))
        let storeDirectory = storeDirectory
        let events = Locked<[String]>([])
        let outcomes = try magicHour().jobs.resumeAll { record, event in
            // The record must exist until the caller has seen the event.
            let kept = recordsOnDisk(in: storeDirectory).first { $0.id == record.id }?.job
            events.withLock { $0.append("\(event.description.prefix(14)), \(kept?.id ?? "gone")") }
        }
        let results = try await collect(outcomes)
        XCTAssertEqual(events.withLock { $0.first }, "Resuming job a, a")
        XCTAssertEqual(results[0].record.reference, "order 7")
        XCTAssertEqual(try results[0].result.get().files.map(\.lastPathComponent), ["headshot-a-1.png"])
        XCTAssertEqual(records(), [])
    }

    func testOnlyMissingOutputsAreDownloaded() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        let magicHour = try magicHour()
        let job = try await magicHour.headshots.submit(request, options: clients.options)
        try pngBytes.write(to: clients.directory.appendingPathComponent("headshot-a-1.png"))
        try pngBytes.write(to: clients.directory.appendingPathComponent("headshot-a-1.part"))
        stubComplete("https://o.example/1", "https://o.example/2")
        mock.on("GET", "/2", response: .data(pngBytes))
        let result = try await magicHour.headshots.resume(job, options: clients.options)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["headshot-a-1.png", "headshot-a-2.png"])
        XCTAssertEqual(try clients.filesInDirectory(), ["headshot-a-1.png", "headshot-a-2.png", "jobs"])
    }

    func testDownloadContinuesFromCheckpointInAnotherProcess() async throws {
        let large = pngBytes + Data(repeating: 7, count: 20 << 20)
        let window = 8 << 20
        func part(_ range: Range<Int>) -> MockTransport.Response {
            .data(
                large[range],
                status: 206,
                headers: [
                    "Content-Range": "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(large.count)",
                    "ETag": "\"v\"",
                ]
            )
        }
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        let magicHour = try magicHour()
        try await magicHour.headshots.submit(request, options: clients.options)
        stubComplete("https://o.example/1")
        mock.on("GET", "/1", response: part(0..<window))
        mock.on("GET", "/1", response: part(window..<2 * window).broken(after: 1_000))
        mock.on("GET", "/1", times: 5, response: .status(500))
        let first = try await collect(magicHour.jobs.resumeAll())
        XCTAssertThrowsError(try first[0].result.get())
        XCTAssertEqual(records()[0].parts[1]?.bytes, Int64(window))

        stubComplete("https://o.example/1")
        mock.on("GET", "/1", response: part(window..<2 * window))
        mock.on("GET", "/1", response: part(2 * window..<large.count))
        let second = try await collect(self.magicHour().jobs.resumeAll())
        XCTAssertEqual(try Data(contentsOf: try second[0].result.get().files[0]), large)
        XCTAssertEqual(mock.requests.suffix(2).map { $0.headers["If-Range"] }, ["\"v\"", "\"v\""])
    }

    func testDownloadStartsAnewIfCheckpointIsInvalid() async throws {
        for bytes in ["-5", "-1e300", "null"] {
            mock.on("POST", create, response: .json(#"{"id":"a"}"#))
            try await magicHour().headshots.submit(request, options: clients.options)
            let name = try XCTUnwrap(
                FileManager.default.contentsOfDirectory(atPath: storeDirectory.path).first { $0.hasSuffix(".json") }
            )
            let file = storeDirectory.appendingPathComponent(name)
            let record = try String(contentsOf: file, encoding: .utf8)
            let checkpoint = #""parts" : {"1":{"bytes":\#(bytes),"validator":{"size":200,"entityTag":"\"v\""}}}"#
            let changed = record.replacingOccurrences(of: "\"parts\" : {\n\n  }", with: checkpoint)
            XCTAssertTrue(changed.contains(checkpoint), record)
            try changed.write(to: file, atomically: true, encoding: .utf8)
            try Data(count: 100).write(to: clients.directory.appendingPathComponent("headshot-a-1.part"))

            stubComplete("https://o.example/1")
            mock.on("GET", "/1", response: .data(pngBytes))
            let outcomes = try await collect(magicHour().jobs.resumeAll())
            let saved = try XCTUnwrap(outcomes.first?.result.get().files.first)
            XCTAssertEqual(try Data(contentsOf: saved), pngBytes, bytes)
            XCTAssertNil(mock.requests.last?.headers["If-Range"], bytes)
            try FileManager.default.removeItem(at: saved)
        }
    }

    func testRecordIsRemovedOnlyAfterTerminalFailure() async throws {
        let magicHour = try magicHour()
        for (response, left): (MockTransport.Response, Int) in [
            (.json(#"{"id":"a","status":"error","error":{"code":"no_source_face"}}"#), 0),
            (.json(#"{"id":"a","enabled":false}"#), 0),
            (.status(401), 1),
        ] {
            mock.on("POST", create, response: .json(#"{"id":"a"}"#))
            mock.on("GET", project, response: response)
            _ = try await failure { try await magicHour.headshots.generate(request, options: clients.options) }
            XCTAssertEqual(records().count, left)
        }
    }

    func testClaimedJobIsNotResumedByAnotherWorker() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        let magicHour = try magicHour()
        try await magicHour.headshots.submit(request)
        let record = records()[0]
        let claim = try await FileJobStore(directory: storeDirectory).claim(record.id)
        let error = try await failure { try await magicHour.jobs.resume(record) }
        XCTAssertEqual(error.code, .jobInUse)
        await claim?.release()
    }

    func testFreeJobIsNotRecorded() async throws {
        mock.on("POST", "/v1/face-detection", response: .json(#"{"id":"f"}"#))
        try await magicHour().faceDetection.submit(.init(assets: .init(targetFilePath: "api-assets/a.png")))
        XCTAssertEqual(records(), [])
    }

    func testClientWithoutStoreThrowsErrorThatNamesFileJobStore() async throws {
        let error = try await failure { try await clients.magicHour().jobs.unfinished() }
        XCTAssertEqual(error.code, .invalidConfiguration)
        XCTAssertTrue(error.description.contains("FileJobStore"), error.description)
    }
}
