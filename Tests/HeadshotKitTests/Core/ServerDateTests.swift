import XCTest

@testable import HeadshotKit

final class ServerDateTests: XCTestCase {
    func testThreeHTTPDateFormatsAreParsed() {
        let texts: [String: TimeInterval] = [
            "Sun, 06 Nov 1994 08:49:37 GMT": 784_111_777, "Sunday, 06-Nov-94 08:49:37 GMT": 784_111_777,
            "Sun Nov  6 08:49:37 1994": 784_111_777, "Thu, 29 Feb 2024 23:59:60 GMT": 1_709_251_200,
            "Thu, 01 Jan 1970 00:00:00 GMT": 0, "Wed, 1 Mar 2000 00:00:00 UTC": 951_868_800,
            "Tue Nov 10 08:49:37 2026": 1_794_300_577,
        ]
        for (text, seconds) in texts { XCTAssertEqual(Date(httpDate: text)?.timeIntervalSince1970, seconds, text) }
    }

    func testISO8601IsParsedWithFractionsAndOffsets() {
        let texts: [String: TimeInterval] = [
            "2024-10-19T05:16:19.027Z": 1_729_314_979.027, "2024-10-19T05:16:19Z": 1_729_314_979,
            "2024-10-19 05:16:19": 1_729_314_979, "2024-10-19T07:16:19+02:00": 1_729_314_979,
            "2024-10-19T01:46:19-0330": 1_729_314_979, "2024-10-19T05:16Z": 1_729_314_960,
            "1969-12-31T23:59:59Z": -1, "2024-10-19T05:16:19.123456789Z": 1_729_314_979.123456789,
        ]
        for (text, seconds) in texts {
            XCTAssertEqual(Timestamp(rawValue: text).date?.timeIntervalSince1970 ?? .nan, seconds, accuracy: 1e-6, text)
        }
        let now = Date()
        XCTAssertEqual(Timestamp(now).date?.timeIntervalSince(now) ?? .nan, 0, accuracy: 0.001)
    }

    func testInvalidDateIsNil() {
        let accent = "We\u{301}"
        let texts = [
            "", " ", accent, "\(accent), 06 Nov 1994 08:49:37 GMT", "Sun, 06 N\u{301}ov 1994 08:49:37 GMT",
            "Sun, 31 Feb 2024 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49:37 GMT and more", "Sun, 0\u{661} Nov 1994 08:49:37 GMT", "Sun, 06 Nov", "Sun Nov",
            "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "20241019", "2024-10-19T05:16:61Z",
            "2024-10-19T05:16:19+99:00", "99999999999999999999-01-01T00:00:00Z", "2024-10-19T05:16:19.Z", "\u{0}", "🙂",
            String(repeating: "9", count: 100_000), "١٩٩٤-11-06T08:49:37Z",
        ]
        for text in texts {
            XCTAssertNil(Date(httpDate: text), String(text.prefix(60)))
            XCTAssertNil(Timestamp(rawValue: text).date, String(text.prefix(60)))
            let headers: TransportHeaders = ["Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT", "Date": text]
            XCTAssertEqual(TransportResponse(status: 503, headers: headers).retryAfter(), .zero)
        }
        for text in texts where Double(text) == nil {
            let response = TransportResponse(status: 503, headers: ["Retry-After": text])
            XCTAssertNil(response.retryAfter(), String(text.prefix(60)))
        }
    }

    func testTwoHundredCorruptedDatesDoNotTrap() {
        var random = SplitMix64(state: 2)
        let good = [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "2024-10-19T05:16:19.027Z",
        ]
        let corruptions: [Unicode.Scalar] = ["\u{301}", "\u{0}", "9", "-", "Z", "\u{661}", ":", " ", "\u{1F642}", "+"]
        for _ in 0..<200 {
            var scalars = Array(good[Int(random.next() % 4)].unicodeScalars)
            for _ in 0...Int(random.next() % 3) {
                let index = Int(random.next() % UInt64(scalars.count))
                let scalar = corruptions[Int(random.next() % UInt64(corruptions.count))]
                if random.next() % 2 == 0 { scalars.insert(scalar, at: index) } else { scalars[index] = scalar }
            }
            let text = String(String.UnicodeScalarView(scalars))
            let headers: TransportHeaders = ["Retry-After": text, "Date": text]
            if let delay = TransportResponse(status: 429, headers: headers).retryAfter() {
                XCTAssertTrue((.zero ... .seconds(366 * 86_400)).contains(delay), text)
            }
            if let date = Timestamp(rawValue: text).date { XCTAssertLessThan(abs(date.timeIntervalSince1970), 3e11) }
        }
    }
}
