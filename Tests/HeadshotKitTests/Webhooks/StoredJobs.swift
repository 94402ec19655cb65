import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A client's store that contains an unfinished job and an unconfirmed record with a tag.
struct StoredJobs {
    let clients: TestClients
    let configuration: ClientConfiguration
    /// The tag of the unconfirmed record.
    private(set) var tag = ""
    private var files: [String: Data] = [:]
    private var setUpRequests = 0

    init(_ clients: TestClients) throws {
        self.clients = clients
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: Self.directory(of: clients))
        self.configuration = configuration
    }

    private static func directory(of clients: TestClients) -> URL {
        clients.directory.appendingPathComponent("jobs")
    }

    /// The requests after the two create requests.
    var requests: ArraySlice<TransportRequest> { clients.mock.requests.dropFirst(setUpRequests) }
    /// The bodies of ``requests``.
    var bodies: ArraySlice<Data> { clients.mock.bodies.dropFirst(setUpRequests) }

    /// Submits the two jobs. The second create request fails with status 500.
    mutating func submit(
        _ correlation: GenerationOptions.Correlation,
        to path: String,
        response: MockTransport.Response,
        _ jobs: JobsAPI,
        _ submit: (GenerationOptions) async throws -> JobHandle
    ) async throws {
        clients.mock.on("POST", path, response: response)
        _ = try await submit(clients.options)
        clients.mock.on("POST", path, response: .status(500))
        var options = clients.options
        options.correlation = correlation
        let error = try await failure { try await submit(options) }
        XCTAssertEqual(error.code, .submissionUnconfirmed)
        let records = try await jobs.unfinished()
        XCTAssertEqual(Set(records.map(\.state)), [.accepted, .unconfirmed])
        tag = try XCTUnwrap(records.first { $0.isUnconfirmed }?.correlationTag)
        files = try readFiles()
        setUpRequests = clients.mock.requests.count
    }

    /// Fails if a file of the store or the download directory differs from the state after the two create requests.
    func assertUnchanged(_ name: String, line: UInt = #line) throws {
        let now = try readFiles()
        XCTAssertEqual(now.keys.sorted(), files.keys.sorted(), name, line: line)
        for (file, contents) in files { XCTAssertEqual(now[file], contents, "\(name): \(file)", line: line) }
        XCTAssertEqual(try clients.filesInDirectory(), ["jobs"], name, line: line)
    }

    /// Returns the name and the bytes of every file of the store.
    private func readFiles() throws -> [String: Data] {
        let directory = Self.directory(of: clients)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: directory.appendingPathComponent($0))) }
        )
    }
}
