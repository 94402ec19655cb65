import Foundation

/// One call of a service's API.
struct APICall: Sendable {
    /// What may be done about a call that failed.
    enum RetrySafety: Sendable {
        /// Doing it twice does no harm: reading, deleting, uploading.
        case idempotent
        /// Doing it twice may cost twice: repeated only when it is certain that the service did not take it.
        case nonIdempotent
        /// Never here: the caller has a policy of its own, as polling does.
        case callerManaged
    }

    var context: CallContext
    var method: String
    /// Below the base URL, beginning with a slash.
    var path: String
    /// Whether the path begins at the host instead.
    var isPathFromHost: Bool
    var body: TransportRequest.Body
    var retrySafety: RetrySafety
    var timeout: TransportRequest.Timeout

    init(
        in context: CallContext,
        method: String = "GET",
        path: String,
        isPathFromHost: Bool = false,
        body: TransportRequest.Body = .none,
        retrySafety: RetrySafety = .idempotent,
        timeout: TransportRequest.Timeout = .total(.seconds(60))
    ) {
        self.context = context
        self.method = method
        self.path = path
        self.isPathFromHost = isPathFromHost
        self.body = body
        self.retrySafety = retrySafety
        self.timeout = timeout
    }

    var operation: String { context.operation }
    var job: JobHandle? { context.job }
}

/// The caller was cancelled while a costly call was on its way, and no response came in time: nobody knows what became of it.
struct CancelledInFlight: Error {}

/// Sends the calls of one service, with its key and to its host alone, repeats what may be repeated, and makes the errors.
struct APIClient: Sendable {
    let serviceName: String
    let baseURL: URL
    let key: APIKey
    /// Fields of every request; the key stands here, or in the bodies.
    let headers: TransportHeaders
    let transport: any Transport
    let retrier: Retrier

    /// The largest response that is read as JSON.
    var maximumDocumentBytes = 1 << 20

    /// The base URL: the given one, or that of the environment, or the service's own. The environment is not asked for a transport that was
    /// given, such as a mock: a test is not to depend on the shell that it runs in.
    static func baseURL(
        _ given: URL?,
        environment variable: String,
        default standard: String,
        transport: any Transport,
        isDefaultTransport: Bool
    ) throws -> URL {
        let text = isDefaultTransport ? ProcessInfo.processInfo.environment[variable] ?? "" : ""
        let url = given ?? (URL(string: text.isEmpty ? standard : text))
        guard let url, url.isSecureOrLoopback else {
            throw HeadshotKitError(
                .invalidConfiguration,
                """
                The base URL \(given?.redacted ?? text) cannot be used: it has to begin with https://, or with http:// for this \
                machine alone. Pass another one, or set \(variable).
                """
            )
        }
        #if !canImport(Darwin)
        guard !(transport is URLSessionTransport && url.host?.contains(":") == true) else {
            throw HeadshotKitError(
                .invalidConfiguration,
                """
                The base URL \(url.redacted) cannot be used: URLSession on Linux does not reach a host that is written as an IPv6 \
                address. Use a host name or an IPv4 address, or another transport.
                """
            )
        }
        #endif
        return url
    }

    var clock: any Clock<Duration> { retrier.clock }

    /// Sends a call and reads its response, which is a success (2xx).
    ///
    /// - Parameters:
    ///   - read: Makes of the response what the caller wants. A response of a harmless call that it cannot read is asked for again.
    /// - Throws: ``HeadshotKitError``; `CancellationError`, of a costly call only where nothing has been sent that the service may have
    ///   taken; ``CancelledInFlight``.
    func send<Value>(
        _ call: APICall,
        onProgress: (@Sendable (TransferProgress) -> Void)? = nil,
        reading read: (TransportResponse) throws -> Value
    ) async throws -> Value {
        let request = try request(for: call)
        return try await retrier.run(in: call.context) {
            var failure: Failure
            do {
                let response = try await transmit(request, for: call, onProgress)
                guard let refusal = classify(response, of: call) else { return .success(try read(response)) }
                failure = refusal
            } catch let error as TransportError {
                failure = classify(error, of: call)
            } catch let error as HeadshotKitError where error.code == .invalidResponse {
                failure = Failure(error: error, isRetryable: true)
            }
            if call.retrySafety == .callerManaged { failure.isRetryable = false }
            return .failure(failure)
        }
    }

    /// Carries one request. The response to a costly one says what was paid for: a cancellation gives it some time to come.
    private func transmit(
        _ request: TransportRequest,
        for call: APICall,
        _ onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        try Task.checkCancellation()
        do {
            guard call.retrySafety == .nonIdempotent else {
                return try await transport.send(request, onProgress: onProgress)
            }
            return try await withCancellationShield(grace: .seconds(10), clock: clock) {
                try await transport.send(request, onProgress: onProgress)
            }
        } catch is CancellationError where call.retrySafety == .nonIdempotent {
            throw CancelledInFlight()
        } catch let error as any TestFailure {
            throw error
        } catch let error where !(error is TransportError || error is CancellationError) {
            if call.retrySafety != .nonIdempotent { try Task.checkCancellation() }
            // A transport of somebody else's, which does not say what it knows.
            throw TransportError(
                .unknown,
                "The transport failed: \(key.redact("\(error)")).",
                mayHaveBeenReceived: true,
                underlyingError: error
            )
        }
    }

    /// Sends a call and decodes its response.
    func send<Response: Decodable>(_ call: APICall, as type: Response.Type) async throws -> Response {
        try await send(call) { try decode(type, from: $0, of: call) }
    }

    /// Decodes a response that a call has brought.
    func decode<Response: Decodable>(_ type: Response.Type, from response: TransportResponse, of call: APICall) throws
        -> Response
    {
        do {
            return try JSONDocument(response.body, maximumBytes: maximumDocumentBytes).decode(type)
        } catch {
            // A create that was charged is found again by its id, if that much of the response is whole.
            if call.retrySafety == .nonIdempotent, let salvaged = JSONDocument(salvaging: response.body) {
                do { return try salvaged.decode(type) } catch { throw unreadable(response, of: call, because: error) }
            }
            throw unreadable(response, of: call, because: error)
        }
    }

    /// The URL of a call for messages.
    func address(of call: APICall) -> String {
        do { return try url(of: call).redacted } catch { return call.path }
    }

    /// The URL of a call, which is on the base URL's host: the key goes to no other.
    private func url(of call: APICall) throws -> URL {
        var address = baseURL.absoluteString
        while address.hasSuffix("/") { address.removeLast() }
        let base = call.isPathFromHost ? URL(string: "/", relativeTo: baseURL)?.absoluteString.dropLast() : address[...]
        guard call.path.isURLPath, let base, let url = URL(string: base + call.path),
            url.scheme == baseURL.scheme, url.host == baseURL.host, url.port == baseURL.port, url.user == baseURL.user
        else {
            throw HeadshotKitError(
                .invalidRequest,
                "\(key.redact(call.path, limit: 100)) is not a path.",
                operation: call.operation,
                job: call.job
            )
        }
        return url
    }

    private func request(for call: APICall) throws -> TransportRequest {
        let url = try url(of: call)
        var headers = headers
        headers["Accept"] = "application/json"
        headers["User-Agent"] = "HeadshotKit/\(HeadshotKitVersion.current)"
        if call.body != .none { headers["Content-Type"] = "application/json" }
        return TransportRequest(method: call.method, url: url, headers: headers, body: call.body, timeout: call.timeout)
    }
}

extension String {
    /// Whether it is a path below a host, which it cannot change.
    var isURLPath: Bool { hasPrefix("/") && !hasPrefix("//") && !contains("\\") }

    /// An id as one component of a path.
    ///
    /// - Throws: ``HeadshotKitError/Code/invalidRequest`` for one that would make another path of it: none, `.` and `..`.
    func asPathComponent(of operation: String, job: JobHandle? = nil) throws -> String {
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_.~"))
        guard !isBlank, self != ".", self != "..", let component = addingPercentEncoding(withAllowedCharacters: allowed)
        else {
            throw HeadshotKitError(
                .invalidRequest,
                "“\(self)” is not an id, so nothing was sent.",
                operation: operation,
                job: job
            )
        }
        return component
    }
}

// Namespaces and generators hold one: what a print or a dump of them shows is neither the headers, with the key, nor the session.
extension APIClient: CustomStringConvertible, CustomReflectable {
    var description: String { "APIClient(\(baseURL.redacted))" }
    var customMirror: Mirror { Mirror(self, children: ["baseURL": baseURL.redacted]) }
}

/// The version of this package.
public enum HeadshotKitVersion {
    /// The version, which every request names as its `User-Agent`.
    public static let current = "0.1.0"
}
