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
}
