import XCTest

@testable import HeadshotKit

final class OutputFileTests: XCTestCase {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "headshotkit-\(UUID().uuidString)"
    )

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: directory)
    }

    private func complete(
        _ bytes: Data = pngBytes,
        id: String = "abc",
        replacesExisting: Bool = false
    ) throws -> String {
        let file = OutputFile(directory: directory, stem: "headshot", id: id, number: 1)
        try bytes.write(to: file.part)
        return try file.complete(fallbackExtension: "bin", replacesExisting: replacesExisting).lastPathComponent
    }

    func testFileNameHasStemIDNumberAndExtensionOfContent() throws {
        XCTAssertEqual(try complete(), "headshot-abc-1.png")
        XCTAssertEqual(try complete(Data([0, 1, 2])), "headshot-abc-1.bin")
        XCTAssertEqual(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted(),
            ["headshot-abc-1.bin", "headshot-abc-1.png"]
        )
    }

    func testIDCannotEscapeDirectory() throws {
        XCTAssertEqual(try complete(id: "../../etc/passwd"), "headshot-------etc-passwd-c0bbbdefdfa-1.png")
        XCTAssertEqual(try complete(id: String(repeating: "x", count: 500)).count, "headshot---1.png".count + 91)
    }

    func testSimilarIDsHaveDistinctFileNames() throws {
        let long = String(repeating: "x", count: 80)
        let ids = ["job/1", "job:1", "job-1", "job 1", "jöb-1", "job\u{0}1", long, long + "a", long + "b", "", "/"]
        let names = try ids.map { try complete(id: $0) }
        XCTAssertEqual(Set(names).count, ids.count, "\(names)")
        XCTAssertEqual(names[2], "headshot-job-1-1.png")
        XCTAssertEqual(names[6], "headshot-\(long)-1.png")
        XCTAssertEqual(
            OutputFile(directory: directory, stem: "s", id: "job/1", number: 1).name,
            "s-job-1-480200e4e88-1"
        )
    }

    func testSymbolicLinkAtPartPathIsReplacedAndNotFollowed() throws {
        let target = directory.appendingPathComponent("target")
        for exists in [false, true] {
            if exists { try Data("mine".utf8).write(to: target) }
            let file = OutputFile(directory: directory, stem: "headshot", id: "l\(exists)", number: 1)
            for name in [file.part, file.base64, directory.appendingPathComponent("\(file.name).png")] {
                try FileManager.default.createSymbolicLink(at: name, withDestinationURL: target)
            }
            XCTAssertThrowsError(try OutputFile.write(pngBytes, to: file.part))
            let response = TransportResponse(status: 200)
            XCTAssertThrowsError(try FileSink(file.part, for: response))
            XCTAssertFalse(try file.shortenPart(to: 2))
            try file.discardPart()
            try OutputFile.write(pngBytes, to: file.part)
            let saved = try file.complete(fallbackExtension: "bin", replacesExisting: false)
            XCTAssertEqual(saved.lastPathComponent, "\(file.name)-2.png")
            try OutputFile.write(pngBytes, to: file.part)
            let replaced = try file.complete(fallbackExtension: "bin", replacesExisting: true)
            XCTAssertEqual(replaced.lastPathComponent, "\(file.name).png")
            XCTAssertEqual(try OutputFile.size(of: replaced), 70)
            XCTAssertEqual(FileManager.default.fileExists(atPath: target.path), exists)
        }
        XCTAssertEqual(try Data(contentsOf: target), Data("mine".utf8))
    }

    func testOnlyRecordedNameOrCompleteMediaFileIsExistingOutput() throws {
        let file = OutputFile(directory: directory, stem: "headshot", id: "e", number: 1)
        func put(_ data: Data, _ name: String) throws {
            try data.write(to: directory.appendingPathComponent(name))
        }
        try put(Data("{}".utf8), "headshot-e-1.json")
        try put(Data("notes".utf8), "headshot-e-1.md")
        try put(pngBytes.dropLast(), "headshot-e-1.jpeg")
        try put(Data(), "headshot-e-1.gif")
        try put(pngBytes, "me.png")
        try FileManager.default.createSymbolicLink(
            atPath: directory.appendingPathComponent("headshot-e-1.avif").path,
            withDestinationPath: "me.png"
        )
        XCTAssertNil(try file.existing(recorded: nil))
        XCTAssertNil(try file.existing(recorded: "me.png"))
        XCTAssertNil(try file.existing(recorded: "../headshot-e-1.png"))
        try put(pngBytes, "headshot-e-1.png")
        XCTAssertEqual(try file.existing(recorded: nil)?.lastPathComponent, "headshot-e-1.png")
        try put(Data([1, 2, 3]), "headshot-e-1-2.bin")
        XCTAssertEqual(try file.existing(recorded: "headshot-e-1-2.bin")?.lastPathComponent, "headshot-e-1-2.bin")
    }

    func testSecondDownloadOfOutputIsLockedOut() throws {
        let file = OutputFile(directory: directory, stem: "headshot", id: "c", number: 1)
        var lock = try file.lock()
        XCTAssertNotNil(lock)
        XCTAssertNil(try file.lock())
        XCTAssertNotNil(try OutputFile(directory: directory, stem: "headshot", id: "c", number: 2).lock())
        withExtendedLifetime(lock) {}
        lock = nil
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: directory.path), [])
        XCTAssertNotNil(try file.lock())
    }

    func testTakenFileNameIsNumberedAndNothingIsOverwritten() throws {
        let taken = directory.appendingPathComponent("headshot-abc-1.png")
        try Data("mine".utf8).write(to: taken)
        XCTAssertEqual(try complete(), "headshot-abc-1-2.png")
        XCTAssertEqual(try complete(), "headshot-abc-1-3.png")
        XCTAssertEqual(try Data(contentsOf: taken), Data("mine".utf8))
    }

    func testFileIsReplacedIfRequested() throws {
        let taken = directory.appendingPathComponent("headshot-abc-1.png")
        try Data("old".utf8).write(to: taken)
        XCTAssertEqual(try complete(replacesExisting: true), "headshot-abc-1.png")
        XCTAssertEqual(try Data(contentsOf: taken), pngBytes)
    }

    func testBase64IsDecodedWithAnyLineBreaksPaddingAndPrefix() throws {
        let bytes = Data((0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let file = OutputFile(directory: directory, stem: "headshot", id: "b", number: 1)
        let encodings = [
            bytes.base64EncodedString(),
            bytes.base64EncodedString(options: .lineLength76Characters),
            "data:image/png;base64," + bytes.base64EncodedString(),
            bytes.base64EncodedString().trimmingCharacters(in: ["="]),
        ]
        for encoding in encodings {
            try Data(encoding.utf8).write(to: file.base64)
            try file.decodeBase64()
            XCTAssertEqual(try Data(contentsOf: file.part), bytes)
        }
        try Data("this is not base64!".utf8).write(to: file.base64)
        XCTAssertThrowsError(try file.decodeBase64()) { XCTAssertTrue($0 is OutputFile.NotBase64) }
    }

    func testErrorNamesDirectoryThatCannotBeCreated() async throws {
        let file = directory.appendingPathComponent("file")
        try Data().write(to: file)
        let error = try await failure { try OutputFile.prepare(file.appendingPathComponent("sub")) }
        XCTAssertEqual(error.code, .fileSystem)
        XCTAssertTrue(error.description.contains(file.path), error.description)
    }
}
