import XCTest

@testable import HeadshotKit

final class ServerURLTests: XCTestCase {
    func testEscapesAreKeptAndOnlyInvalidCharactersAreEscaped() {
        let cases = [
            "https://o.example/a%2Fb c.png?cred=KEY%2F2026": "https://o.example/a%2Fb%20c.png?cred=KEY%2F2026",
            "https://o.example/a\"b.png?s=%2B": "https://o.example/a%22b.png?s=%2B",
            "https://o.example/a|b.png?s=%2b": "https://o.example/a%7Cb.png?s=%2b",
            "https://o.example/a[1].png?s=a%2Fb": "https://o.example/a%5B1%5D.png?s=a%2Fb",
            "https://o.example/100%.png": "https://o.example/100%25.png",
            "https://o.example/%zz%4": "https://o.example/%25zz%254",
            "https://o.example/ü.png?n=é%C3%A9": "https://o.example/%C3%BC.png?n=%C3%A9%C3%A9",
            "https://o.example/a\\b^`{}<>": "https://o.example/a%5Cb%5E%60%7B%7D%3C%3E",
            "https://o.example/a\tb\nc": "https://o.example/a%09b%0Ac",
            "https://o.example/a?b?c=d#e#f": "https://o.example/a?b?c=d#e%23f",
            "https://o.example/a+b?c=d+e&f=g/h:i@j!$'()*,;=": "https://o.example/a+b?c=d+e&f=g/h:i@j!$'()*,;=",
            "HTTPS://o.example/A": "https://o.example/A", "Http://127.0.0.1:80/a": "http://127.0.0.1:80/a",
            "//o.example/a%20b": "https://o.example/a%20b", " \n\thttps://o.example/a\r\n ": "https://o.example/a",
            "\u{FEFF}https://o.example/a": "https://o.example/a", "https://o.example": "https://o.example",
            "https://o.example?a=b c": "https://o.example?a=b%20c",
            "https://[2001:db8::1]:8443/a b":
                "https://[2001:db8::1]:8443/a%20b",
        ]
        for (text, expected) in cases {
            XCTAssertEqual(URL(serverText: text)?.absoluteString, expected, text)
        }
    }

    func testTextThatIsNotWebURLIsRejected() {
        let texts = [
            "", " ", "//", "https://", "https:///a", "o.example/a", "/a", "ftp://o.example/a", "file:///etc/passwd",
            "javascript:alert(1)", "data:image/png;base64,AAAA", "https:o.example", "https://o.exa mple/a",
            "https://good.example\\@evil.example/a", "https://o.example|/a", "://o.example", "x://y//o.example",
        ]
        for text in texts { XCTAssertNil(URL(serverText: text), text) }
    }
}
