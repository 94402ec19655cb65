import HeadshotKit
import XCTest

final class MediaSourceTests: XCTestCase {
    private struct Holder: Codable { var image: MediaSource }

    func testLiteralIsURLUploadedFileOrPath() throws {
        let url = try XCTUnwrap(URL(string: "https://a.example/x.png"))
        XCTAssertEqual("https://a.example/x.png" as MediaSource, .url(url))
        XCTAssertEqual("api-assets/id/1.png" as MediaSource, .uploaded("api-assets/id/1.png"))
        XCTAssertEqual("me.jpg" as MediaSource, .file("me.jpg"))
        XCTAssertEqual("file:///tmp/me.jpg" as MediaSource, .file("/tmp/me.jpg"))
        XCTAssertTrue(("me.jpg" as MediaSource).isLocal)
        XCTAssertFalse(("api-assets/id/1.png" as MediaSource).isLocal)
    }

    func testRemoteSourceIsEncodedAsString() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let json = try encoder.encode(Holder(image: "api-assets/id/1.png"))
        XCTAssertEqual(String(decoding: json, as: UTF8.self), #"{"image":"api-assets/id/1.png"}"#)
        let read = try JSONDecoder().decode(Holder.self, from: Data(#"{"image":"https://a.example/x.png"}"#.utf8))
        XCTAssertEqual(read.image, "https://a.example/x.png")
    }

    func testEncodingLocalSourceThrowsErrorWithAdvice() {
        for source: MediaSource in [.file("/tmp/me.jpg"), .data(Data([1]))] {
            XCTAssertThrowsError(try JSONEncoder().encode(Holder(image: source))) { error in
                guard case EncodingError.invalidValue(_, let context) = error else { return XCTFail("\(error)") }
                XCTAssertTrue(context.debugDescription.contains("has not been uploaded"), context.debugDescription)
            }
        }
    }

    func testDescriptionHasNoQuery() {
        XCTAssertEqual("\("https://a.example/x.png?sig=1" as MediaSource)", "https://a.example/x.png?…")
    }

    func testContentDigestIsSHA256OfFileAndOfBytes() async throws {
        // The examples of FIPS 180-4, and a message of a million letters.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        let digest = try await MediaSource.data(Data("abc".utf8)).contentDigest()
        XCTAssertEqual(digest, abc)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("digest-\(UUID().uuidString)")
        defer { XCTAssertNoThrow(try FileManager.default.removeItem(at: file)) }
        try Data(repeating: UInt8(ascii: "a"), count: 1_000_000).write(to: file)
        let digestOfFile = try await MediaSource.file(file).contentDigest()
        XCTAssertEqual(digestOfFile, million)
    }

    func testContentDigestOfRemoteOrMissingSourceThrowsError() async throws {
        for source: MediaSource in ["https://a.example/x.png", "api-assets/id/1.png", "/nonexistent/me.png", "/tmp"] {
            do {
                _ = try await source.contentDigest()
                XCTFail("\(source)")
            } catch let error as HeadshotKitError {
                XCTAssertEqual(error.code, .invalidMedia)
                XCTAssertTrue(error.description.contains(source.description), error.description)
            }
        }
    }
}
