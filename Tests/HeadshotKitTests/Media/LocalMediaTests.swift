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

    private func errorDescription(for source: MediaSource, as kind: MediaKind = .image) async throws -> String {
        let error = try await failure { try LocalMedia(source, as: kind) }
        XCTAssertEqual(error.code, .invalidMedia)
        return error.description
    }

    func testContentDeterminesExtensionWhenFileNameIsWrong() throws {
        let media = try XCTUnwrap(LocalMedia(write(pngBytes, "photo.jpg"), as: .image))
        XCTAssertEqual(media.fileExtension, "png")
        XCTAssertEqual(media.mimeType, "image/png")
        XCTAssertEqual(media.size, 70)
    }

    func testFileNameDeterminesExtensionWithinOneFormat() throws {
        let jpeg = Data(WholeFiles.jpeg)
        for fileExtension in ["jpg", "jpeg", "jfif"] {
            XCTAssertEqual(try LocalMedia(write(jpeg, "a.\(fileExtension)"), as: .image)?.fileExtension, fileExtension)
        }
        XCTAssertEqual(try LocalMedia(write(jpeg, "a.JPG"), as: .image)?.fileExtension, "jpg")
        XCTAssertEqual(try LocalMedia(write(jpeg, "a"), as: .image)?.fileExtension, "jpg")
        XCTAssertEqual(try LocalMedia(.data(jpeg), as: .image)?.fileExtension, "jpg")
    }

    func testUnknownContentIsRejectedDespiteAllowedExtension() async throws {
        let unknown = Data([0x00, 0x01, 0x02, 0x03, 0x80])
        let sound = try await errorDescription(for: try write(unknown, "voice.aac"), as: .audio)
        XCTAssertTrue(sound.contains("is not a recording: its format is unknown."), sound)
        let photo = try await errorDescription(for: .data(unknown, fileExtension: "PNG"))
        XCTAssertTrue(photo.contains("is not a photo: its format is unknown."), photo)
    }

    func testAudioInVideoContainerIsAcceptedAsRecording() throws {
        let mp4 = WholeFiles["mp4"]
        XCTAssertEqual(try LocalMedia(write(mp4, "a.mp4"), as: .audio)?.fileExtension, "m4a")
        XCTAssertEqual(try LocalMedia(write(mp4, "a.mp4"), as: .video)?.fileExtension, "mp4")
    }

    func testRemoteMediaIsNotInspected() throws {
        XCTAssertNil(try LocalMedia("https://a.example/x.png", as: .image))
        XCTAssertNil(try LocalMedia("api-assets/id/1.png", as: .image))
    }

    func testEachProblemHasItsOwnErrorMessage() async throws {
        let path = directory.path
        let missing = try await errorDescription(for: .file("\(path)/none.png"))
        XCTAssertEqual(
            missing,
            "\(path)/none.png does not exist. Check the path."
        )
        let directory = try await errorDescription(for: .file(path))
        XCTAssertEqual(directory, "\(path) is a directory. Choose one photo in the directory.")
        let empty = try await errorDescription(for: try write(Data(), "empty.png"))
        XCTAssertEqual(empty, "\(path)/empty.png is empty. Use a file with a photo in it.")
        let text = try await errorDescription(for: try write(Data("hello".utf8), "me.jpg"))
        XCTAssertEqual(
            text,
            """
            \(path)/me.jpg is not a photo: it looks like text. Use one of these formats: png, jpg, jpeg, jfif, heic, heif, webp, \
            avif, jp2, tiff, tif, bmp.
            """
        )
        let sound = try await errorDescription(for: try write(Data("fLaC....".utf8), "me.png"))
        XCTAssertTrue(sound.hasPrefix("\(path)/me.png is not a photo, but audio/flac."), sound)
        let pdf = try await errorDescription(for: try write(Data("%PDF-1.7 \u{0}".utf8), "me.png"))
        XCTAssertTrue(pdf.contains("it looks like a PDF"), pdf)
        let nothing = try await errorDescription(for: .data(Data()))
        XCTAssertEqual(nothing, "0 bytes in memory is empty. Use a file with a photo in it.")
        let device = try await errorDescription(for: .file("/dev/null"))
        XCTAssertEqual(device, "/dev/null is not a regular file. Copy it to a file first.")
    }

    func testFileAboveSizeLimitIsRejected() async throws {
        let file = directory.appendingPathComponent("disk.png")
        try pngBytes.write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 201 << 20)
        try handle.close()
        let message = try await errorDescription(for: .file(file))
        XCTAssertEqual(
            message,
            "\(file.path) is 201 MiB large, which is more than any photo should be. At most 200 MiB are allowed."
        )
    }

    func testEveryCompleteFileIsAcceptedByItsKind() throws {
        for (fileExtension, kind, bytes) in WholeFiles.all where kind != "none" {
            let media = try LocalMedia(write(Data(bytes), "a.\(fileExtension)"), as: MediaKind(rawValue: kind))
            XCTAssertEqual(media?.fileExtension, fileExtension)
        }
    }

    func testFilePrefixesDoNotTrapAndHeaderAloneIsRejected() async throws {
        for (fileExtension, kind, bytes) in WholeFiles.all where kind != "none" {
            for count in 1..<bytes.count {
                let source = MediaSource.data(Data(bytes.prefix(count)), fileExtension: fileExtension)
                do { _ = try LocalMedia(source, as: MediaKind(rawValue: kind)) } catch let error as HeadshotKitError {
                    XCTAssertEqual(error.code, .invalidMedia)
                }
            }
            let short = MediaSource.data(Data(bytes.prefix(15)), fileExtension: fileExtension)
            _ = try await errorDescription(for: short, as: MediaKind(rawValue: kind))
        }
    }

    func testFtypWithoutBrandIsInvalidMedia() async throws {
        for count in 8...15 {
            let bytes = Data(([0, 0, 0, 0x18] + Array("ftypheicmif1".utf8)).prefix(count))
            _ = try await errorDescription(for: .data(bytes, fileExtension: "heic"))
            _ = try await errorDescription(for: try write(bytes, "a.mp4"), as: .video)
        }
    }

    func testFLACAfterID3TagIsFLAC() throws {
        for length in [0, 10, 5_000, 100_000] {
            let size = [length >> 21 & 0x7f, length >> 14 & 0x7f, length >> 7 & 0x7f, length & 0x7f].map { UInt8($0) }
            let tag = Array("ID3".utf8) + [4, 0, 0] + size + [UInt8](repeating: 0, count: length)
            let media = try LocalMedia(write(Data(tag) + WholeFiles["flac"], "a\(length).mp3"), as: .audio)
            XCTAssertEqual(media?.fileExtension, "flac")
            XCTAssertEqual(media?.mimeType, "audio/flac")
        }
    }

    func testCameraRawIsRejectedWithAdviceUnderAnyFileName() async throws {
        let strips: [(UInt16, UInt16, UInt32, UInt32)] = [(0x111, 4, 1, 62), (0x117, 4, 1, 32)]
        let files: [[UInt8]] = [
            WholeFiles.tiff(entries: strips + [(0xc612, 1, 4, 0x401)]),
            WholeFiles.tiff(entries: strips + [(0x103, 3, 1, 34_713)]),
            WholeFiles.tiff(entries: strips + [(0x106, 3, 1, 32_803)]),
            WholeFiles.tiff(entries: [(0xfe, 4, 1, 1), (0x10f, 2, 4, 0), (0x14a, 4, 1, 8)] + strips),
            [0x49, 0x49, 0x2a, 0, 0x10, 0, 0, 0] + Array("CR".utf8) + [2, 0] + WholeFiles.filler(99),
            Array("IIRO".utf8) + WholeFiles.filler(99),
            Array("IIU".utf8) + [0] + WholeFiles.filler(99),
            Array("FUJIFILMCCD-RAW 0201".utf8) + WholeFiles.filler(99),
            [0, 0, 0, 24] + Array("ftypcrx ".utf8) + WholeFiles.filler(99),
        ]
        for (index, bytes) in files.enumerated() {
            for name in ["a.tiff", "a.jpg", "a.dng", "a"] {
                let message = try await errorDescription(for: try write(Data(bytes) + Data(count: 40), name))
                XCTAssertTrue(message.contains("camera's raw photo. Export it"), "\(index) \(message)")
            }
        }
        for name in ["a.nef", "a.arw", "a.CR2", "a.dng"] {
            let message = try await errorDescription(for: try write(WholeFiles["tiff"], name))
            XCTAssertTrue(message.contains("camera's raw photo"), message)
        }
    }

    func testContentThatIsNotImageIsRejectedUnderAnyFileName() async throws {
        let page = Data("<!DOCTYPE html><html>Not found</html>".utf8)
        let files: [(String, [UInt8], String)] = [
            ("._me.jpg", [0, 5, 0x16, 7, 0, 2, 0, 0] + WholeFiles.filler(99), "AppleDouble"),
            ("zeros.jpg", [UInt8](repeating: 0, count: 5_000), "contains only zeros"),
            ("cloud.png", Array("bplist00".utf8) + [0xd1] + WholeFiles.filler(99), "iCloud"),
            ("http.jpg", Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + WholeFiles.jpeg, "text"),
            ("cut.jpg", [0xff, 0xd8, 0xff], "is truncated or damaged. It begins as image/"),
            ("cut.png", Array(pngBytes.prefix(37)), "is truncated or damaged. It begins as image/"),
            ("ls.jpg", [0xff, 0xd8, 0xff, 0xf7] + WholeFiles.filler(99), "JPEG-LS"),
            ("page.heic", [UInt8](page), "a web page"),
            ("mark.jpg", [0xef, 0xbb, 0xbf] + [UInt8](page), "a web page"),
            ("wide.png", Array("not a photo".utf16).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }, "text"),
            ("latin.jpg", Array("caf".utf8) + [0xe9, 0x20, 0xe0], "text"),
        ]
        for (name, bytes, expected) in files {
            let message = try await errorDescription(for: try write(Data(bytes), name))
            XCTAssertTrue(message.contains(expected), "\(name): \(message)")
        }
        let film = try await errorDescription(for: try write(Data(WholeFiles.webm("matroska")), "a.webm"), as: .video)
        XCTAssertTrue(film.contains("Matroska"), film)
    }

    func testSymbolicLinksAreFollowedToRegularFile() async throws {
        _ = try write(pngBytes, "me.png")
        let link = directory.appendingPathComponent("link.png")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "me.png")
        let second = directory.appendingPathComponent("second")
        try FileManager.default.createSymbolicLink(at: second, withDestinationURL: link)
        for source in [link, second] {
            let media = try XCTUnwrap(LocalMedia(.file(source), as: .image))
            XCTAssertEqual(media.size, 70)
            XCTAssertEqual(media.source, .file(directory.resolvingSymlinksInPath().appendingPathComponent("me.png")))
        }
        let device = directory.appendingPathComponent("device.png")
        try FileManager.default.createSymbolicLink(atPath: device.path, withDestinationPath: "/dev/null")
        let message = try await errorDescription(for: .file(device))
        XCTAssertTrue(message.contains("is not a regular file. Copy it to a file first."), message)
        let dangling = directory.appendingPathComponent("dangling.png")
        try FileManager.default.createSymbolicLink(atPath: dangling.path, withDestinationPath: "nowhere")
        let missing = try await errorDescription(for: .file(dangling))
        XCTAssertTrue(missing.contains("does not exist"), missing)
    }

    func testGrownShrunkOrReplacedFileIsChanged() async throws {
        for change in ["grow", "shrink", "replace"] {
            let source = try write(pngBytes, "me.png")
            let media = try XCTUnwrap(LocalMedia(source, as: .image))
            try media.checkUnchanged()
            let file = directory.appendingPathComponent("me.png")
            switch change {
            case "grow": try (pngBytes + Data([1])).write(to: file)
            case "shrink": try pngBytes.dropLast().write(to: file)
            default:
                try pngBytes.write(to: file, options: .atomic)
            }
            let error = try await failure { try media.checkUnchanged() }
            XCTAssertEqual(error.code, .invalidMedia)
            XCTAssertTrue(error.description.contains("changed while it was being uploaded"), error.description)
        }
    }
}
