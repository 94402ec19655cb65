import AsyncHTTPClient
import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOFoundationCompat
import NIOPosix
import StudioServer
import StudioStores
import XCTest

/// The database, the directory, and the simulated service of a test. Several studios may share them.
struct TestEnvironment {
    static let teamA = "token-of-team-a-0123456789"
    static let teamB = "token-of-team-b-0123456789"

    let directory: URL
    let database: SQLiteDatabase
    let store: SQLiteJobStore
    /// The clock of the simulated service and its client. Delays between polls do not take real time.
    let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
    let service: SimulatedService

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        database = try await SQLiteDatabase(file: directory.appendingPathComponent("studio.sqlite"))
        store = try await SQLiteJobStore(database: database)
        service = SimulatedService(clock: clock)
    }

    func remove() throws { try FileManager.default.removeItem(at: directory) }

    func magicHour(
        _ transport: (any Transport)? = nil,
        store: (any JobStore)? = nil,
        clock: ManualClock? = nil
    ) throws -> MagicHour {
        let configuration = ClientConfiguration(
            transport: transport ?? service,
            clock: clock ?? self.clock,
            durations: DurationHistory(),
            jobStore: store ?? self.store
        )
        return try MagicHour(apiKey: service.configuration.magicHourKey, configuration: configuration)
    }

    /// Creates a studio with two callers, which have 120 and 1,000 credits. A headshot costs 50.
    func studio(
        clock: any Clock<Duration> = ManualClock(),
        transport: (any Transport)? = nil,
        store: (any ClaimingStore)? = nil,
        clientClock: ManualClock? = nil,
        configure: (inout StudioConfiguration) throws -> Void = { _ in }
    ) async throws -> Studio {
        var configuration = StudioConfiguration()
        configuration.clock = clock
        try configure(&configuration)
        let store = store ?? self.store
        return try await Studio(
            directory: directory,
            database: database,
            jobStore: store,
            maker: .magicHour(try magicHour(transport, store: store, clock: clientClock)) {
                $0.name.contains("no-face") ? "no-face" : $0.prompt
            },
            callers: try Callers([
                Caller(name: "team-a", token: Self.teamA, credits: 120),
                Caller(name: "team-b", token: Self.teamB, credits: 1_000),
            ]),
            configuration: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs a studio on a port of this machine while the body runs, and shuts it down gracefully.
    func run<Value>(_ studio: Studio, _ body: @Sendable (API) async throws -> Value) async throws -> Value {
        try await studio.application(address: .hostname("127.0.0.1", port: 0)).test(.ahc()) { client in
            try await body(API(client: client))
        }
    }

    /// Returns the files of uploads that are in progress, or that were left.
    func uploads() throws -> [String] {
        let uploads = directory.appendingPathComponent("uploads")
        return try FileManager.default.contentsOfDirectory(atPath: uploads.path)
    }

    /// Returns the files of uploads that this process has open, also those that were removed.
    func openUploads() throws -> [String] {
        #if os(Linux)
        return try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { descriptor in
            // The directory itself was open while it was listed.
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
            else { return nil }
            return target.hasPrefix(directory.appendingPathComponent("uploads").path) ? target : nil
        }
        #else
        return []
        #endif
    }

    /// Returns the names of the headshots' directories.
    func headshotDirectories() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.appendingPathComponent("headshots").path)
    }
}

/// A client of a studio.
struct API: Sendable {
    let client: any TestClientProtocol
    var token: String? = TestEnvironment.teamB

    var port: Int { get throws { try XCTUnwrap(client.port) } }

    func with(token: String?) -> API { API(client: client, token: token) }

    func request(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: HTTPFields = [:],
        body: Data? = nil
    ) async throws -> TestResponse {
        var headers = headers
        if let token { headers[.authorization] = "Bearer \(token)" }
        return try await client.executeRequest(
            uri: path,
            method: method,
            headers: headers,
            body: body.map { ByteBuffer(bytes: $0) }
        )
    }

    func get(_ path: String) async throws -> TestResponse { try await request(.get, path) }

    /// Sends a form with photos.
    func order(_ form: Form, headers: HTTPFields = [:]) async throws -> TestResponse {
        var headers = headers
        headers[.contentType] = "multipart/form-data; boundary=XX"
        return try await request(.post, "/api/headshots", headers: headers, body: form.data)
    }

    /// Sends a form with photos that is accepted, and returns the batch.
    func batch(_ form: Form, headers: HTTPFields = [:]) async throws -> JSONValue {
        let response = try await order(form, headers: headers)
        XCTAssertEqual(response.status, .accepted, String(buffer: response.body))
        return try XCTUnwrap(try response.json["batch"])
    }

    /// Waits until all headshots of a batch are final, and returns the batch.
    func finished(_ batch: JSONValue) async throws -> JSONValue {
        let id = try XCTUnwrap(batch["id"]?.string)
        let events = try await get("/api/batches/\(id)/events")
        XCTAssertEqual(events.status, .ok)
        return try await get("/api/batches/\(id)").json
    }

    /// Returns the credits of the caller: the budget, the spent ones, and the reserved ones.
    func credits() async throws -> [JSONValue?] {
        let credits = try await get("/api/me").json["credits"]
        return [credits?["budget"], credits?["spent"], credits?["reserved"]]
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}

extension TestResponse {
    var json: JSONValue { get throws { try JSONDecoder().decode(JSONValue.self, from: Data(buffer: body)) } }
    var text: String { String(buffer: body) }
    /// The code of the error in the body.
    var errorCode: String? { get throws { try json["error"]?["code"]?.string } }
}

extension JSONValue {
    var headshots: [JSONValue] {
        guard case .array(let values)? = self["headshots"] else { return [] }
        return values
    }
    var states: [String] { headshots.compactMap { $0["state"]?.string } }
}

/// The body of a form, with the boundary `XX`.
struct Form {
    private(set) var data = Data()

    static func photos(_ names: String..., content: Data = SampleMedia.portraitPNG(width: 16, height: 16)) -> Form {
        names.reduce(Form()) { $0.file("photo", $1, content) }.end()
    }

    func field(_ name: String, _ value: String) -> Form {
        adding("--XX\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n")
    }

    func file(_ name: String, _ fileName: String, _ content: Data) -> Form {
        var form = adding(
            "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(fileName)\"\r\nContent-Type: image/png\r\n\r\n"
        )
        form.data += content + Data("\r\n".utf8)
        return form
    }

    func end() -> Form { adding("--XX--\r\n") }

    private func adding(_ text: String) -> Form {
        var form = self
        form.data += Data(text.utf8)
        return form
    }
}

/// A connection whose bytes a test chooses.
struct RawConnection {
    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    static func connect(port: Int) async throws -> RawConnection {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "localhost", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return RawConnection(channel: channel)
    }

    /// Sends text, waits for the response until a text has arrived or the server closes the connection, and closes the connection.
    func send(_ text: String, until end: String? = nil) async throws -> String {
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            guard end != "" else { return "" }
            var response = ""
            for try await bytes in inbound {
                response += String(buffer: bytes)
                if let end, response.contains(end) { break }
            }
            return response
        }
    }
}
