import Foundation
import NIOCore
import XCTest

@testable import StudioServer

final class MultipartParserTests: XCTestCase {
    private let form = """
        preamble\r
        --XX\r
        Content-Disposition: form-data; name="photo"; filename="a \\"b\\"; c.png"\r
        Content-Type: image/png\r
        \r
        one\r
        --X\r
        two\r
        --XX\r
        content-disposition:form-data;name=style\r
        \r
        \r
        --XX--\r
        epilogue
        """

    func testFormIsReadInPiecesOfEverySize() throws {
        for size in 1...form.utf8.count {
            var parser = try MultipartParser(contentType: "multipart/form-data; boundary=\"XX\"")
            var events: [MultipartParser.Event] = []
            var content = ""
            var rest = Array(form.utf8)[...]
            while !rest.isEmpty {
                parser.append(ByteBuffer(bytes: rest.prefix(size)))
                rest = rest.dropFirst(size)
                while let event = try parser.next() {
                    if case .data(let data) = event { content += String(buffer: data) } else { events.append(event) }
                }
            }
            XCTAssertEqual(content, "one\r\n--X\r\ntwo", "pieces of \(size) bytes")
            XCTAssertEqual(
                events,
                [
                    .part(name: "photo", fileName: "a \"b\"; c.png"), .endOfPart, .part(name: "style", fileName: nil),
                    .endOfPart, .end,
                ],
                "pieces of \(size) bytes"
            )
        }
    }

    func testContentTypesWithoutBoundaryAreRejected() {
        for type in [
            "", "multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=XX",
            "multipart/form-data; boundary=\(String(repeating: "x", count: 71))", "multipart/mixed; boundary=XX",
        ] {
            XCTAssertThrowsError(try MultipartParser(contentType: type), type)
        }
    }

    func testMalformedFormsAreRejected() throws {
        for form in [
            "--XXjunk\r\n", "--XX\r\n\r\n\r\ncontent\r\n--XX--", "--XX\r\nContent-Type: image/png\r\n\r\ncontent",
            "--XX\r\nContent-Disposition: form-data\r\n\r\ncontent", "--XX\r\n" + String(repeating: "a", count: 9_000),
            "--XX\r\nContent-Disposition: attachment; name=\"photo\"\r\n\r\ncontent",
        ] {
            var parser = try MultipartParser(contentType: "multipart/form-data; boundary=XX")
            parser.append(ByteBuffer(string: form))
            XCTAssertThrowsError(try { while try parser.next() != nil {} }(), form)
        }
    }

    func testParserHoldsAtMostADelimiterOfTheBody() throws {
        var parser = try MultipartParser(contentType: "multipart/form-data; boundary=XX")
        parser.append(
            ByteBuffer(string: "--XX\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a\"\r\n\r\n")
        )
        XCTAssertEqual(try parser.next(), .part(name: "photo", fileName: "a"))
        var count = 0
        for _ in 0..<100 {
            parser.append(ByteBuffer(repeating: UInt8(ascii: "\r"), count: 1_000))
            while case .data(let data)? = try parser.next() { count += data.readableBytes }
        }
        XCTAssertGreaterThan(count, 99_990)
    }
}
