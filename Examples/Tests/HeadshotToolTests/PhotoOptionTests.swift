import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// `--photo-metadata` of every command that sends a photo.
final class PhotoOptionTests: XCTestCase {
    /// The simulated services find no face in a photo that contains this text.
    private let secret = Data("no-face".utf8)

    /// Returns a tool whose photo has private bytes after its end.
    private func tool() async throws -> Tool {
        let tool = try await Tool()
        try (Tool.photoData + secret).write(to: tool.directory.appendingPathComponent("me.png"))
        try Data(#"{"assets":{"image_file_path":"@me.png"}}"#.utf8)
            .write(to: tool.directory.appendingPathComponent("body.json"))
        try SampleMedia.speechWAV(seconds: 1).write(to: tool.directory.appendingPathComponent("hello.wav"))
        return tool
    }

    private let commands = [
        ["create", "me.png"], ["create", "-"], ["create", "me.png", "--service", "modelslab"],
        ["create", "me.png", "--service", "modelslab-flux"], ["talk", "me.png", "hello.wav", "--end", "1"],
        ["run", "photo-colorizer", "--body", "body.json"], ["faces", "me.png"],
    ]

    /// Returns the photo among the uploads.
    private func sentPhoto(_ tool: Tool) throws -> Data {
        let contents = tool.service.uploads.compactMap(\.contents)
        return try XCTUnwrap(contents.first { $0.starts(with: Tool.photoData.prefix(8)) })
    }

    func testEveryCommandRemovesMetadataFromPhoto() async throws {
        for command in commands {
            let tool = try await tool()
            let output = try await tool.start(command + ["--photo-metadata", "remove"], input: tool.path("me.png"))
                .end()
            XCTAssertEqual(output.status, 0, "\(command): \(output.err)")
            // The simulated ModelsLab keeps no upload, and makes no headshot of a photo without a face.
            if !command.contains("--service") { XCTAssertEqual(try sentPhoto(tool), Tool.photoData, "\(command)") }
            XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: tool.path("tmp")), [], "\(command)")
            try await tool.close()
        }
    }

    func testMetadataIsKeptByDefaultAndOnRequest() async throws {
        for options in [[], ["--photo-metadata", "keep"]] {
            let tool = try await tool()
            let output = try await tool.start(["create", "me.png"] + options).end()
            XCTAssertNotEqual(output.status, 0, output.err)
            XCTAssertEqual(try sentPhoto(tool), Tool.photoData + secret)
            let modelsLab = try await tool.start(["create", "me.png", "--service", "modelslab"] + options).end()
            XCTAssertNotEqual(modelsLab.status, 0, modelsLab.err)
            try await tool.close()
        }
    }

    func testPhotoThatCannotBeCleanedExitsWith2AndIsNotSent() async throws {
        let tool = try await tool()
        try Tool.photoData.dropLast(20).write(to: tool.directory.appendingPathComponent("cut.png"))
        for (photo, text) in [
            ("cut.png", "cut.png cannot be removed: the file is truncated"),
            (
                "https://example.com/me.png",
                "the photo is https://example.com/me.png; allowed: a local photo, because "
                    + "--photo-metadata is remove"
            ),
        ] {
            for service in ["magic-hour", "modelslab"] {
                let output = try await tool.run("create", photo, "--service", service, "--photo-metadata", "remove")
                XCTAssertEqual(output.status, 2, output.err)
                XCTAssertTrue(output.err.contains(text), output.err)
            }
        }
        let unknown = try await tool.run("create", "me.png", "--photo-metadata", "hide")
        XCTAssertEqual(unknown.status, 2)
        XCTAssertTrue(unknown.err.contains("hide"), unknown.err)
        XCTAssertEqual(tool.service.requestCounts, [:])
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: tool.path("tmp")), [])
        try await tool.close()
    }
}
