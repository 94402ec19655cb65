import XCTest

@testable import HeadshotKit

final class FileJobStoreTests: XCTestCase {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "headshotkit-\(UUID().uuidString)"
    )

    override func tearDownWithError() throws {
        if FileManager.default.fileExists(atPath: directory.path) { try FileManager.default.removeItem(at: directory) }
    }

    private func record(_ prompt: String = "x") -> JobRecord {
        JobRecord(
            service: .magicHour,
            operation: "ai-headshot-generator",
            request: .object(["prompt": .string(prompt)]),
            directory: URL(fileURLWithPath: "/outputs")
        )
    }

    /// Returns the names of the files in the directory, without the index.
    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { !$0.hasSuffix(".job") }.sorted()
    }

    func testRecordIsSavedReplacedAndRemoved() async throws {
        let store = try FileJobStore(directory: directory)
        var record = record()
        try await store.save(record)
        record.state = .accepted
        record.job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "a", creditsCharged: 50)
        record.files[1] = "headshot-a-1.png"
        record.parts[2] = JobRecord.DownloadCheckpoint(bytes: 7, validator: .init(entityTag: "\"v\"", size: 9))
        try await store.save(record)
        try await assertEqual(await FileJobStore(directory: directory).records(), [record])
        XCTAssertEqual(try names(), ["\(record.id.uuidString).json"])
        try await store.remove(record.id)
        try await store.remove(record.id)
        try await assertEqual(await store.records(), [])
        XCTAssertEqual(try names(), [])
    }

    func testRecordIsReadableOnlyByOwner() async throws {
        let store = try FileJobStore(directory: directory)
        try await store.save(record())
        for path in [directory.path, directory.appendingPathComponent(try names()[0]).path] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            XCTAssertEqual((mode ?? 0) & 0o077, 0, path)
        }
    }

    func testUnreadableFileIsQuarantinedAndReported() async throws {
        let store = try FileJobStore(directory: directory)
        let good = record()
        try await store.save(good)
        var future = record()
        future.version = JobRecord.currentVersion + 1
        let newer = directory.appendingPathComponent("\(future.id.uuidString).json")
        try JSONEncoder().encode(future).write(to: newer)
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("directory.json"),
            withIntermediateDirectories: true
        )
        try Data(#"{"version":1,"#.utf8).write(to: directory.appendingPathComponent("half.json"))
        try JSONEncoder().encode(good).write(to: directory.appendingPathComponent("copy.json"))
        try Data("note".utf8).write(to: directory.appendingPathComponent("README"))

        try await assertEqual(await store.records(), [good])
        let quarantined = try await store.quarantinedFiles()
        let isNewer = "a newer HeadshotKit wrote it; update to finish its job"
        XCTAssertEqual(
            Dictionary(quarantined.map { ($0.file.lastPathComponent, $0.reason) }, uniquingKeysWith: { $1 }),
            [
                "half.json.quarantined": "it is not the JSON of a job",
                "copy.json.quarantined": "its name is not that of the job in it",
                "directory.json": "it cannot be read: Is a directory",
                newer.lastPathComponent: isNewer,
            ]
        )
        let again = try await store.quarantinedFiles()
        XCTAssertEqual(again, quarantined, "A quarantined file is reported until it is removed.")
        try await assertEqual(await store.record(good.id), good)
        try await assertEqual(await store.record(UUID()), nil)
        let error = try await failure { try await store.record(future.id) }
        XCTAssertEqual(error.code, .fileSystem)
        XCTAssertEqual(error.message, "\(newer.path) cannot be used: \(isNewer).")
        XCTAssertTrue(try names().contains("README"), "An unrelated file is kept.")
    }

    func testOldOrNewRecordRemainsAfterPowerLossAtAnyStep() async throws {
        let store = try FileJobStore(directory: directory)
        for count in 0...AtomicFileWriter.Step.allCases.count {
            let old = record("old")
            try await store.save(old)
            var new = old
            new.state = .accepted
            let file = directory.appendingPathComponent("\(old.id.uuidString).json")
            let write = AtomicFileWriter(try JSONEncoder().encode(new), to: file)
            let steps = AtomicFileWriter.Step.allCases.prefix(count)
            for step in steps { try write.perform(step) }
            // Power is lost here. Contents that were not synced may be missing or incomplete.
            if steps.contains(.writeTemporary), !steps.contains(.syncTemporary) {
                for length in [0, 1, write.contents.count / 2] {
                    try write.contents.prefix(length).write(to: write.temporary)
                    try await assertEqual(await store.records(), [old])
                }
            }
            try await assertEqual(await store.records(), [steps.contains(.rename) ? new : old], "after \(count) steps")
            try await assertEqual(await store.quarantinedFiles(), [])
            try await store.remove(old.id)
            if FileManager.default.fileExists(atPath: write.temporary.path) {
                try FileManager.default.removeItem(at: write.temporary)
            }
        }
    }

    func testContentsAreSyncedBeforeRenameAndDirectoryBeforeReturn() {
        XCTAssertEqual(AtomicFileWriter.Step.allCases, [.writeTemporary, .syncTemporary, .rename, .syncDirectory])
    }

    func testOnlyOldTemporaryFileIsRemoved() async throws {
        let store = try FileJobStore(directory: directory)
        func temporary() -> URL {
            AtomicFileWriter(Data(), to: directory.appendingPathComponent("\(UUID()).json")).temporary
        }
        let (old, new) = (temporary(), temporary())
        for file in [old, new] { try Data().write(to: file) }
        let another = directory.appendingPathComponent(".unrelated.tmp")
        try FileManager.default.createDirectory(at: another, withIntermediateDirectories: true)
        for file in [old, another] {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -7_200)],
                ofItemAtPath: file.path
            )
        }
        _ = try await store.records()
        XCTAssertEqual(try names(), [new.lastPathComponent, another.lastPathComponent].sorted())
    }

    func testClaimedJobCannotBeClaimedAgainBeforeRelease() async throws {
        let id = UUID()
        let first = try await unwrap(await FileJobStore(directory: directory).claim(id))
        try await assertEqual(await FileJobStore(directory: directory).claim(id) == nil, true)
        try await assertEqual(await FileJobStore(directory: directory).claim(UUID()) == nil, false)
        await first.release()
        try await assertEqual(await FileJobStore(directory: directory).claim(id) == nil, false)
    }

    func testOldLockIsRemovedOnlyWhenItIsReleased() async throws {
        let store = try FileJobStore(directory: directory)
        // The claim on a reference has no record.
        let id = UUID()
        let claim = try await unwrap(await store.claim(id))
        let lock = directory.appendingPathComponent("\(id).lock").path
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -7_200)],
            ofItemAtPath: lock
        )
        _ = try await store.records()
        XCTAssertTrue(FileManager.default.fileExists(atPath: lock))
        try await assertEqual(await store.claim(id) == nil, true)
        await claim.release()
        _ = try await store.records()
        XCTAssertFalse(FileManager.default.fileExists(atPath: lock))
    }

    func testLockOnRemovedFileDoesNotKeepOthersOut() async throws {
        let store = try FileJobStore(directory: directory)
        let id = UUID()
        let stale = try await unwrap(await store.claim(id))
        try FileManager.default.removeItem(at: directory.appendingPathComponent("\(id).lock"))
        let claim = try await unwrap(await store.claim(id))
        await stale.release()
        try await assertEqual(await store.claim(id) == nil, true)
        await claim.release()
    }

    func testReleasedClaimLeavesNoFile() async throws {
        let store = try FileJobStore(directory: directory)
        let claim = try await unwrap(await store.claim(UUID()))
        await claim.release()
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: directory.path), [])
    }

    func testRemovalOfFilesOfReleasedLocksLetsNoTwoOwnersIn() throws {
        _ = try FileJobStore(directory: directory)
        let file = directory.appendingPathComponent("x.lock")
        let (owners, counts) = (Locked(0), Locked((acquired: 0, most: 0)))
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<2_000 {
                do {
                    guard let lock = try FileLock(file) else { continue }
                    let count = owners.withLock { owners -> Int in
                        owners += 1
                        return owners
                    }
                    counts.withLock { $0 = ($0.acquired + 1, max($0.most, count)) }
                    owners.withLock { $0 -= 1 }
                    lock.release()
                } catch {
                    XCTFail("\(error)")
                }
            }
        }
        XCTAssertEqual(counts.withLock { $0.most }, 1)
        XCTAssertGreaterThan(counts.withLock { $0.acquired }, 100)
    }

    /// The cooperative pool has one thread for each processor, and every task needs them.
    func testBlockedDiskLeavesTheCooperativePoolFree() async throws {
        let store = try FileJobStore(directory: directory)
        let (started, end) = (Locked(0), DispatchSemaphore(value: 0))
        let operations = (0..<4).map { _ in
            Task {
                try await store.onDisk {
                    started.withLock { $0 += 1 }
                    return end.wait(timeout: .now() + 60) == .success
                }
            }
        }
        // On a blocked pool, this test continues only after all operations have timed out.
        try await eventually(started.withLock { $0 } == operations.count)
        for _ in operations { end.signal() }
        for operation in operations {
            let isUnblocked = try await operation.value
            XCTAssertTrue(isUnblocked)
        }
    }

    func testErrorIsThrownWhenDirectoryCannotBeCreated() async throws {
        let error = try await failure { try FileJobStore(directory: URL(fileURLWithPath: "/dev/null/jobs")) }
        XCTAssertEqual(error.code, .fileSystem)
        XCTAssertTrue(error.description.contains("/dev/null/jobs"), error.description)
    }

    func testPagesAreInOrderOfCreation() async throws {
        let store = try FileJobStore(directory: directory)
        let records = (0..<25).map { record("\($0)") }
        for record in records.shuffled() { try await store.save(record) }
        XCTAssertEqual(records.map(\.id.uuidString), records.map(\.id.uuidString).sorted(), "Ids increase over time.")
        var pages: [[JobRecord]] = []
        while pages.isEmpty || pages.last?.isEmpty == false {
            pages.append(try await store.records(after: pages.last?.last?.id, limit: 10))
        }
        XCTAssertEqual(pages, [Array(records[..<10]), Array(records[10..<20]), Array(records[20...]), []])
        try await assertEqual(await store.records(after: nil, limit: 0), [])
        try await assertEqual(await store.records(after: nil, limit: -1), [])
    }
}
