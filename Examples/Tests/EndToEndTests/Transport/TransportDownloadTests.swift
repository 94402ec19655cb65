import FaultyServer
import Foundation
import HeadshotKit
import XCTest

/// The effect of a download on its file.
final class TransportDownloadTests: XCTestCase {
    private let transport = transportUnderTest

    func test200ReplacesContentsOfFile() async throws {
        try await withDownload(of: .file(noise(100_000)), into: Data("something older, and longer".utf8)) { result in
            XCTAssertEqual(try result.response.get().status, 200)
            XCTAssertEqual(result.file, noise(100_000))
            XCTAssertEqual(result.progress.last, TransferProgress(completed: 100_000, total: 100_000))
        }
    }

    func test206IsAppendedToFile() async throws {
        let whole = noise(100_000)
        try await withDownload(
            of: .file(whole, tag: "\"1\""),
            into: whole.prefix(40_000),
            headers: ["Range": "bytes=40000-99999", "If-Range": "\"1\""]
        ) { result in
            XCTAssertEqual(try result.response.get().status, 206)
            XCTAssertEqual(try result.response.get().headers["etag"], "\"1\"")
            XCTAssertEqual(result.file, whole)
        }
    }

    func test200ToRangeRequestReplacesContentsOfFile() async throws {
        let whole = noise(100_000)
        try await withDownload(
            of: .response(200, body: whole),
            into: Data(count: 40_000),
            headers: ["Range": "bytes=40000-99999"]
        ) { result in
            XCTAssertEqual(try result.response.get().status, 200)
            XCTAssertEqual(result.file, whole)
        }
    }

    func testPartAtAnotherOffsetIsNotWritten() async throws {
        for range in ["bytes 0-9/50", "bytes 41-50/60", "bytes */50", "lines 40-49/50", nil] {
            var headers: [String: String] = [:]
            headers["Content-Range"] = range
            try await withDownload(
                of: .response(206, headers: headers, body: Data("0123456789".utf8)),
                into: Data(count: 40),
                headers: ["Range": "bytes=40-49"]
            ) { result in
                XCTAssertEqual(result.transportError?.kind, .invalidResponse, range ?? "no range")
                XCTAssertEqual(result.file, Data(count: 40), range ?? "no range")
            }
        }
    }

    func testAnyOtherStatusKeepsFileAndReturnsBody() async throws {
        for status in [403, 404, 416, 429, 500] {
            try await withDownload(of: .json(#"{"message":"no"}"#, status: status), into: Data("kept".utf8)) { result in
                XCTAssertEqual(try result.response.get().status, status)
                XCTAssertEqual(try result.response.get().body, Data(#"{"message":"no"}"#.utf8))
                XCTAssertEqual(result.file, Data("kept".utf8))
            }
        }
        try await withDownload(of: .redirect(302, to: URL(fileURLWithPath: "/")), into: Data("kept".utf8)) { result in
            XCTAssertEqual(try result.response.get().status, 302)
            XCTAssertEqual(result.file, Data("kept".utf8))
        }
    }

    func testInterruptedTransferKeepsReceivedBytes() async throws {
        let whole = noise(300_000)
        try await withDownload(of: .file(whole, breakingAfter: 200_000), into: nil) { result in
            XCTAssertEqual(result.transportError?.kind, .connectionLost)
            XCTAssertEqual(result.transportError?.mayHaveBeenReceived, true)
            XCTAssertEqual(result.file, whole.prefix(200_000))
        }
    }

    func testInterruptedPartIsAppendedToFile() async throws {
        let whole = noise(300_000)
        try await withDownload(
            of: .file(whole, breakingAfter: 50_000),
            into: whole.prefix(100_000),
            headers: ["Range": "bytes=100000-299999"]
        ) { result in
            XCTAssertEqual(result.transportError?.kind, .connectionLost)
            XCTAssertEqual(result.file, whole.prefix(150_000))
        }
    }

    func testMissingDirectoryIsFileSystemError() async throws {
        try await withFaultyServer { server in
            await server.on("/output.png", .file(noise(1_000)))
            let error = try await failure(TransportError.self) {
                try await transport.download(
                    TransportRequest(url: server.url("output.png")),
                    to: URL(fileURLWithPath: "/nonexistent/output.part"),
                    onProgress: nil
                )
            }
            XCTAssertEqual(error.kind, .fileSystem)
            XCTAssertTrue(error.message.contains("/nonexistent/output.part"), error.message)
        }
    }

    #if os(Linux)
    func testFullDiskIsFileSystemError() async throws {
        try await withFaultyServer { server in
            await server.on(
                "/output.png",
                .response(206, headers: ["Content-Range": "bytes 0-999/1000"], body: noise(1_000))
            )
            let error = try await failure(TransportError.self) {
                try await transport.download(
                    TransportRequest(url: server.url("output.png")),
                    to: URL(fileURLWithPath: "/dev/full"),
                    onProgress: nil
                )
            }
            XCTAssertEqual(error.kind, .fileSystem)
        }
    }
    #endif

    func testDownloadRequestsNoCompression() async throws {
        try await withTemporaryDirectory { directory in
            try await withFaultyServer { server in
                await server.on("/output.png", .file(noise(10)))
                _ = try await transport.download(
                    TransportRequest(url: server.url("output.png")),
                    to: directory.appendingPathComponent("output.part"),
                    onProgress: nil
                )
                let request = try await unwrapped(await server.requests.first)
                XCTAssertEqual(request.headers["accept-encoding"], "identity")
                XCTAssertNil(request.headers["authorization"])
            }
        }
    }

    // MARK: -

    private struct Result {
        let response: Swift.Result<TransportResponse, any Error>
        let file: Data
        let progress: [TransferProgress]

        var transportError: TransportError? {
            guard case .failure(let error) = response else { return nil }
            return error as? TransportError
        }
    }

    private func withDownload(
        of faultResponse: FaultResponse,
        into contents: Data?,
        headers: TransportHeaders = [:],
        _ check: (Result) throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try await withFaultyServer { server in
                await server.on("/output.png", faultResponse)
                let file = directory.appendingPathComponent("output.part")
                try contents?.write(to: file)
                let request = TransportRequest(url: server.url("output.png"), headers: headers)
                let progress = Recorder<TransferProgress>()
                let response: Swift.Result<TransportResponse, any Error>
                do {
                    response = .success(try await transport.download(request, to: file) { progress.append($0) })
                } catch {
                    response = .failure(error)
                }
                try check(Result(response: response, file: try Data(contentsOf: file), progress: progress.all))
            }
        }
    }
}
