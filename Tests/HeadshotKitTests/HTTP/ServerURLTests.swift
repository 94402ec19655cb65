import XCTest

@testable import HeadshotKit

final class ServerURLTests: XCTestCase {
    func testEscapesStayAndOnlyWhatMayNotStandInAURLIsEscaped() {
        let rows = [
            ("https://o.example/a%2Fb c.png?cred=KEY%2F2026", "https://o.example/a%2Fb%20c.png?cred=KEY%2F2026"),
            ("https://o.example/a%2Bb|c.png?s=%2F%3d", "https://o.example/a%2Bb%7Cc.png?s=%2F%3d"),
            (#"https://o.example/a?n="me 1.png"&k=a%2Fb"#, "https://o.example/a?n=%22me%201.png%22&k=a%2Fb"),
            ("https://o.example/a[1].png?x=%5B[", "https://o.example/a%5B1%5D.png?x=%5B%5B"),
            ("https://o.example/100%.png", "https://o.example/100%25.png"),
            ("https://o.example/%zz%4", "https://o.example/%25zz%254"),
            ("https://o.example/ä.png?q=%C3%A4", "https://o.example/%C3%A4.png?q=%C3%A4"),
            ("https://o.example/{a}\\^`<>", "https://o.example/%7Ba%7D%5C%5E%60%3C%3E"),
            ("https://o.example/a?x=1#b#c", "https://o.example/a?x=1#b%23c"),
            (" https://o.example/a.png\n", "https://o.example/a.png"),
            ("//o.example/a.png?x=%2F", "https://o.example/a.png?x=%2F"),
            ("HTTPS://o.example/a.png", "https://o.example/a.png"),
            ("http://127.0.0.1:80/a b", "http://127.0.0.1:80/a%20b"),
            ("https://[::1]:8/a b", "https://[::1]:8/a%20b"),
            ("https://o.example", "https://o.example"),
        ]
        for (text, url) in rows { XCTAssertEqual(URL(serverText: text)?.absoluteString, url, text) }
    }

    func testWhatIsNoWebAddressIsNone() {
        for text in [
            "", "https://", "ftp://o.example/a", "file:///etc/passwd", "a.png", "iVBORw0KGgo=", "://", "https:/x",
        ] {
            XCTAssertNil(URL(serverText: text), text)
        }
    }

    func testARedirectMayBeRelative() throws {
        let base = try XCTUnwrap(URL(string: "https://o.example/x/y.png?s=1"))
        let rows = [
            ("/z.png?a=%2F", "https://o.example/z.png?a=%2F"), ("z b.png", "https://o.example/x/z%20b.png"),
            ("?t=2", "https://o.example/x/y.png?t=2"), ("//p.example/q", "https://p.example/q"),
            ("https://p.example/q", "https://p.example/q"),
        ]
        for (text, url) in rows { XCTAssertEqual(URL(serverText: text, relativeTo: base)?.absoluteString, url) }
        XCTAssertNil(URL(serverText: "javascript:alert(1)", relativeTo: base))
        XCTAssertNil(URL(serverText: "", relativeTo: base))
    }

    func testNoTextTraps() {
        var random = SeededRandom(seed: 15)
        let parts = [
            "https://", "//", "o.example", "%2F", "%", "#", "?", "[", "]", "@", ":", " ", "é", "\u{0}", "😀", "a",
        ]
        for _ in 0..<400 {
            let count = Int.random(in: 0..<9, using: &random)
            let text = (0..<count).map { _ in parts[Int.random(in: 0..<parts.count, using: &random)] }.joined()
            if let url = URL(serverText: "https://o.example/" + text) {
                XCTAssertEqual(url.host, "o.example", text)
                let escapes = text.components(separatedBy: "%2F").count
                XCTAssertEqual(url.absoluteString.components(separatedBy: "%2F").count, escapes, text)
            } else {
                XCTFail(text)
            }
            _ = URL(serverText: text)
        }
    }

    func testOddButClearContentRangesAreRead() {
        func range(_ value: String, type: String = "image/png") -> [Int64?]? {
            TransportResponse(status: 206, headers: ["Content-Range": value, "Content-Type": type]).contentRange
                .map { [$0.start, $0.size] }
        }
        for value in [
            "bytes 5-99/100", "Bytes 5-99/100", "BYTES=5-99/100", "bytes=5-99/ 100", " bytes  5 - 99 / 100 ",
            "bytes: 5-99/100",
        ] {
            XCTAssertEqual(range(value), [5, 100], value)
        }
        XCTAssertEqual(range("bytes 0-99/*"), [0, nil])
        for value in [
            "", "bytes", "bytes */100", "bytes -5-9/10", "bytes 9-5/10", "bytes 0-99/50", "items 0-9/10", "0-9/10",
            "bytes 0-9", "bytes 0-99999999999999999999/*", "bytes 0-9/-5", "bytes 5.0-9/10",
        ] {
            XCTAssertNil(range(value), value)
        }
        XCTAssertNil(range("bytes 0-9/10", type: "multipart/byteranges; boundary=x"))
    }
}
