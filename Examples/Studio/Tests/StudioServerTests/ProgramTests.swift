import AsyncHTTPClient
import Foundation
import HeadshotKit
import HeadshotKitTesting
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import SimulatorServer
import XCTest

final class ProgramTests: XCTestCase {
    private var directory = FileManager.default.temporaryDirectory

    override func setUp() async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    override func tearDown() async throws { try FileManager.default.removeItem(at: directory) }

    func testProgramRunsWithoutKeyAndStopsAtSignal() async throws {
        let program = try Program(["STUDIO_DATA": directory.path, "STUDIO_DEMO_SECONDS": "0"])
        let batch = try await program.order()
        let finished = try await program.finished(batch)
        XCTAssertEqual(finished.states, ["done"])
        XCTAssertEqual(program.stop(SIGTERM), 0)
    }

    func testWrongSettingEndsProgramWithExplanation() throws {
        let settings = [
            ["STUDIO_PHOTOS": "many"], ["MAGIC_HOUR_API_KEY": "mhk_live_key", "MAGIC_HOUR_BASE_URL": "localhost:8080"],
            ["MODELSLAB_WEBHOOK_SECRET": "short"], ["STUDIO_STORED_HEADSHOTS": "0"], ["STUDIO_RETENTION_DAYS": "-1"],
        ]
        for setting in settings {
            let program = try Program(setting.merging(["STUDIO_DATA": directory.path]) { first, _ in first })
            XCTAssertEqual(program.url, "")
            XCTAssertEqual(program.stop(nil), 2, "\(setting)")
        }
    }

    func testArgumentsEndProgramWithExplanation() throws {
        let program = try Program(["STUDIO_DATA": directory.path], arguments: ["--help"])
        XCTAssertEqual(program.url, "")
        XCTAssertEqual(program.stop(nil), 2)
    }

    func testProgramLimitsStoredHeadshots() async throws {
        let settings = ["STUDIO_STORED_HEADSHOTS": "1", "STUDIO_RETENTION_DAYS": "0", "STUDIO_DEMO_SECONDS": "0"]
        let program = try Program(settings.merging(["STUDIO_DATA": directory.path]) { first, _ in first })
        _ = try await program.order()
        let refused = try await program.orderResponse()
        XCTAssertEqual(refused["error"]?["code"], "too_many_headshots")
        XCTAssertEqual(program.stop(SIGTERM), 0)
    }

    func testDirectoryThatCannotBeCreatedEndsProgram() throws {
        let file = directory.appendingPathComponent("file")
        try Data().write(to: file)
        let program = try Program(["STUDIO_DATA": file.path])
        XCTAssertEqual(program.url, "")
        XCTAssertEqual(program.stop(nil), 1)
    }

    func testNextProcessFinishesHeadshotOfKilledOneWithoutSecondCharge() async throws {
        var configuration = SimulatedService.Configuration()
        configuration.jobDuration = .seconds(3)
        let server = try await SimulatorServer.start(SimulatedService(configuration: configuration))
        let settings = [
            "STUDIO_DATA": directory.path, "STUDIO_LEASE_SECONDS": "1",
            "MAGIC_HOUR_API_KEY": configuration.magicHourKey,
            "MAGIC_HOUR_BASE_URL": server.magicHourURL.absoluteString, "STUDIO_CALLERS": try callers(),
        ]
        let killed = try Program(settings)
        let batch = try await killed.order()
        while server.service.ledger.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        XCTAssertEqual(killed.stop(SIGKILL), SIGKILL)

        let next = try Program(settings)
        let finished = try await next.finished(batch)
        XCTAssertTrue(["done", "unconfirmed"].contains(finished.states.first ?? ""), "\(finished)")
        XCTAssertEqual(next.stop(SIGTERM), 0)
        XCTAssertEqual(server.service.ledger.map(\.amount), [50])
        await server.stop()
    }

    /// The directory of the built products.
    fileprivate static var products: URL {
        let bundle = Bundle(for: ProgramTests.self).bundleURL
        return bundle.pathExtension == "xctest" ? bundle.deletingLastPathComponent() : bundle
    }

    private func callers() throws -> String {
        let file = directory.appendingPathComponent("callers.json")
        try Data(#"[{"name": "team", "token": "\#(Program.token)", "credits": 500}]"#.utf8).write(to: file)
        return file.path
    }
}

/// A process that runs the program.
private struct Program {
    static let token = "token-of-the-team-0123456789"

    let url: String
    private let process = Process()
    private let token: String

    /// Starts the program, and waits until it prints its URL or ends.
    init(_ settings: [String: String], arguments: [String] = []) throws {
        process.arguments = arguments
        process.executableURL = ProgramTests.products.appendingPathComponent("studio")
        process.environment = settings.merging(["STUDIO_PORT": "0", "LOG_LEVEL": "critical"]) { first, _ in first }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = Data()
        while !text.contains(UInt8(ascii: "\n")) {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { break }
            text += bytes
        }
        let parts = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines).components(
            separatedBy: "/#token="
        )
        url = parts[0].hasSuffix("/") ? String(parts[0].dropLast()) : parts[0]
        token = parts.count == 2 ? parts[1] : Self.token
    }

    /// Sends a signal, and returns the status or the signal that ended the process.
    func stop(_ signal: Int32?) -> Int32 {
        if let signal { kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        return process.terminationStatus
    }

    func order() async throws -> JSONValue {
        let response = try await orderResponse()
        return try XCTUnwrap(response["batch"])
    }

    /// Returns the response to an order.
    func orderResponse() async throws -> JSONValue {
        try await request(.POST, "/api/headshots", Form.photos("anna.png").data)
    }

    func finished(_ batch: JSONValue) async throws -> JSONValue {
        let path = "/api/batches/\(try XCTUnwrap(batch["id"]?.string))"
        _ = try await data(.GET, path + "/events", nil)
        return try await request(.GET, path, nil)
    }

    private func request(_ method: NIOHTTP1.HTTPMethod, _ path: String, _ body: Data?) async throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: try await data(method, path, body))
    }

    private func data(_ method: NIOHTTP1.HTTPMethod, _ path: String, _ body: Data?) async throws -> Data {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "Content-Type", value: "multipart/form-data; boundary=XX")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        return Data(buffer: try await response.body.collect(upTo: 1 << 22))
    }
}
