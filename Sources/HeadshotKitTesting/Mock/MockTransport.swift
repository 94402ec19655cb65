public import Foundation
public import HeadshotKit

/// A `Transport` that answers from a list of stubs, for tests that assert every request.
///
/// ```swift
/// let mock = MockTransport()
/// mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"x","credits_charged":50}"#))
/// mock.on("GET", "/v1/image-projects/x", response: .json(#"{"status":"complete", ...}"#))
/// // ... run the code under test ...
/// try mock.verify()
/// XCTAssertEqual(mock.requests.count, 2)
/// ```
/// A request takes the first stub left that matches it, and uses it up. A request that no stub matches fails with a
/// ``Failure`` that names it, and so does ``verify()`` afterwards, should the code under test have swallowed the first.
public final class MockTransport: Transport {
    /// What a mock found wrong, in words meant for the person who reads the test's log.
    public struct Failure: Error, Sendable, TestFailure, LocalizedError, CustomStringConvertible {
        /// What is wrong, in one or more lines.
        public let description: String
        /// The same as ``description``.
        public var errorDescription: String? { description }
    }

    private struct Stub: Sendable {
        let method: String
        let path: String
        let host: String?
        let bodyMatches: (@Sendable (Data) -> Bool)?
        let response: Response

        var description: String {
            "\(method) \(host.map { "//\($0)" } ?? "")\(path)\(bodyMatches == nil ? "" : ", with a check of the body")"
        }

        func matches(_ request: TransportRequest, body: Data) -> Bool {
            method == request.method && path == request.url.path && (host == nil || host == request.url.host)
                && bodyMatches?(body) != false
        }
    }

    private struct State {
        var stubs: [Stub] = []
        var requests: [TransportRequest] = []
        var bodies: [Data] = []
        var unmatched: [String] = []
    }

    private let state = Locked(State())
    private let clock: any Clock<Duration>

    /// A mock without stubs.
    ///
    /// - Parameter clock: What ``Response/delayed(by:)`` waits on; a ``ManualClock`` keeps a test from waiting for real.
    public init(clock: any Clock<Duration> = ContinuousClock()) {
        self.clock = clock
    }

    /// Every request so far, in order, matched or not.
    public var requests: [TransportRequest] { state.withLock(\.requests) }

    /// The body of each of ``requests`` as it was when the request came; a file may be gone since.
    public var bodies: [Data] { state.withLock(\.bodies) }

    /// Adds a stub behind those there are.
    ///
    /// - Parameters:
    ///   - method: The HTTP method, in capitals.
    ///   - path: The path of the address, without its query.
    ///   - host: The host of the address; any unless given.
    ///   - bodyMatches: A check of the request's body; a request that fails it goes on to the next stub.
    ///   - times: For how many requests the stub stands.
    ///   - response: What it answers.
    public func on(
        _ method: String,
        _ path: String,
        host: String? = nil,
        bodyMatches: (@Sendable (Data) -> Bool)? = nil,
        times: Int = 1,
        response: Response
    ) {
        let stub = Stub(method: method, path: path, host: host, bodyMatches: bodyMatches, response: response)
        state.withLock { $0.stubs += Array(repeating: stub, count: times) }
    }

    /// Checks that every request had its stub, and every stub its request.
    ///
    /// - Throws: ``Failure``, which lists what was amiss.
    public func verify() throws {
        let (unmatched, stubs) = state.withLock { ($0.unmatched, $0.stubs) }
        var lines: [String] = []
        if !unmatched.isEmpty {
            lines.append("Requests that no stub matched:")
            lines += unmatched.map { "  \($0)" }
        }
        if !stubs.isEmpty {
            lines.append("Stubs that no request used:")
            lines += stubs.map { "  \($0.description)" }
        }
        if !lines.isEmpty { throw Failure(description: lines.joined(separator: "\n")) }
    }

    /// Answers from the first stub that matches.
    ///
    /// - Throws: ``Failure`` when none does; the stub's error; `CancellationError` when the task is cancelled.
    public func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        let response = try await response(to: request, onProgress: onProgress)
        return try response.gathered(upTo: request.maximumResponseBytes)
    }

    /// Answers from the first stub that matches, and writes the body to the file as the protocol says.
    ///
    /// - Throws: As ``send(_:onProgress:)``; a `TransportError` when the file cannot be written, or a 206 does not continue it.
    public func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        let response = try await response(to: request, onProgress: nil)
        return try await response.downloaded(to: file, upTo: request.maximumResponseBytes, onProgress: onProgress)
    }

    private func response(
        to request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> CannedResponse {
        try Task.checkCancellation()
        let body = try readBody(of: request)
        let response = try takeStub(for: request, body: body)
        if !body.isEmpty {
            onProgress?(TransferProgress(completed: Int64(body.count), total: Int64(body.count)))
        }
        if response.delay > .zero { try await clock.sleep(for: response.delay) }
        try Task.checkCancellation()
        switch response.outcome {
        case .response(let response): return response
        case .failure(let error): throw error
        case .never: while true { try await ContinuousClock().sleep(for: .seconds(3600)) }
        }
    }

    private func readBody(of request: TransportRequest) throws -> Data {
        do { return try request.bodyData() } catch {
            throw TransportError(
                .fileSystem,
                "the request's body could not be read",
                mayHaveBeenReceived: false,
                underlyingError: error
            )
        }
    }

    private func takeStub(for request: TransportRequest, body: Data) throws -> Response {
        try state.withLock { state in
            state.requests.append(request)
            state.bodies.append(body)
            if let index = state.stubs.firstIndex(where: { $0.matches(request, body: body) }) {
                return state.stubs.remove(at: index).response
            }
            let name = "\(request.method) //\(request.url.host ?? "")\(request.url.path)"
            state.unmatched.append(name)
            let left = state.stubs.map { "  \($0.description)" }.joined(separator: "\n")
            throw Failure(
                description: left.isEmpty
                    ? "No stub matches \(name); no stub is left."
                    : "No stub matches \(name). The stubs left are:\n\(left)"
            )
        }
    }
}
