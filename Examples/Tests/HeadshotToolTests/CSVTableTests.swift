import XCTest

@testable import headshot

final class CSVTableTests: XCTestCase {
    private func rows(_ text: String) throws -> [[String: String]] {
        try CSVTable(text, name: "t.csv").rows.map(\.values)
    }

    func testQuotedValueContainsCommasQuotesAndLineBreaks() throws {
        XCTAssertEqual(
            try rows("a,b\r\n\"x,\"\"y\"\"\r\nz\",  w \r\n"),
            [["a": "x,\"y\"\r\nz", "b": "  w "]]
        )
    }

    func testEveryLineBreakEndsRowAndEmptyRowsAreIgnored() throws {
        for lineBreak in ["\n", "\r", "\r\n"] {
            let text = ["a,b", "1,2", "", "3,", "\"\",4"].joined(separator: lineBreak)
            XCTAssertEqual(try rows(text), [["a": "1", "b": "2"], ["a": "3", "b": ""], ["a": "", "b": "4"]])
        }
    }

    func testShortRowLacksValuesAndColumnsIgnoreCaseAndSpace() throws {
        XCTAssertEqual(try rows("\u{FEFF}Photo , NAME\nx"), [["photo": "x"]])
        XCTAssertEqual(try rows(""), [])
    }

    func testLineNumbersCountBreaksInsideQuotes() throws {
        let table = try CSVTable("a\r\n\"x\r\ny\"\r\nz\r\n", name: "t.csv")
        XCTAssertEqual(table.rows.map(\.line), [2, 4])
    }

    func testMalformedTableIsRejectedWithLine() throws {
        let cases = [
            "a\nx\n\"open": "t.csv, line 3: a quoted value has no closing quote.",
            "a\n\"x\"y": "t.csv, line 2: text follows a closing quote.",
            "a\nx,y": "t.csv, line 2: 2 values, but the number of columns is 1.",
            "a,A\n": "t.csv has several columns “a”.",
        ]
        for (text, message) in cases {
            XCTAssertThrowsError(try CSVTable(text, name: "t.csv")) { error in
                XCTAssertTrue((error as? ToolError)?.message.hasPrefix(message) == true, "\(error)")
            }
        }
    }
}
