public import Foundation

/// The seam between the SDK and the network: sends requests, downloads responses.
///
/// ``URLSessionTransport`` is the one that ships. `MockTransport` and `SimulatedService` of `HeadshotKitTesting` stand in for it
/// in tests, and an app may supply its own.
///
/// What every implementation keeps:
/// - A response of any HTTP status is returned, not thrown. What is thrown is a ``TransportError``, or `CancellationError` as soon
///   as the calling task is cancelled.
/// - A request is sent once. Repeating is the caller's decision, for it may cost money.
/// - No redirect is followed.
public protocol Transport: Sendable {
    /// Sends a request and gathers the response in memory, up to ``TransportRequest/maximumResponseBytes``.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - onProgress: Told how much of the body has been sent, in order, from any thread.
    /// - Throws: ``TransportError`` when no whole response came; `CancellationError` when the task was cancelled.
    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse

    /// Sends a request and writes the body of a successful response to a file as it arrives.
    ///
    /// A 200 replaces what the file holds. A 206 is written behind it, and must begin where the file ends. The body of every
    /// other status leaves the file alone and is gathered in memory, as ``send(_:onProgress:)`` does. A transfer that breaks
    /// leaves in the file what had arrived, for a later `Range` request to continue.
    ///
    /// - Parameters:
    ///   - request: What to send. Its body is none.
    ///   - file: Where to write; created when absent. Its folder must exist.
    ///   - onProgress: Told how much of this response's body has been written, in order, from any thread.
    /// - Throws: ``TransportError`` when no whole response came; `CancellationError` when the task was cancelled.
    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse
}

extension Transport {
    /// Sends a request without reporting progress.
    ///
    /// - Throws: As ``send(_:onProgress:)``.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try await send(request, onProgress: nil)
    }
}

/// A request as a ``Transport`` sends it.
public struct TransportRequest: Sendable, Hashable {
    /// What a request carries.
    public enum Body: Sendable, Hashable {
        /// Nothing.
        case none
        /// Bytes in memory. For small bodies: the system may hold them twice.
        case data(Data)
        /// The contents of a file, streamed from disk with an exact `Content-Length`.
        case file(URL)
    }

    /// How long a request may take.
    public enum Timeout: Sendable, Hashable {
        /// The whole exchange, from the call to the last byte of the response: for small requests.
        case total(Duration)
        /// The longest silence, in which no byte goes either way: for transfers, whose size sets their length.
        case idle(Duration)
    }

    /// The HTTP method, such as `POST`.
    public var method: String
    /// The address. Plain `http` is refused unless its host is this machine.
    public var url: URL
    /// The header fields.
    public var headers: TransportHeaders
    /// What the request carries.
    public var body: Body
    /// How long it may take; 60 seconds in all unless set.
    public var timeout: Timeout
    /// The largest response gathered in memory, in bytes; 16 MiB unless set. A larger one is an error, not a truncation.
    public var maximumResponseBytes: Int

    /// A request.
    public init(
        method: String = "GET",
        url: URL,
        headers: TransportHeaders = [:],
        body: Body = .none,
        timeout: Timeout = .total(.seconds(60)),
        maximumResponseBytes: Int = 16 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumResponseBytes = maximumResponseBytes
    }
}

// A request holds secrets: what a print or a dump of it shows is free of them.
extension TransportRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and URL, without its query.
    public var description: String { "\(method) \(url.redacted)" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The parts, without secrets and the body's content.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["method": method, "url": url.redacted, "headers": headers, "body": body, "timeout": timeout]
        )
    }
}

extension TransportRequest.Body: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What kind of body it is, and its size.
    public var description: String {
        switch self {
        case .none: "none"
        case .data(let data): "\(data.count) bytes"
        case .file: "a file"
        }
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// Nothing: a body may hold a key or a photo.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// An error that says that a test is wrong, and not what became of a request: nothing makes another error of it, and nothing is repeated.
package protocol TestFailure: Error {}

/// A response as a ``Transport`` received it.
public struct TransportResponse: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// The header fields.
    public var headers: TransportHeaders
    /// The body; empty where it was written to a file.
    public var body: Data

    /// A response.
    public init(status: Int, headers: TransportHeaders = [:], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// HTTP header fields; names are compared without regard to case.
public struct TransportHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// The fields with their names in lower case.
    public private(set) var fields: [String: String]

    /// No fields, or those of a dictionary.
    public init(_ fields: [String: String] = [:]) {
        self.fields = Dictionary(fields.map { ($0.lowercased(), $1) }, uniquingKeysWith: { _, last in last })
    }

    /// The fields of a literal; of two with the same name the later one stays.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = Dictionary(elements.map { ($0.lowercased(), $1) }, uniquingKeysWith: { _, last in last })
    }

    /// The value of a field, whatever the case of its name.
    public subscript(name: String) -> String? {
        get { fields[name.lowercased()] }
        set { fields[name.lowercased()] = newValue }
    }
}

extension TransportResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The status and the body's size.
    public var description: String { "\(status), \(body.count) bytes" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The parts, without secrets and the body's content.
    public var customMirror: Mirror {
        Mirror(self, children: ["status": status, "headers": headers, "body": "\(body.count) bytes"])
    }
}

extension TransportHeaders: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The fields whose values are known to hold no secret.
    private static let shown: Set<String> = [
        "accept", "accept-encoding", "accept-ranges", "content-encoding", "content-length", "content-range",
        "content-type",
        "date", "range", "retry-after", "server", "transfer-encoding", "user-agent",
    ]

    private var shownFields: [(name: String, value: String)] {
        fields.sorted { $0.key < $1.key }.map { name, value in
            (String(name.prefix(100)), Self.shown.contains(name) ? String(value.prefix(100)) : "(hidden)")
        }
    }

    /// The fields, of which the values that may be secrets are hidden.
    public var description: String {
        "[" + shownFields.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "]"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The same fields.
    public var customMirror: Mirror {
        Mirror(self, children: shownFields.map { (label: Optional($0.name), value: $0.value as Any) })
    }
}

/// How far a transfer has come.
public struct TransferProgress: Sendable, Hashable {
    /// Bytes transferred so far.
    public var completed: Int64
    /// Bytes in all, where that is known.
    public var total: Int64?

    /// Progress of a transfer.
    public init(completed: Int64, total: Int64?) {
        self.completed = completed
        self.total = total
    }

    /// From 0 to 1, where the total is known.
    public var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, Double(completed) / Double(total))
    }
}

extension TransferProgress: CustomStringConvertible {
    /// The bytes, such as `65536 of 787072 bytes`.
    public var description: String { "\(completed)\(total.map { " of \($0)" } ?? "") bytes" }
}
