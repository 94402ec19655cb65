import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class MovedDirectoryTests: MockTestCase {
    func testDirectoryBelowTheHomeDirectoryIsStoredRelativeToIt() throws {
        let home = NSHomeDirectory()
        let path = MovablePath(path: home + "/outputs")
        let stored = try JSONEncoder().encode(["d": path])
        XCTAssertEqual(try JSONDecoder().decode([String: String].self, from: stored), ["d": "~/outputs"])
        XCTAssertEqual(try JSONDecoder().decode([String: MovablePath].self, from: stored)["d"], path)
        for other in ["/", "/tmp/outputs", home + "-of-another/outputs", home] {
            let stored = try JSONEncoder().encode(["d": MovablePath(path: other)])
            XCTAssertEqual(try JSONDecoder().decode([String: String].self, from: stored), ["d": other])
        }
    }

    func testJobIsSavedInTheDefaultDirectoryIfItsDirectoryCannotBeCreatedAgain() async throws {
        let jobs = clients.directory.appendingPathComponent("jobs")
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: jobs)
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        // Other runs of this test may save a job in the same current directory.
        let id = UUID().uuidString
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"\#(id)"}"#))
        // A file stands where the parent directory was, so the directory cannot be created.
        let parent = clients.directory.appendingPathComponent("parent")
        try Data().write(to: parent)
        var options = clients.options
        options.downloadDirectory = parent.appendingPathComponent("outputs")
        try await magicHour.headshots.submit(.init(photo: "api-assets/me.png"), options: options)

        mock.on(
            "GET",
            "/v1/image-projects/\(id)",
            response: .json(#"{"id":"\#(id)","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let outcomes = try await collect(magicHour.jobs.resumeAll())
        let file = try XCTUnwrap(outcomes.first?.result.get().files.first)
        defer { XCTAssertNoThrow(try FileManager.default.removeItem(at: file)) }
        XCTAssertEqual(
            file.deletingLastPathComponent().path,
            URL(fileURLWithPath: FileManager.default.currentDirectoryPath).path
        )
    }
}
