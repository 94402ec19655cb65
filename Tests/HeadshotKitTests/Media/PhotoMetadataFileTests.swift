import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class PhotoMetadataFileTests: XCTestCase {
    private var directory = URL(fileURLWithPath: "/")

    override func setUpWithError() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: directory) }

    private func file(_ name: String) -> URL { directory.appendingPathComponent(name) }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    private func assertFails(
        _ code: HeadshotKitError.Code,
        _ text: String,
        line: UInt = #line,
        _ body: () throws -> Void
    ) {
        XCTAssertThrowsError(try body(), line: line) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.code, code, "\(error)", line: line)
            XCTAssertTrue("\(error)".contains(text), "\(error)", line: line)
        }
    }

    func testFileIsWrittenAsFromMemoryAndOriginalStays() throws {
        for photo in [PhotoSample.privateJPEG(), PhotoSample.privateGIF(), HEIFSample().data] {
            let (original, destination) = (file("a"), file("b"))
            try photo.write(to: original)
            try PhotoMetadata.remove(from: original, to: destination)
            XCTAssertEqual(try Data(contentsOf: destination), try PhotoMetadata.remove(from: photo))
            XCTAssertEqual(try Data(contentsOf: original), photo)
            XCTAssertEqual(try names(), ["a", "b"])
            try FileManager.default.removeItem(at: destination)
        }
    }

    func testPermissionsAreThoseOfTheOriginal() throws {
        try PhotoSample.jpeg().write(to: file("a"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file("a").path)
        try PhotoMetadata.remove(from: file("a"), to: file("b"))
        let attributes = try FileManager.default.attributesOfItem(atPath: file("b").path)
        XCTAssertEqual(attributes[.posixPermissions] as? Int, 0o600)
    }

    func testExistingDestinationIsNotReplaced() throws {
        try PhotoSample.jpeg().write(to: file("a"))
        try Data("mine".utf8).write(to: file("b"))
        assertFails(.fileSystem, "b already exists. Remove it, or choose another name.") {
            try PhotoMetadata.remove(from: file("a"), to: file("b"))
        }
        XCTAssertEqual(try Data(contentsOf: file("b")), Data("mine".utf8))
        XCTAssertEqual(try names(), ["a", "b"])
    }

    func testOriginalIsNotReplacedByItself() throws {
        try PhotoSample.privateJPEG().write(to: file("a"))
        assertFails(.fileSystem, "a already exists.") { try PhotoMetadata.remove(from: file("a"), to: file("a")) }
        XCTAssertEqual(try Data(contentsOf: file("a")), PhotoSample.privateJPEG())
    }

    func testRejectedPhotoLeavesNoFile() throws {
        try PhotoSample.privateJPEG().dropLast(20).write(to: file("a"))
        assertFails(.invalidMedia, "/a cannot be removed: the file is truncated.") {
            try PhotoMetadata.remove(from: file("a"), to: file("b"))
        }
        XCTAssertEqual(try names(), ["a"])
    }

    func testMissingFileAndDirectoryAreReported() throws {
        assertFails(.invalidMedia, "does not exist.") { try PhotoMetadata.remove(from: file("a"), to: file("b")) }
        try PhotoSample.jpeg().write(to: file("a"))
        assertFails(.fileSystem, "Choose another directory.") {
            try PhotoMetadata.remove(from: file("a"), to: file("c/b"))
        }
    }

    func testLargeFileIsCopiedInBoundedChunks() throws {
        let handle = try create(
            file("a"),
            Data([0xff, 0xd8] + PhotoSample.tables + PhotoSample.frame + PhotoSample.scan)
        )
        // The hole in the file is scan data.
        let size: UInt64 = 64 << 20
        try handle.truncate(atOffset: size)
        try handle.seek(toOffset: size)
        try handle.write(contentsOf: Data(PhotoSample.segment(0xfe, "SECRET") + [0xff, 0xd9]))
        try handle.close()
        try PhotoMetadata.remove(from: file("a"), to: file("b"))
        XCTAssertEqual(file("b").fileSize, Int64(size) + 2)

        let bytes = try MediaBytes(file("a"))
        let rewrite = try PhotoMetadataRewrite(of: bytes)
        XCTAssertEqual(rewrite.pieces.count, 2)
        var largest = 0
        try rewrite.forEachChunk(of: bytes) { largest = max(largest, $0.count) }
        XCTAssertEqual(largest, 1 << 18)
    }

    private func create(_ file: URL, _ data: Data) throws -> FileHandle {
        try data.write(to: file)
        let handle = try FileHandle(forUpdating: file)
        try handle.seekToEnd()
        return handle
    }

    /// Removes the metadata of every file in a directory. `scripts/check-photo-metadata` sets the directory and inspects the results.
    func testEveryFileOfADirectoryIsProcessed() throws {
        let chosen = ProcessInfo.processInfo.environment["HEADSHOT_PHOTOS"]
        if chosen == nil { try SampleMedia.landscapePNG().write(to: file("hills.png")) }
        let photos = chosen.map { URL(fileURLWithPath: $0) } ?? directory
        for name in try FileManager.default.contentsOfDirectory(atPath: photos.path).sorted()
        where !name.hasPrefix("clean-") {
            let destination = photos.appendingPathComponent("clean-\(name)")
            XCTAssertNoThrow(try PhotoMetadata.remove(from: photos.appendingPathComponent(name), to: destination), name)
        }
        guard chosen == nil else { return }
        // The text chunk of the landscape is its only metadata.
        XCTAssertNotNil(try Data(contentsOf: file("hills.png")).range(of: Data("no-face".utf8)))
        XCTAssertNil(try Data(contentsOf: file("clean-hills.png")).range(of: Data("no-face".utf8)))
    }
}
