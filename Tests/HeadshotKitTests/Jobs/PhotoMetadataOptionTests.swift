import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// `options.photoMetadata`: what is sent, what is rejected, and what stays on disk.
final class PhotoMetadataOptionTests: MockTestCase {
    private let headshot = "/v1/ai-headshot-generator"
    private let created = MockTransport.Response.json(#"{"id":"a","credits_charged":50}"#)
    /// Scan data that no other test has, to recognize the copies of this test in the temporary directory.
    private let pixels = Array(UUID().uuidString.utf8)

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: clients.directory, withIntermediateDirectories: true)
    }

    private var options: GenerationOptions {
        var options = clients.options
        options.photoMetadata = .remove
        return options
    }

    private var image: [UInt8] {
        PhotoSample.tables + PhotoSample.frame + PhotoSample.segment(0xda, [1, 1, 0, 0, 63, 0]) + pixels + [0xff, 0xd9]
    }

    /// A photo with an orientation and private metadata.
    private var photo: Data {
        let camera = PhotoSample.exifSegment(PhotoSample.exif(6)) + PhotoSample.segment(0xfe, "SECRET")
        return Data([0xff, 0xd8] + camera + image + Array("SECRET".utf8))
    }

    /// The same photo with nothing but its orientation.
    private var cleanPhoto: Data {
        Data([0xff, 0xd8] + PhotoSample.exifSegment(PhotoSample.orientationExif(6)) + image)
    }

    private func write(_ data: Data, _ name: String = "me.jpeg") throws -> MediaSource {
        let file = clients.directory.appendingPathComponent(name)
        try data.write(to: file)
        return .file(file)
    }

    private func stubUploads(_ extensions: String..., put: MockTransport.Response = .status(200)) {
        let items = extensions.indices.map {
            #"{"upload_url":"https://s.example/\#($0)","file_path":"api-assets/\#($0)"}"#
        }
        mock.on("POST", "/v1/files/upload-urls", response: .json(#"{"items":[\#(items.joined(separator: ","))]}"#))
        for index in extensions.indices { mock.on("PUT", "/\(index)", response: put) }
    }

    private func submit(_ photo: MediaSource, _ options: GenerationOptions? = nil) async throws -> JobHandle {
        try await clients.magicHour().headshots.submit(.init(photo: photo), options: options ?? self.options)
    }

    // MARK: What is sent

    func testPhotoIsKeptByDefault() async throws {
        stubUploads("jpeg")
        mock.on("POST", headshot, response: created)
        _ = try await submit(write(photo), clients.options)
        XCTAssertEqual(mock.bodies[1], photo)
    }

    func testUploadOfFileAndOfDataHasNoMetadataAndTheSamePixels() async throws {
        for source in [try write(photo), .data(photo, fileExtension: "jpeg")] {
            stubUploads("jpeg")
            mock.on("POST", headshot, response: created)
            _ = try await submit(source)
            XCTAssertEqual(clients.body(mock.bodies.count - 3), #"{"items":[{"extension":"jpeg","type":"image"}]}"#)
            XCTAssertEqual([UInt8](mock.bodies[mock.bodies.count - 2]), [UInt8](cleanPhoto))
        }
        XCTAssertEqual(try Data(contentsOf: clients.directory.appendingPathComponent("me.jpeg")), photo)
    }

    func testEveryFormatIsSentWithoutMetadata() async throws {
        let samples = [
            ("jpg", PhotoSample.privateJPEG()), ("png", PhotoSample.privatePNG()), ("webp", PhotoSample.privateWebP()),
            ("heic", HEIFSample().data),
        ]
        for (fileExtension, sample) in samples {
            stubUploads(fileExtension)
            mock.on("POST", headshot, response: created)
            _ = try await submit(write(sample, "me.\(fileExtension)"))
            let sent = mock.bodies[mock.bodies.count - 2]
            XCTAssertNotNil(sample.range(of: Data("SECRET".utf8)), fileExtension)
            XCTAssertNil(sent.range(of: Data("SECRET".utf8)), fileExtension)
            XCTAssertEqual(sent, try PhotoMetadata.remove(from: sample), fileExtension)
        }
    }

    func testModelsLabReceivesPhotoWithoutMetadataInBothTransfers() async throws {
        let photo = try write(photo)
        let text = cleanPhoto.base64EncodedString()
        let url = #"{"status":"success","output":["https://a.example/f.jpg"]}"#
        mock.on("POST", "/api/v6/image_editing/base64_to_url", response: .json(url))
        for _ in 0..<2 {
            mock.on("POST", "/api/v6/image_editing/head_shot", response: .json(#"{"status":"processing","id":1}"#))
        }
        for transfer in [ModelsLab.ImageTransfer.base64ToURL, .base64] {
            let headshots = try clients.modelsLab(imageTransfer: transfer).headshots
            _ = try await headshots.submit(.init(prompt: "p", faceImage: photo), options: options)
        }
        XCTAssertEqual(clients.body(0), #"{"init_image":"data:image/jpeg;base64,\#(text)","key":"ml-secret"}"#)
        XCTAssertEqual(clients.body(2), #"{"face_image":"\#(text)","key":"ml-secret","prompt":"p"}"#)
        XCTAssertEqual(try copies(), [])
    }

    func testLimitAppliesToPhotoWithoutMetadata() async throws {
        let photo = try write(photo + Data(count: 5 << 20))
        let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: photo)
        let headshots = try clients.modelsLab().headshots
        let error = try await failure { try await headshots.submit(request, options: clients.options) }
        XCTAssertTrue(error.message.contains("me.jpeg has"), error.message)
        let url = #"{"status":"success","output":["https://a.example/f.jpg"]}"#
        mock.on("POST", "/api/v6/image_editing/base64_to_url", response: .json(url))
        mock.on("POST", "/api/v6/image_editing/head_shot", response: .json(#"{"status":"processing","id":1}"#))
        _ = try await headshots.submit(request, options: options)
    }

    func testRecordingIsSentUnchanged() async throws {
        let list = WholeFiles.text("LIST") + WholeFiles.little(6) + WholeFiles.text("SECRET")
        let format = WholeFiles.text("fmt ") + WholeFiles.little(16) + WholeFiles.filler(16)
        let sound = WholeFiles.text("data") + WholeFiles.little(32) + WholeFiles.filler(32)
        let recording = Data(WholeFiles.riff("WAVE", format + list + sound))
        stubUploads("jpeg", "wav")
        mock.on("POST", "/v1/ai-talking-photo", response: created)
        _ = try await clients.magicHour().talkingPhotos.submit(
            .init(photo: write(photo), audio: write(recording, "a.wav"), endSeconds: 1),
            options: options
        )
        XCTAssertEqual(Set(mock.bodies[1...2]), [cleanPhoto, recording])
    }

    func testFaceIsLookedForInPhotoThatWasSent() async throws {
        stubUploads("jpeg")
        mock.on("POST", "/v1/face-detection", response: .json(#"{"id":"f"}"#))
        mock.on("GET", "/v1/face-detection/f", response: .json(#"{"id":"f","status":"complete","faces":[{}]}"#))
        mock.on("POST", headshot, response: created)
        var options = options
        options.faceCheck = .exactlyOne
        _ = try await submit(write(photo), options)
        XCTAssertEqual(mock.bodies[1], cleanPhoto)
        XCTAssertEqual(clients.body(2), #"{"assets":{"target_file_path":"api-assets/0"}}"#)
    }

    func testRepeatedUploadSendsTheSameBytes() async throws {
        stubUploads("jpeg", put: .status(500))
        mock.on("PUT", "/0", response: .status(200))
        mock.on("POST", headshot, response: created)
        _ = try await submit(write(photo))
        XCTAssertEqual(mock.bodies[1...2], [cleanPhoto, cleanPhoto])
    }

    func testPhotoThatChangesLaterIsSentAsInspected() async throws {
        let source = try write(photo)
        let file = clients.directory.appendingPathComponent("me.jpeg")
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            bodyMatches: { _ in
                do { try Data("SECRET".utf8).write(to: file) } catch { XCTFail("\(error)") }
                return true
            },
            response: .json(#"{"items":[{"upload_url":"https://s.example/0","file_path":"api-assets/0"}]}"#)
        )
        mock.on("PUT", "/0", response: .status(200))
        mock.on("POST", headshot, response: created)
        _ = try await submit(source)
        XCTAssertEqual(mock.bodies[1], cleanPhoto)
    }

    // MARK: What is rejected

    func testPhotoThatCannotBeCleanedIsRejectedBeforeAnyRequest() async throws {
        let rows: [(String, Data, String)] = [
            ("a.tiff", WholeFiles["tiff"], "its format is image/tiff"),
            ("a.bmp", WholeFiles["bmp"], "its format is image/bmp"),
            ("a.jpg", photo.prefix(photo.count - 9), "the file is truncated"),
            ("a.heic", WholeFiles["heic"], "a.heic cannot be removed"),
        ]
        for (name, data, problem) in rows {
            for source in [try write(data, name), .data(data)] {
                let error = try await failure { try await submit(source) }
                let other = try await failure {
                    try await clients.modelsLab().headshots.submit(
                        .init(prompt: "p", faceImage: source),
                        options: options
                    )
                }
                for error in [error, other] {
                    XCTAssertEqual(error.code, .invalidMedia, name)
                    XCTAssertEqual(error.submission, .notSent, name)
                    let expected = source.description.hasPrefix("/") ? problem : "in memory cannot be removed"
                    XCTAssertTrue(error.description.contains(expected), error.description)
                }
            }
        }
        XCTAssertEqual(mock.requests, [])
    }

    func testOneRejectedPhotoOfSeveralStopsTheUploadOfAll() async throws {
        let editor = try clients.magicHour().operation(
            Endpoint<JSONValue>("ai-image-editor", media: [.init("assets.image_file_paths")])
        )
        _ = (try write(photo), try write(WholeFiles["bmp"], "b.bmp"))
        let paths = ["me.jpeg", "b.bmp"].map { JSONValue.string(clients.directory.appendingPathComponent($0).path) }
        let error = try await failure {
            try await editor.submit(["assets": ["image_file_paths": .array(paths)]], options: options)
        }
        XCTAssertTrue(error.message.contains("b.bmp cannot be removed: its format is image/bmp"), error.message)
        XCTAssertEqual(mock.requests, [])
        XCTAssertEqual(try copies(), [])
    }

    func testUnusablePhotoHasTheErrorOfEveryUpload() async throws {
        let error = try await failure { try await submit(write(Data("<html>".utf8))) }
        XCTAssertTrue(error.message.contains("me.jpeg is not a photo: it looks like a web page."), error.message)
    }

    func testRemotePhotoIsRejectedBeforeAnyRequest() async throws {
        for validates in [true, false] {
            var options = options
            options.validateRequest = validates
            for (photo, shown) in [
                ("https://a.example/me.jpg?token=hidden", "https://a.example/me.jpg?…"),
                ("api-assets/me.jpg", "api-assets/me.jpg"),
            ] {
                let error = try await failure { try await submit(MediaSource(photo), options) }
                XCTAssertEqual(error.code, .invalidRequest)
                XCTAssertEqual(error.submission, .notSent)
                XCTAssertEqual(
                    error.validationIssues,
                    [
                        ValidationIssue(
                            field: "assets.image_file_path",
                            value: shown,
                            allowed: "a local photo, because options.photoMetadata is .remove"
                        )
                    ]
                )
                XCTAssertFalse("\(error)".contains("hidden"))
            }
        }
        XCTAssertEqual(mock.requests, [])
        mock.on("POST", headshot, response: created)
        _ = try await submit("https://a.example/me.jpg", clients.options)
    }

    // MARK: What stays on disk

    private func copies() throws -> [URL] { try copiesInTemporaryDirectory(of: pixels) }

    func testCopyIsPrivateAndIsRemovedBeforeTheWait() async throws {
        let modes = Locked<[Int?]>([])
        let list: @Sendable (Data) -> Bool = { [pixels] _ in
            do {
                for copy in try copiesInTemporaryDirectory(of: pixels) {
                    let attributes = try FileManager.default.attributesOfItem(atPath: copy.path)
                    modes.withLock { $0.append(attributes[.posixPermissions] as? Int) }
                }
            } catch { XCTFail("\(error)") }
            return true
        }
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            response: .json(#"{"items":[{"upload_url":"https://s.example/0","file_path":"api-assets/0"}]}"#)
        )
        mock.on("PUT", "/0", bodyMatches: list, response: .status(200))
        mock.on("POST", headshot, response: created)
        let none: @Sendable (Data) -> Bool = { [pixels] _ in
            do { return try copiesInTemporaryDirectory(of: pixels).isEmpty } catch { return false }
        }
        let project = #"{"id":"a","status":"complete","downloads":[{"url":"https://s.example/o.png"}]}"#
        mock.on("GET", "/v1/image-projects/a", bodyMatches: none, response: .json(project))
        mock.on("GET", "/o.png", response: .data(pngBytes))
        let result = try await clients.magicHour().headshots.generate(.init(photo: write(photo)), options: options)
        XCTAssertEqual(result.files.count, 1)
        XCTAssertEqual(modes.withLock { $0 }, [0o600])
    }

    func testCopyIsRemovedAfterRejectedUploadAndRejectedCreate() async throws {
        stubUploads("jpeg", put: .status(400))
        let upload = try await failure { try await submit(write(photo)) }
        XCTAssertTrue(upload.message.contains("rejected \(clients.directory.path)/me.jpeg (400)"), upload.message)
        XCTAssertEqual(try copies(), [])
        stubUploads("jpeg")
        mock.on("POST", headshot, response: .json(#"{"code":"unauthorized","message":"no"}"#, status: 401))
        let create = try await failure { try await submit(write(photo)) }
        XCTAssertEqual(create.code, .unauthorized)
        XCTAssertEqual(try copies(), [])
    }

    func testCopyIsRemovedAfterCancellationAndAfterDeadline() async throws {
        for isCanceled in [true, false] {
            stubUploads("jpeg", put: .never)
            let (headshots, source, options) = (try clients.magicHour().headshots, try write(photo), options)
            let (mock, count) = (mock, mock.requests.count)
            let task = Task { try await headshots.submit(.init(photo: source), options: options) }
            // The deadline's.
            await clients.clock.waitForSleepers(1)
            try await eventually(mock.requests.count == count + 2)
            XCTAssertEqual(try copies().count, 1)
            if isCanceled { task.cancel() } else { clients.clock.advance(by: .seconds(900)) }
            let error = await thrown { try await task.value }
            if isCanceled {
                XCTAssertTrue(error is CancellationError, "\(String(describing: error))")
            } else {
                XCTAssertEqual((error as? HeadshotKitError)?.code, .deadlineExceeded)
            }
            XCTAssertEqual(try copies(), [])
        }
    }

    func testCopyInRequestBodyIsRemovedAfterCreateWithoutResponse() async throws {
        let create = "/api/v6/image_editing/head_shot"
        mock.on("POST", create, response: .failure(TransportError(.connectionLost, "lost", mayHaveBeenReceived: true)))
        let headshots = try clients.modelsLab(imageTransfer: .base64).headshots
        let error = try await failure {
            try await headshots.submit(.init(prompt: "p", faceImage: write(photo)), options: options)
        }
        XCTAssertEqual(error.submission, .unconfirmed)
        XCTAssertEqual(try copies(), [])
    }

    func testJobIsResumedWithoutPhoto() async throws {
        let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        var configuration = clients.configuration
        configuration.jobStore = store
        let headshots = try MagicHour(apiKey: "k", configuration: configuration).headshots
        stubUploads("jpeg")
        mock.on("POST", headshot, response: created)
        let job = try await headshots.submit(.init(photo: write(photo)), options: options)
        try FileManager.default.removeItem(at: clients.directory.appendingPathComponent("me.jpeg"))
        let project = #"{"id":"a","status":"complete","downloads":[{"url":"https://s.example/o.png"}]}"#
        mock.on("GET", "/v1/image-projects/a", response: .json(project))
        mock.on("GET", "/o.png", response: .data(pngBytes))
        let result = try await headshots.resume(job, options: options)
        XCTAssertEqual(result.files.count, 1)
        try await assertEqual(await store.records(), [])
        XCTAssertEqual(try copies(), [])
    }

    func testCopiesOfKilledProcessesAreRemovedAfterADay() async throws {
        let directory = FileManager.default.temporaryDirectory
        let ages: [(age: TimeInterval, stays: Bool)] = [(90_000, false), (80_000, true)]
        let files = ages.map { _ in directory.appendingPathComponent("headshotkit-\(UUID().uuidString).photo") }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        for (file, row) in zip(files, ages) {
            try Data(pixels).write(to: file)
            let date = Date(timeIntervalSinceNow: -row.age)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
        }
        stubUploads("jpeg")
        mock.on("POST", headshot, response: created)
        _ = try await submit(write(photo))
        XCTAssertEqual(try copies(), [files[1]])
    }

    func testFullTemporaryDirectoryIsNamed() throws {
        let copy = TemporaryFile(.photo)
        try Data().write(to: copy.url)
        defer { copy.remove() }
        XCTAssertThrowsError(try copy.write { try $0(Data([1])) }) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.code, .fileSystem)
            XCTAssertTrue("\(error)".contains("set TMPDIR to another directory"), "\(error)")
        }
    }
}

/// Returns the photos without metadata that hold the pixels, in the temporary directory, which other processes use too.
private func copiesInTemporaryDirectory(of pixels: [UInt8]) throws -> [URL] {
    let directory = FileManager.default.temporaryDirectory
    return try FileManager.default.contentsOfDirectory(atPath: directory.path)
        .filter { $0.hasPrefix("headshotkit-") && $0.hasSuffix(".photo") }
        .map { directory.appendingPathComponent($0) }
        .filter { file in
            // A file of another process may be gone.
            (try? Data(contentsOf: file))?.range(of: Data(pixels)) != nil
        }
}
