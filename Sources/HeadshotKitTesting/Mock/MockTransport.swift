public import Foundation
public import HeadshotKit

/// A `Transport` that returns responses from a list of stubs, for tests that assert every request.
///
/// ```swift
/// let mock = MockTransport()
/// mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"x","credits_charged":50}"#))
/// mock.on("GET", "/v1/image-projects/x", response: .json(#"{"id":"x","status":"complete"}"#))
/// // Run the code under test here.
/// try mock.verify()
/// XCTAssertEqual(mock.requests.count, 2)
/// ```
/// Each request consumes the first remaining stub that matches it. A request without a matching stub fails with a ``Failure``
/// that names the request. ``verify()`` also reports that request, in case the code under test ignores the error.
public final class MockTransport: Transport {
    /// An error that describes unmatched requests and unused stubs in readable text for the test log.
    public struct Failure: Error, Sendable, TestFailure, LocalizedError, CustomStringConvertible {
        /// The description of the failure, in one or more lines.
        public let description: String
        /// The same as ``description``.
        public var errorDescription: String? { description }
    }

    /// A closure that checks the body of a request.
    public typealias BodyCheck = @Sendable (Data) -> Bool

    private struct Stub: Sendable {
        let method: String
        /// The path, which begins with `//` and a host if the stub matches only that host.
        let path: String
        let bodyMatches: BodyCheck?
        let response: Response
        /// The number of requests that are still required.
        var required: Int
        /// The number of requests that are still allowed, at least 1.
        var allowed: Int

        var description: String {
            "\(method) \(path)\(bodyMatches == nil ? "" : ", with a check of the body")"
        }

        func matches(_ request: TransportRequest, body: Data) -> Bool {
            method == request.method && (path == request.url.path || path == request.url.hostAndPath)
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

    /// Creates a mock without stubs.
    ///
    /// - Parameter clock: The clock for ``Response/delayed(by:)``. Pass a ``ManualClock`` to avoid real waits in tests. Defaults to a
    ///   `ContinuousClock`.
    public init(clock: any Clock<Duration> = ContinuousClock()) {
        self.clock = clock
    }

    /// All requests so far, in order, matched or not.
    public var requests: [TransportRequest] { state.withLock(\.requests) }

    /// The bodies of ``requests``, read at the time of each request because a file can be deleted later.
    public var bodies: [Data] { state.withLock(\.bodies) }

    /// Adds a stub after the existing ones.
    ///
    /// - Parameters:
    ///   - method: The HTTP method, in uppercase.
    ///   - path: The path of the URL, without the query. A path with a host, such as `//example.com/v1/jobs`, matches only that host.
    ///   - bodyMatches: A check of the request body. A request that fails the check is compared with the next stub. `nil` if the stub
    ///     matches any body. Defaults to `nil`.
    ///   - times: The number of requests that the stub must match. Defaults to 1.
    ///   - response: The response of the stub.
    public func on(
        _ method: String,
        _ path: String,
        bodyMatches: BodyCheck? = nil,
        times: Int = 1,
        response: Response
    ) {
        let times = max(0, times)
        on(method, path, bodyMatches: bodyMatches, times: times...times, response: response)
    }

    /// Adds a stub after the existing ones, for a number of requests in a range, such as polls until a deadline.
    ///
    /// - Parameters:
    ///   - method: The HTTP method, in uppercase.
    ///   - path: The path of the URL, without the query. A path with a host, such as `//example.com/v1/jobs`, matches only that host.
    ///   - bodyMatches: A check of the request body. A request that fails the check is compared with the next stub. `nil` if the stub
    ///     matches any body. Defaults to `nil`.
    ///   - times: The number of requests that the stub must match, and the number that it can match.
    ///   - response: The response of the stub.
    public func on(
        _ method: String,
        _ path: String,
        bodyMatches: BodyCheck? = nil,
        times: ClosedRange<Int>,
        response: Response
    ) {
        guard times.upperBound > 0 else { return }
        let stub = Stub(
            method: method,
            path: path,
            bodyMatches: bodyMatches,
            response: response,
            required: times.lowerBound,
            allowed: times.upperBound
        )
        state.withLock { $0.stubs.append(stub) }
    }

    /// Checks that every request matched a stub and that every stub was used.
    ///
    /// - Throws: ``Failure``, which lists the unmatched requests and the unused stubs.
    public func verify() throws {
        let (unmatched, stubs) = state.withLock { ($0.unmatched, $0.stubs.filter { $0.required > 0 }) }
        var lines: [String] = []
        if !unmatched.isEmpty {
            lines.append("Requests that no stub matched:")
            lines += unmatched.map { "  \($0)" }
        }
        if !stubs.isEmpty {
            lines.append("Stubs that no request used:")
            lines += stubs.flatMap { Array(repeating: "  \($0.description)", count: $0.required) }
        }
        if !lines.isEmpty { throw Failure(description: lines.joined(separator: "\n")) }
    }

    /// Returns the response of the first matching stub.
    ///
    /// - Throws: ``Failure`` if no stub matches. The stub's error. `CancellationError` if the task is canceled.
    public func send(
        _ request: TransportRequest,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        let response = try await response(to: request, onProgress: onProgress)
        return try response.gathered(upTo: request.maximumResponseBytes)
    }

    /// Returns the response of the first matching stub and writes its body to a file, as the protocol requires.
    ///
    /// - Throws: The errors of ``send(_:onProgress:)``. A `TransportError` if the file cannot be written or a 206 response does not
    ///   continue the file.
    public func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        let response = try await response(to: request, onProgress: nil)
        return try await response.downloaded(to: file, upTo: request.maximumResponseBytes, onProgress: onProgress)
    }

    private func response(
        to request: TransportRequest,
        onProgress: ProgressHandler?
    ) async throws -> CannedResponse {
        try Task.checkCancellation()
        let body = try readBody(of: request)
        let response = try consumeStub(for: request, body: body)
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

    private func consumeStub(for request: TransportRequest, body: Data) throws -> Response {
        try state.withLock { state in
            state.requests.append(request)
            state.bodies.append(body)
            if let index = state.stubs.firstIndex(where: { $0.matches(request, body: body) }) {
                state.stubs[index].required -= 1
                state.stubs[index].allowed -= 1
                let stub = state.stubs[index]
                if stub.allowed == 0 { state.stubs.remove(at: index) }
                return stub.response
            }
            let name = "\(request.method) \(request.url.hostAndPath)"
            state.unmatched.append(name)
            let left = state.stubs.flatMap { Array(repeating: "  \($0.description)", count: max(1, $0.required)) }
                .joined(separator: "\n")
            throw Failure(
                description: left.isEmpty
                    ? "No stub matches \(name); no stub is left."
                    : "No stub matches \(name). The stubs left are:\n\(left)"
            )
        }
    }
}

extension URL {
    /// The host and the path, such as `//example.com/v1/jobs`.
    fileprivate var hostAndPath: String { "//\(host ?? "")\(path)" }
}
