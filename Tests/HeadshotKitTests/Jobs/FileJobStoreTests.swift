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

    func testRecordIsSavedReplacedAndRemoved() throws {
        let store = try FileJobStore(directory: directory)
        var record = record()
        try store.save(record)
        record.state = .accepted
        record.job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "a", creditsCharged: 50)
        record.files[1] = "headshot-a-1.png"
        record.parts[2] = JobRecord.DownloadCheckpoint(bytes: 7, validator: .init(entityTag: "\"v\"", size: 9))
        try store.save(record)
        XCTAssertEqual(try FileJobStore(directory: directory).contents().records, [record])
        XCTAssertEqual(try names(), ["\(record.id.uuidString).json"])
        try store.remove(record.id)
        try store.remove(record.id)
        XCTAssertEqual(try store.contents().records, [])
        XCTAssertEqual(try names(), [])
    }

    func testRecordIsReadableOnlyByOwner() throws {
        let store = try FileJobStore(directory: directory)
        try store.save(record())
        for path in [directory.path, directory.appendingPathComponent(try names()[0]).path] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            XCTAssertEqual((mode ?? 0) & 0o077, 0, path)
        }
    }

    func testUnreadableFileIsQuarantinedAndReported() throws {
        let store = try FileJobStore(directory: directory)
        let good = record()
        try store.save(good)
        var future = record()
        future.version = 3
        let newer = directory.appendingPathComponent("\(future.id.uuidString).json")
        try JSONEncoder().encode(future).write(to: newer)
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("directory.json"),
            withIntermediateDirectories: true
        )
        try Data(#"{"version":1,"#.utf8).write(to: directory.appendingPathComponent("half.json"))
        try JSONEncoder().encode(good).write(to: directory.appendingPathComponent("copy.json"))
        try Data("note".utf8).write(to: directory.appendingPathComponent("README"))

        let contents = try store.contents()
        XCTAssertEqual(contents.records, [good])
        let isNewer = "a newer HeadshotKit wrote it; update to finish its job"
        XCTAssertEqual(
            Dictionary(contents.quarantined.map { ($0.file.lastPathComponent, $0.reason) }, uniquingKeysWith: { $1 }),
            [
                "half.json.set-aside": "it is not the JSON of a job",
                "copy.json.set-aside": "its name is not that of the job in it",
                "directory.json": "it cannot be read: Is a directory",
                newer.lastPathComponent: isNewer,
            ]
        )
        XCTAssertEqual(
            try store.contents().quarantined.map(\.file.lastPathComponent).sorted(),
            [newer.lastPathComponent, "directory.json"].sorted(),
            "A quarantined file is reported once."
        )
        XCTAssertEqual(try store.record(good.id), good)
        XCTAssertNil(try store.record(UUID()))
        XCTAssertThrowsError(try store.record(future.id)) { error in
            let error = error as? HeadshotKitError
            XCTAssertEqual(error?.code, .fileSystem)
            XCTAssertEqual(error?.message, "\(newer.path) cannot be used: \(isNewer).")
        }
        XCTAssertTrue(try names().contains("README"), "An unrelated file is kept.")
    }

    func testOldOrNewRecordRemainsAfterPowerLossAtAnyStep() throws {
        let store = try FileJobStore(directory: directory)
        for count in 0...AtomicFileWriter.Step.allCases.count {
            let old = record("old")
            try store.save(old)
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
                    XCTAssertEqual(try store.contents().records, [old])
                }
            }
            let read = try store.contents()
            XCTAssertEqual(read.records, [steps.contains(.rename) ? new : old], "after \(count) steps")
            XCTAssertEqual(read.quarantined, [])
            try store.remove(old.id)
            if FileManager.default.fileExists(atPath: write.temporary.path) {
                try FileManager.default.removeItem(at: write.temporary)
            }
        }
    }

    func testContentsAreSyncedBeforeRenameAndDirectoryBeforeReturn() {
        XCTAssertEqual(AtomicFileWriter.Step.allCases, [.writeTemporary, .syncTemporary, .rename, .syncDirectory])
    }

    func testOnlyOldTemporaryFileIsRemoved() throws {
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
        _ = try store.contents()
        XCTAssertEqual(try names(), [new.lastPathComponent, another.lastPathComponent].sorted())
    }

    func testClaimedJobCannotBeClaimedAgainBeforeRelease() throws {
        let id = UUID()
        let first = try XCTUnwrap(FileJobStore(directory: directory).claim(id))
        XCTAssertNil(try FileJobStore(directory: directory).claim(id))
        XCTAssertNotNil(try FileJobStore(directory: directory).claim(UUID()))
        first.release()
        XCTAssertNotNil(try FileJobStore(directory: directory).claim(id))
    }

    func testErrorIsThrownWhenDirectoryCannotBeCreated() async throws {
        let error = try await failure { try FileJobStore(directory: URL(fileURLWithPath: "/dev/null/jobs")) }
        XCTAssertEqual(error.code, .fileSystem)
        XCTAssertTrue(error.description.contains("/dev/null/jobs"), error.description)
    }
}
