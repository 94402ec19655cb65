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
        overwrite: GenerationOptions.Overwrite = .never
    ) throws -> String {
        let file = OutputFile(directory: directory, stem: "headshot", id: id, number: 1)
        try bytes.write(to: file.part)
        return try file.complete(fallbackExtension: "bin", overwrite: overwrite).lastPathComponent
    }

    func testANameIsMadeOfStemIdAndNumberWithTheExtensionOfTheContent() throws {
        XCTAssertEqual(try complete(), "headshot-abc-1.png")
        XCTAssertEqual(try complete(Data([0, 1, 2])), "headshot-abc-1.bin")
        XCTAssertEqual(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted(),
            ["headshot-abc-1.bin", "headshot-abc-1.png"]
        )
    }

    func testAnIdCannotLeaveTheFolder() throws {
        XCTAssertEqual(try complete(id: "../../etc/passwd"), "headshot-------etc-passwd-1.png")
        XCTAssertEqual(try complete(id: String(repeating: "x", count: 500)).count, "headshot--1.png".count + 80)
    }

    func testATakenNameGetsANumberAndNothingIsOverwritten() throws {
        let taken = directory.appendingPathComponent("headshot-abc-1.png")
        try Data("mine".utf8).write(to: taken)
        XCTAssertEqual(try complete(), "headshot-abc-1-2.png")
        XCTAssertEqual(try complete(), "headshot-abc-1-3.png")
        XCTAssertEqual(try Data(contentsOf: taken), Data("mine".utf8))
    }

    func testAFileIsReplacedWhenAsked() throws {
        let taken = directory.appendingPathComponent("headshot-abc-1.png")
        try Data("old".utf8).write(to: taken)
        XCTAssertEqual(try complete(overwrite: .replace), "headshot-abc-1.png")
        XCTAssertEqual(try Data(contentsOf: taken), pngBytes)
    }

    func testBase64IsDecodedWhateverItsLinesPaddingAndPrefix() throws {
        let bytes = Data((0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let file = OutputFile(directory: directory, stem: "headshot", id: "b", number: 1)
        let forms = [
            bytes.base64EncodedString(),
            bytes.base64EncodedString(options: .lineLength76Characters),
            "data:image/png;base64," + bytes.base64EncodedString(),
            bytes.base64EncodedString().trimmingCharacters(in: ["="]),
        ]
        for form in forms {
            try Data(form.utf8).write(to: file.base64)
            try file.decodeBase64()
            XCTAssertEqual(try Data(contentsOf: file.part), bytes)
        }
        try Data("this is not base64!".utf8).write(to: file.base64)
        XCTAssertThrowsError(try file.decodeBase64()) { XCTAssertTrue($0 is OutputFile.NotBase64) }
    }

    func testAFolderThatCannotBeMadeIsReportedWithItsPath() async throws {
        let file = directory.appendingPathComponent("file")
        try Data().write(to: file)
        let error = try await failure { try OutputFile.prepare(file.appendingPathComponent("sub")) }
        XCTAssertEqual(error.code, .file)
        XCTAssertTrue(error.description.contains(file.path), error.description)
    }
}
