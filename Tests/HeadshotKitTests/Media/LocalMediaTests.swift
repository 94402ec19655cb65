import XCTest

@testable import HeadshotKit

final class LocalMediaTests: XCTestCase {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "headshotkit-\(UUID().uuidString)"
    )

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: directory)
    }

    private func write(_ data: Data, _ name: String) throws -> MediaSource {
        let file = directory.appendingPathComponent(name)
        try data.write(to: file)
        return .file(file)
    }

    private func complaint(about source: MediaSource, as kind: MediaKind = .image) async throws -> String {
        let error = try await failure { try LocalMedia(source, as: kind) }
        XCTAssertEqual(error.code, .invalidMedia)
        return error.description
    }

    func testTheContentDecidesWhereTheNameIsWrong() throws {
        let media = try XCTUnwrap(LocalMedia(write(pngBytes, "photo.jpg"), as: .image))
        XCTAssertEqual(media.fileExtension, "png")
        XCTAssertEqual(media.mimeType, "image/png")
        XCTAssertEqual(media.size, 12)
    }

    func testTheNameDecidesAmongExtensionsOfOneFormat() throws {
        let jpeg = Data([0xff, 0xd8, 0xff, 0xe0])
        for fileExtension in ["jpg", "jpeg", "jfif"] {
            XCTAssertEqual(try LocalMedia(write(jpeg, "a.\(fileExtension)"), as: .image)?.fileExtension, fileExtension)
        }
        XCTAssertEqual(try LocalMedia(write(jpeg, "a.JPG"), as: .image)?.fileExtension, "jpg")
        XCTAssertEqual(try LocalMedia(write(jpeg, "a"), as: .image)?.fileExtension, "jpg")
        XCTAssertEqual(try LocalMedia(.data(jpeg), as: .image)?.fileExtension, "jpg")
    }

    func testTheNameDecidesWhereTheContentDoesNotTell() throws {
        let unknown = Data([0x00, 0x01, 0x02, 0x03, 0x80])
        XCTAssertEqual(try LocalMedia(write(unknown, "voice.aac"), as: .audio)?.fileExtension, "aac")
        XCTAssertEqual(try LocalMedia(.data(unknown, fileExtension: "PNG"), as: .image)?.fileExtension, "png")
    }

    func testASoundInAVideoContainerCountsAsARecording() throws {
        let mp4 = Data([0, 0, 0, 0x20] + Array("ftypisom".utf8) + [0, 0, 0, 0])
        XCTAssertEqual(try LocalMedia(write(mp4, "a.mp4"), as: .audio)?.fileExtension, "m4a")
        XCTAssertEqual(try LocalMedia(write(mp4, "a.mp4"), as: .video)?.fileExtension, "mp4")
    }

    func testWhatIsRemoteIsNotLookedAt() throws {
        XCTAssertNil(try LocalMedia("https://a.example/x.png", as: .image))
        XCTAssertNil(try LocalMedia("api-assets/id/1.png", as: .image))
    }

    func testEachMistakeHasItsOwnWords() async throws {
        let path = directory.path
        let missing = try await complaint(about: .file("\(path)/none.png"))
        XCTAssertEqual(
            missing,
            "\(path)/none.png does not exist. Check the path; it was looked for at exactly this place."
        )
        let folder = try await complaint(about: .file(path))
        XCTAssertEqual(folder, "\(path) is a folder. Name one photo in it.")
        let empty = try await complaint(about: try write(Data(), "empty.png"))
        XCTAssertEqual(empty, "\(path)/empty.png is empty. Use a file with a photo in it.")
        let text = try await complaint(about: try write(Data("hello".utf8), "me.jpg"))
        XCTAssertEqual(
            text,
            """
            \(path)/me.jpg is not a photo: it looks like text. Allowed are png, jpg, jpeg, jfif, heic, heif, webp, avif, jp2, \
            tiff, tif, bmp.
            """
        )
        let sound = try await complaint(about: try write(Data("fLaC....".utf8), "me.png"))
        XCTAssertTrue(sound.hasPrefix("\(path)/me.png is not a photo, but audio/flac."), sound)
        let pdf = try await complaint(about: try write(Data("%PDF-1.7 \u{0}".utf8), "me.png"))
        XCTAssertTrue(pdf.contains("it looks like a PDF"), pdf)
        let nothing = try await complaint(about: .data(Data()))
        XCTAssertEqual(nothing, "0 bytes in memory is empty. Use a file with a photo in it.")
        let device = try await complaint(about: .file("/dev/null"))
        XCTAssertEqual(device, "/dev/null is not a regular file. Copy it to a file first.")
    }

    func testAFileThatCannotBeMeantIsRefusedWithTheLimit() async throws {
        let file = directory.appendingPathComponent("disk.png")
        try pngBytes.write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 201 << 20)
        try handle.close()
        let words = try await complaint(about: .file(file))
        XCTAssertEqual(
            words,
            "\(file.path) is 201 MiB large, which is more than any photo should be. At most 200 MiB are allowed."
        )
    }
}
