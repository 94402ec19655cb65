import Foundation
import XCTest

@testable import HeadshotKit

final class ContentRangeTests: XCTestCase {
    func testUnambiguousValuesAreAccepted() {
        let cases: [(String, start: Int64, size: Int64?)] = [
            ("bytes 0-99/100", 0, 100),
            ("bytes 5-9/*", 5, nil),
            ("Bytes 0-99/100", 0, 100),
            ("bytes=0-99/100", 0, 100),
            ("bytes: 0-99/100", 0, 100),
            (" bytes = 0 - 99 / 100 ", 0, 100),
            ("bytes\t0-99/100", 0, 100),
            ("bytes 007-099/0100", 7, 100),
            ("bytes 0-0/1", 0, 1),
            (
                "bytes 999999999999999998-999999999999999998/999999999999999999", 999_999_999_999_999_998,
                999_999_999_999_999_999
            ),
        ]
        for (text, start, size) in cases {
            let range = response(text).contentRange
            XCTAssertEqual(range?.start, start, text)
            XCTAssertEqual(range?.size, size, text)
        }
    }

    func testOtherValuesAreRejected() {
        for text in [
            "", "bytes", "bytes ", "bytes */100", "bytes0-99/100", "items 0-99/100", "bytes 0-99", "bytes 0-99/",
            "bytes 0-/100",
            "bytes -99/100", "bytes +0-99/100", "bytes 9-5/100", "bytes 0-99/99", "bytes 0-99/100x", "bytes 1 2-99/100",
            "bytes == 0-99/100", "bytes 0-99/100, bytes 0-99/100", "bytes 0-99/**", "bytes 0-9999999999999999999/*",
            "bytes 0-99/10000000000000000000", "bytes ٠-٩/١٠", "bytes\u{A0}0-99/100",
        ] {
            XCTAssertNil(response(text).contentRange, text)
        }
        XCTAssertNil(TransportResponse(status: 206, headers: [:], body: Data()).contentRange)
        let several: TransportHeaders = [
            "Content-Range": "bytes 0-9/100", "Content-Type": "Multipart/ByteRanges; boundary=x",
        ]
        XCTAssertNil(TransportResponse(status: 206, headers: several, body: Data()).contentRange)
    }

    private func response(_ range: String) -> TransportResponse {
        TransportResponse(status: 206, headers: ["Content-Range": range], body: Data())
    }
}
