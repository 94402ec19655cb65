import Foundation
import HeadshotKitTesting
import XCTest

/// `headshot batch --page`.
final class BatchPageTests: XCTestCase {
    func testPageContainsNamesImagesAndReasonsEscaped() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png"])
        try SampleMedia.landscapePNG(width: 64, height: 64).write(
            to: tool.directory.appendingPathComponent("team/lake.png")
        )
        try Data("\u{FEFF}Photo,Name\r\nada.png,\"<b>Ada</b> \"\"Countess\"\"\r\nLovelace\"\r\neve.png,Eve\r\n".utf8)
            .write(to: tool.directory.appendingPathComponent("team.csv"))
        let output = try await tool.run("batch", "team", "--output", "made", "--csv", "team.csv", "--page")
        XCTAssertEqual(output.status, 11, output.err)
        XCTAssertTrue(output.err.contains("warning: team.csv, line 4: the batch has no photo “eve.png”.\n"), output.err)
        XCTAssertTrue(output.err.contains("\nThe page is \(tool.path("made/index.html"))\n"), output.err)
        let page = try String(contentsOfFile: tool.path("made/index.html"), encoding: .utf8)
        XCTAssertTrue(page.contains("<h2>&lt;b&gt;Ada&lt;/b&gt; &quot;Countess&quot;"), page.prefix(4_000).description)
        XCTAssertFalse(page.contains("<b>"))
        let photo = try Data(contentsOf: URL(fileURLWithPath: tool.path("team/ada.png"))).base64EncodedString()
        XCTAssertTrue(page.contains("src=\"data:image/png;base64,\(photo)\""))
        let made = try Data(contentsOf: URL(fileURLWithPath: output.out.split(separator: "\n").map(String.init)[0]))
        XCTAssertTrue(page.contains(made.base64EncodedString()))
        XCTAssertEqual(page.components(separatedBy: "<img").count, 4)
        XCTAssertEqual(page.components(separatedBy: "class=\"reason\"").count, 2)
        XCTAssertFalse(page.contains("http://"), "The page must be self-contained.")
        try await tool.close()
    }

    func testImagesOnPageAreWithoutMetadata() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png"])
        let photo = try Data(contentsOf: URL(fileURLWithPath: tool.path("team/ada.png")))
        // Every byte after the end of a PNG is metadata.
        try (photo + Data("GPS 48.8584 N, 2.2945 E".utf8)).write(to: URL(fileURLWithPath: tool.path("team/ada.png")))
        let output = try await tool.run("batch", "team", "--output", "made", "--page")
        XCTAssertEqual(output.status, 0, output.err)
        let page = try String(contentsOfFile: tool.path("made/index.html"), encoding: .utf8)
        XCTAssertTrue(page.contains("src=\"data:image/png;base64,\(photo.base64EncodedString())\""))
        try await tool.close()
    }

    func testPageNamesImagesThatCannotBeShownAndSortsByNameIgnoringCase() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["1.png", "2.png", "3.png"])
        try Data("no photo".utf8).write(to: URL(fileURLWithPath: tool.path("team/text.png")))
        try SampleMedia.portraitPNG(width: 64, height: 64, seed: 9).dropLast(20)
            .write(to: URL(fileURLWithPath: tool.path("team/cut.png")))
        try Data("photo,name\n1.png,Zoe\n2.png,ben\n3.png,Ada\n".utf8)
            .write(to: URL(fileURLWithPath: tool.path("team.csv")))
        let output = try await tool.run("batch", "team", "--output", "made", "--csv", "team.csv", "--page")
        XCTAssertEqual(output.status, 11, output.err)
        let page = try String(contentsOfFile: tool.path("made/index.html"), encoding: .utf8)
        let names = page.components(separatedBy: "<h2>").dropFirst().map { $0.components(separatedBy: "</h2>")[0] }
        XCTAssertEqual(names, ["Ada", "ben", "cut", "text", "Zoe"])
        for name in ["cut.png", "text.png"] {
            XCTAssertTrue(page.contains("<p class=\"blank\">\(name) cannot be shown here</p>"), name)
        }
        try await tool.close()
    }

    func testPageReplacesOnlyPagesOfThisToolUnlessAsked() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png"])
        try FileManager.default.createDirectory(atPath: tool.path("made"), withIntermediateDirectories: true)
        let index = tool.path("made/index.html")
        try Data("<h1>My site</h1>".utf8).write(to: URL(fileURLWithPath: index))
        for _ in 1...2 {
            let output = try await tool.run("batch", "team", "--output", "made", "--page")
            XCTAssertTrue(output.err.contains("\nThe page is \(tool.path("made/index-2.html"))\n"), output.err)
        }
        XCTAssertEqual(try String(contentsOfFile: index, encoding: .utf8), "<h1>My site</h1>")
        XCTAssertFalse(FileManager.default.fileExists(atPath: tool.path("made/index-3.html")))
        for arguments in [["--replace"], []] {
            let output = try await tool.start(["batch", "team", "--output", "made", "--page"] + arguments).end()
            XCTAssertTrue(output.err.contains("\nThe page is \(index)\n"), output.err)
        }
        try await tool.close()
    }
}
