import XCTest

@testable import HeadshotKit

final class JSONDocumentTests: XCTestCase {
    private func value(_ text: String) throws -> JSONValue { try JSONDocument(Data(text.utf8)).value }

    func testNearJSONIsParsedAndDecodedAlike() throws {
        let texts: [(String, JSONValue)] = [
            (#"{"a":NaN,"b":Infinity,"c":-Infinity,"d":1e999}"#, ["a": nil, "b": nil, "c": nil, "d": nil]),
            (#"{"a":"NaN, Infinity","b":[NaN,1]}"#, ["a": "NaN, Infinity", "b": [nil, 1]]),
            (#"{"a":None,"b":True,"c":False,"d":undefined}"#, ["a": nil, "b": true, "c": false, "d": nil]),
            ("{\"a\":[1,2,],}", ["a": [1, 2]]), ("[1 , ]", [1]),
            ("\u{FEFF}{\"a\":1}", ["a": 1]), (" \r\n\t{\"a\":1}\n", ["a": 1]),
            ("<br />\n<b>Warning</b>: foo() [x] in a.php {1}\n{\"a\":1}", ["a": 1]),
            ("Deprecated: strlen() on line 3\n{\"a\":\"b\"}", ["a": "b"]),
            ("{\"a\":\"x\ny\tz\"}", ["a": "x\ny\tz"]),
            (#"{"a":"\q \ud83d \ud83d\ude42 \u00e9"}"#, ["a": "\\q \u{FFFD} 🙂 é"]),
            (#"{"a":+5,"b":.5,"c":5.,"d":007}"#, ["a": 5, "b": .number(0.5), "c": 5, "d": 7]),
        ]
        for (text, expected) in texts {
            let document = try JSONDocument(Data(text.utf8))
            XCTAssertEqual(document.value, expected, text)
            XCTAssertEqual(try document.decode(JSONValue.self), expected, text)
            struct Everything: Decodable { let value: [String: JSONValue] }
            if case .object = expected {
                XCTAssertEqual(.object(try document.decode([String: JSONValue].self)), expected, text)
            }
        }
    }

    func testStrictJSONIsParsedLikeJSONSerialization() throws {
        let texts = [
            #"{"a":[1,-2.5e3,true,false,null,"x\"y\\z\/\b\f\n\r\t\u0041"],"b":{"c":{}}}"#, "[]", "{}", "3", #""x""#,
            "null",
            #"{"a":1,"b":"ü🙂","":0}"#, "[[[[]]]]",
        ]
        for text in texts {
            XCTAssertEqual(try value(text), try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)), text)
        }
    }

    func testInvalidJSONIsRejected() {
        let texts = [
            "", " ", "{", "[1", #"{"a"}"#, #"{"a":}"#, "{'a':1}", #"{"a":1} x"#, #"{"a":1}{"b":2}"#, "<html>{}</html>",
            "word",
            #"{"a" 1}"#, "[1 2]", #"{"a":"b"#, "\u{1}garbage\u{2}", #"<script>{"id":"x"}</script>"#, ",", "nul",
        ]
        for text in texts { XCTAssertThrowsError(try value(text), text) }
    }

    func testLargeAndDeepJSONIsRejected() throws {
        let million = 1 << 20
        let texts = [
            String(repeating: "[", count: 400), String(repeating: "[", count: million),
            String(repeating: #"{"a":"#, count: million / 5),
            "[" + String(repeating: "1,", count: million / 2 - 2) + "1]",
            "[" + String(repeating: "[],", count: million / 3 - 2) + "[]]",
            String(repeating: "[", count: 400) + String(repeating: "]", count: 400),
            String(repeating: "{", count: million), String(repeating: "\"", count: million - 1),
        ]
        for text in texts { XCTAssertThrowsError(try value(text), String(text.prefix(20))) }
        XCTAssertThrowsError(try value(#"{"pad":""# + String(repeating: "x", count: million) + #""}"#))
        let deep = String(repeating: #"{"a":["#, count: 32) + String(repeating: "]}", count: 32)
        XCTAssertNoThrow(try value(deep))
    }

    func testMembersBeforeTruncationAreKept() throws {
        let texts: [(String, JSONValue?)] = [
            (#"{"status":"processing","id":4711,"out"#, ["status": "processing", "id": 4711]),
            (#"{"status":"processing","id":47"#, ["status": "processing"]), (#"{"id":"abc"#, nil),
            (#"{"id":"abc","x":{"y":[1,"#, ["id": "abc"]), ("{", nil), ("", nil), ("[1,2", nil), ("words", nil),
            (#"{"id":NaN,"eta":Infinity,"x"#, ["id": nil, "eta": nil]),
        ]
        for (text, expected) in texts {
            XCTAssertEqual(JSONDocument(salvaging: Data(text.utf8))?.value, expected, text)
        }
    }

    func testTwoHundredCorruptedTextsDoNotTrap() {
        var random = SplitMix64(state: 7)
        let good = Array(
            #"{"status":"success","id":123,"eta":-1.5e3,"output":["https:\/\/o.example\/1.png?a=\u0041",null,[{}]]}"#
                .utf8
        )
        for _ in 0..<200 {
            var bytes = good
            for _ in 0...Int(random.next() % 4) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes = Array(bytes.prefix(index))
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
                }
                if bytes.isEmpty { bytes = good }
            }
            let data = Data(bytes)
            // The system's decoder accepts every text that the reader accepts.
            guard let document = try? JSONDocument(data) else {
                _ = JSONDocument(salvaging: data)
                continue
            }
            XCTAssertNoThrow(try document.decode(JSONValue.self), String(decoding: bytes, as: UTF8.self))
            _ = ServerErrorBody(TransportResponse(status: 400, body: data))
        }
    }
}
