public import Foundation

/// The interface between the SDK and the network, which sends requests and downloads responses.
///
/// ``URLSessionTransport`` is the default implementation. `MockTransport` and `SimulatedService` of `HeadshotKitTesting` replace
/// it in tests. An app may supply its own implementation.
///
/// Every implementation must meet these requirements:
/// - It returns a response with any HTTP status instead of throwing an error. It throws a ``TransportError``, or
///   `CancellationError` as soon as the calling task is canceled.
/// - It sends a request once. The caller decides whether to repeat the request, because a repetition may cost money.
/// - It does not follow redirects.
public protocol Transport: Sendable {
    /// Sends a request and collects the response in memory, up to ``TransportRequest/maximumResponseBytes``.
    ///
    /// - Parameters:
    ///   - request: The request to send.
    ///   - onProgress: A closure that receives the progress of sending the body, in order, on any thread.
    /// - Throws: ``TransportError`` if no whole response arrived. `CancellationError` if the task was canceled.
    func send(
        _ request: TransportRequest,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse

    /// Sends a request and writes the body of a successful response to a file as it arrives.
    ///
    /// A 200 response replaces the contents of the file. A 206 response is appended and must begin at the end of the file. The
    /// body of a response with any other status does not change the file and is collected in memory, as in
    /// ``send(_:onProgress:)``. A transfer that breaks leaves the received bytes in the file, so that a later `Range` request can
    /// continue.
    ///
    /// - Parameters:
    ///   - request: The request to send. It must not have a body.
    ///   - file: The file to write. It is created if it does not exist. Its directory must exist.
    ///   - onProgress: A closure that receives the progress of writing this response's body, in order, on any thread.
    /// - Throws: ``TransportError`` if no whole response arrived. `CancellationError` if the task was canceled.
    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse
}

extension Transport {
    /// Sends a request without reporting progress.
    ///
    /// - Throws: The same errors as ``send(_:onProgress:)``.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try await send(request, onProgress: nil)
    }
}

/// A request that a ``Transport`` sends.
public struct TransportRequest: Sendable, Equatable {
    /// The body of a request.
    public enum Body: Sendable, Equatable {
        /// No body.
        case none
        /// Bytes in memory. Suitable for small bodies, because the system may hold them twice.
        case data(Data)
        /// The contents of a file, streamed from disk with an exact `Content-Length`.
        case file(URL)
    }

    /// The time limit of a request.
    public enum Timeout: Sendable, Equatable {
        /// A limit on the whole exchange, from the call to the last byte of the response. Suitable for small requests.
        case total(Duration)
        /// A limit on the time during which no byte is sent or received. Suitable for transfers, whose duration depends on their
        /// size.
        case idle(Duration)
    }

    /// The HTTP method, such as `POST`.
    public var method: String
    /// The URL. Plain `http` is rejected unless its host is this machine.
    public var url: URL
    /// The header fields.
    public var headers: TransportHeaders
    /// The body.
    public var body: Body
    /// The time limit. Defaults to 60 seconds for the whole exchange.
    public var timeout: Timeout
    /// The maximum size of a response that is collected in memory, in bytes. Defaults to 16 MiB. A larger response causes an
    /// error and is never truncated.
    public var maximumResponseBytes: Int

    /// Creates a request.
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

// A request contains secrets, which printing or dumping it must not show.
extension TransportRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The method and the URL without its query.
    public var description: String { "\(method) \(url.redacted)" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// A mirror without secrets and without the body's content.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["method": method, "url": url.redacted, "headers": headers, "body": body, "timeout": timeout]
        )
    }
}

extension TransportRequest.Body: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of the body and the size of bytes in memory.
    public var description: String {
        switch self {
        case .none: "none"
        case .data(let data): "\(data.count) bytes"
        case .file: "a file"
        }
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// A mirror without children, because a body may contain a key or a photo.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// An error that reports a mistake in a test and not the outcome of a request. It is never wrapped in another error and never
/// causes a retry.
package protocol TestFailure: Error {}

/// A response that a ``Transport`` received.
public struct TransportResponse: Sendable, Equatable {
    /// The HTTP status code.
    public var status: Int
    /// The header fields.
    public var headers: TransportHeaders
    /// The body. Empty if the body was written to a file.
    public var body: Data

    /// Creates a response.
    public init(status: Int, headers: TransportHeaders = [:], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// HTTP header fields with case-insensitive names.
public struct TransportHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// The fields, with their names in lowercase.
    public private(set) var fields: [String: String]

    /// Creates header fields from a dictionary. Defaults to no fields.
    public init(_ fields: [String: String] = [:]) {
        self.fields = Dictionary(fields.map { ($0.lowercased(), $1) }, uniquingKeysWith: { _, last in last })
    }

    /// Creates header fields from a dictionary literal. If a name occurs more than once, the last value is used.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = Dictionary(elements.map { ($0.lowercased(), $1) }, uniquingKeysWith: { _, last in last })
    }

    /// The value of a field, or `nil` if there is none. The name is case-insensitive.
    public subscript(name: String) -> String? {
        get { fields[name.lowercased()] }
        set { fields[name.lowercased()] = newValue }
    }
}

extension TransportResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The status and the size of the body.
    public var description: String { "\(status), \(body.count) bytes" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// A mirror without secrets and without the body's content.
    public var customMirror: Mirror {
        Mirror(self, children: ["status": status, "headers": headers, "body": "\(body.count) bytes"])
    }
}

extension TransportHeaders: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names of the fields whose values never contain a secret.
    private static let shown: Set<String> = [
        "accept", "accept-encoding", "accept-ranges", "content-encoding", "content-length", "content-range",
        "content-type",
        "date", "range", "retry-after", "server", "transfer-encoding", "user-agent",
    ]

    private var shownFields: [(name: String, value: String)] {
        fields.keys.sorted().map { name in
            (String(name.prefix(100)), Self.shown.contains(name) ? String(fields[name]?.prefix(100) ?? "") : "(hidden)")
        }
    }

    /// The fields. Values that may be secrets are hidden.
    public var description: String {
        "[" + shownFields.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "]"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// A mirror of the same fields.
    public var customMirror: Mirror {
        Mirror(self, children: shownFields.map { (label: Optional($0.name), value: $0.value as Any) })
    }
}

/// A closure that receives the progress of a transfer. It should return quickly.
public typealias ProgressHandler = @Sendable (TransferProgress) -> Void

/// The progress of a transfer.
public struct TransferProgress: Sendable, Equatable {
    /// The number of bytes transferred so far.
    public var completed: Int64
    /// The total number of bytes, or `nil` if it is unknown.
    public var total: Int64?
    /// The width and height of the photos of an upload, as far as their headers state them. Empty for other transfers.
    public var photos: [PixelSize]

    /// Creates a progress value.
    public init(completed: Int64, total: Int64?, photos: [PixelSize] = []) {
        self.completed = completed
        self.total = total
        self.photos = photos
    }

    /// The completed fraction, from 0 to 1, or `nil` if the total is unknown or zero.
    public var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, Double(completed) / Double(total))
    }
}

extension TransferProgress: CustomStringConvertible {
    /// The number of bytes and the sizes of the photos, such as `65536 of 787072 bytes (3024 x 4032 pixels)`.
    public var description: String {
        let sizes = photos.map { "\($0.width) x \($0.height)" }.joined(separator: ", ")
        return "\(completed)\(total.map { " of \($0)" } ?? "") bytes\(sizes.isEmpty ? "" : " (\(sizes) pixels)")"
    }
}
