import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Outputs in every shape that the package decodes.
final class OutputShapeTests: XCTestCase {
    private let a = "https://o.example/1.png?s=%2F"
    private let b = "https://o.example/2.png"

    private func result(_ output: String, _ more: String = "") throws -> ModelsLab.ImageResult {
        try JSONDocument(Data(#"{"status":"success","id":1,"output":\#(output)\#(more)}"#.utf8)).decode(
            ModelsLab.ImageResult.self
        )
    }

    private func project(_ downloads: String, _ more: String = "") throws -> MagicHour.ImageProject {
        try JSONDocument(Data(#"{"id":"a","status":"complete","downloads":\#(downloads)\#(more)}"#.utf8)).decode(
            MagicHour.ImageProject.self
        )
    }

    func testTwoOutputURLsAreDecodedFromEveryShape() throws {
        let shapes = [
            #"["\#(a)","\#(b)"]"#, #"[["\#(a)","\#(b)"]]"#, #"[["\#(a)"],[["\#(b)"]]]"#, #"{"0":"\#(a)","2":"\#(b)"}"#,
            #"{"10":"\#(b)","9":"\#(a)"}"#, #"[{"url":"\#(a)"},{"link":"\#(b)"}]"#,
            #"{"1":{"url":"\#(b)"},"0":["\#(a)"]}"#,
            #"[" \#(a)\n","\t\#(b) "]"#, #""[\"\#(a)\",\"\#(b)\"]""#, #"["[\"\#(a)\",\"\#(b)\"]"]"#,
            #"[{"url":{"x":1},"link":"\#(a)"},"\#(b)"]"#, #""\#(a)\n\#(b)""#,
            #"[{"url":"\#(a)","expires_at":"x"},"\#(b)"]"#,
            #"{"-1":"\#(a)","0":"\#(b)"}"#,
        ]
        for shape in shapes {
            XCTAssertEqual(try result(shape).outputs, [a, b], shape)
            XCTAssertNil(try result(shape).missingOutputs, shape)
            XCTAssertEqual(try project(shape).downloads.map(\.url.absoluteString), [a, b], shape)
            XCTAssertNil(try project(shape).missingDownloads, shape)
        }
        let texts = [
            #"["HTTPS:\/\/o.example/1.png","//o.example/2.png"]"#,
            #"[" Https://o.example/1.png","\n//o.example/2.png"]"#,
        ]
        for text in texts {
            let urls = ["https://o.example/1.png", "https://o.example/2.png"].compactMap { URL(string: $0) }
            XCTAssertEqual(
                ModelsLabBackend.state(of: try result(text)),
                .complete(urls.map { JobOutput(content: .link($0)) }),
                text
            )
            XCTAssertEqual(try project(text).downloads.map(\.url), urls, text)
        }
        XCTAssertEqual(try project(#"[{"url":"\#(a)","expires_at":"x"}]"#).downloads[0].expiresAt?.rawValue, "x")
    }

    func testMissingOutputsAreCounted() throws {
        let shapes: [(String, missing: Int)] = [
            (#"[null,"\#(a)"]"#, 1), (#"["\#(a)",null,null]"#, 2), (#"["","\#(a)"," "]"#, 2),
            (#"[{"url":null},"\#(a)"]"#, 1),
            (#"{"0":null,"1":"\#(a)"}"#, 1), (#"[[null],["\#(a)"]]"#, 1), (#"[[],"\#(a)"]"#, 1),
            (#"[false,"\#(a)"]"#, 1),
            (#"[{},"\#(a)"]"#, 1),
        ]
        for (shape, missing) in shapes {
            XCTAssertEqual(try result(shape).outputs, [a], shape)
            XCTAssertEqual(try result(shape).missingOutputs, missing, shape)
            XCTAssertEqual(try project(shape).downloads.map(\.url.absoluteString), [a], shape)
            XCTAssertEqual(try project(shape).missingDownloads, missing, shape)
        }
        XCTAssertEqual(
            try project(#"[{"url":"\#(a)"},{"url":"\#(b)"},null]"#, #","image_count":4"#).missingDownloads,
            2
        )
        XCTAssertEqual(try project(#"[{"url":"\#(a)"}]"#, #","image_count":4"#).missingDownloads, 3)
        let some = try project(#"[{"url":"\#(a)"}]"#, #","image_count":"4""#)
        XCTAssertEqual(some.missingDownloads, 3)
        let again = try JSONDecoder().decode(MagicHour.ImageProject.self, from: JSONEncoder().encode(some))
        XCTAssertEqual(again, some)
    }

    func testValueWithoutURLIsDecodedAsNoOutput() throws {
        let shapes = [
            "[]", "null", #""""#, #"" ""#, "{}", "[null]", "[[]]", "[[],[null]]", "false", "0", #"{"a":"b"}"#, #"[{}]"#,
            #""[]""#,
            #"[""]"#, #""\"\"""#,
        ]
        for shape in shapes {
            XCTAssertEqual(try result(shape).outputs, [], shape)
            XCTAssertEqual(try project(shape).downloads, [], shape)
            XCTAssertNil(try project(shape, #","image_count":4"#).missingDownloads, shape)
        }
        XCTAssertEqual(try result("[]", #","future_links":["\#(a)"]"#).outputs, [])
        XCTAssertEqual(try result("{}", #","future_links":{"0":"\#(a)"},"meta":{"url":"\#(b)"}"#).outputs, [])
        XCTAssertEqual(try result("[null]", #","proxy_links":[["\#(a)"]]"#).outputs, [a])
    }

    func testGeneratedShapesOfSameURLsAreDecodedAlike() throws {
        var random = SplitMix64(state: 11)
        for _ in 0..<200 {
            let urls = (0...Int(random.next() % 4)).map { "https://o.example/\($0)%2F.png?s=\(random.next())" }
            let shape = Self.shape(of: urls, depth: 0, &random)
            XCTAssertEqual(try result(shape).outputs.map { URL(serverText: $0)?.absoluteString }, urls, shape)
            XCTAssertEqual(try project(shape).downloads.map(\.url.absoluteString), urls, shape)
        }
    }

    /// Returns JSON that contains the URLs in an unusual shape.
    private static func shape(of urls: [String], depth: Int, _ random: inout SplitMix64) -> String {
        if urls.count == 1, depth > 0 || random.next() % 2 == 0 {
            let space = [" ", "\\n", "", "\\t"][Int(random.next() % 4)]
            let text = ["https", "HTTPS", "Https"][Int(random.next() % 3)] + urls[0].dropFirst(5) + space
            switch random.next() % 4 {
            case 0: return #"{"url":"\#(text)","width":1}"#
            case 1: return #"{"link":"\#(text)"}"#
            case 2 where depth < 4: return "[\(shape(of: urls, depth: depth + 1, &random))]"
            default: return "\"\(space)\(text)\""
            }
        }
        let cut = Int(random.next() % UInt64(urls.count))
        let groups = [Array(urls[..<cut]), Array(urls[cut...])].filter { !$0.isEmpty }
        let parts =
            groups.count == 1 && depth > 3 || groups.count == 1 && urls.count == 1
            ? urls.map { "\"\($0)\"" } : groups.map { shape(of: $0, depth: depth + 1, &random) }
        if random.next() % 3 == 0 {
            let members = parts.enumerated().map { "\"\($0.offset * 3)\":\($0.element)" }
            return "{\(members.reversed().joined(separator: ","))}"
        }
        return "[\(parts.joined(separator: ","))]"
    }
}
