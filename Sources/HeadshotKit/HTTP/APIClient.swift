import Foundation

/// A call to a service's API.
struct APICall: Sendable {
    /// The conditions under which a failed call is sent again.
    enum RetrySafety: Sendable {
        /// A call that is safe to repeat, such as a read, a deletion, or an upload.
        case idempotent
        /// A call that may be charged twice if it is repeated. It is repeated only if the service certainly did not accept it.
        case nonIdempotent
        /// A call that is never repeated here, because the caller has its own retry policy. Polling is an example.
        case callerManaged
    }

    var context: CallContext
    var method = "GET"
    /// The path relative to the base URL, with a leading slash.
    var path: String
    /// The fields of the query.
    var query: [String: String] = [:]
    /// Whether the path is relative to the host instead of the base URL.
    var isPathFromHost = false
    /// The JSON in the body of the request. `nil` for no body.
    var request: EncodedRequest?
    var retrySafety: RetrySafety = .idempotent
    var timeout: TransportRequest.Timeout = .total(.seconds(60))

    var operation: String { context.operation }
    var job: JobHandle? { context.job }
}

/// An error that reports that the caller was canceled while a non-idempotent call was in flight and no response arrived in time.
/// The outcome of the call is unknown.
struct CancelledInFlight: Error {}

/// A client that sends the calls of one service. It sends the key only to the service's host, retries calls if that is safe, and
/// creates the errors.
struct APIClient: Sendable {
    let serviceName: String
    let baseURL: URL
    let credential: Credential
    /// Whether the key is sent in the `Authorization` header field. Otherwise, the service expects it in the request body.
    let usesBearerToken: Bool
    /// The header fields that the configuration adds to every request.
    let extraHeaders: TransportHeaders
    let transport: any Transport
    let retrier: Retrier

    /// The maximum size of a response that is read as JSON, in bytes. Defaults to 1 MiB.
    var maximumDocumentBytes = 1 << 20

    /// Returns the given base URL, the one from the environment, or the service's default, in this order.
    ///
    /// The environment is ignored if a transport was given, such as a mock, so that tests do not depend on the shell's
    /// environment.
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
                The base URL \(given?.redacted ?? text) cannot be used. A base URL must begin with https:// (or http:// for this \
                machine). Correct \(variable) or the baseURL argument.
                """
            )
        }
        #if !canImport(Darwin)
        guard !(transport is URLSessionTransport && url.host?.contains(":") == true) else {
            throw HeadshotKitError(
                .invalidConfiguration,
                """
                The base URL \(url.redacted) cannot be used. URLSession on Linux cannot connect to a host that is written as an IPv6 \
                address. Use a host name or an IPv4 address, or another transport.
                """
            )
        }
        #endif
        return url
    }

    var clock: any Clock<Duration> { retrier.clock }
    /// The latest key, which is removed from texts.
    var key: APIKey { credential.key }

    /// Sends a call and reads its successful (2xx) response.
    ///
    /// - Parameters:
    ///   - read: Converts the response to the result. An idempotent call is sent again if its response cannot be read.
    /// - Throws: ``HeadshotKitError``. `CancellationError`, for a non-idempotent call only if nothing was sent that the service
    ///   may have accepted. ``CancelledInFlight`` if the outcome of a non-idempotent call is unknown after a cancellation.
    func send<Value>(
        _ call: APICall,
        onProgress: ProgressHandler? = nil,
        reading read: (TransportResponse) throws -> Value
    ) async throws -> Value {
        let url = try url(of: call)
        let file = TemporaryFile(.requestBody)
        defer { if call.request != nil { file.remove() } }
        let body = try await call.request?.body(inMemoryOr: file) ?? .none
        // This method is compiled for every type of value. The steps without a value are methods that are not inlined.
        return try await retrier.run(in: call.context) {
            do {
                return switch try await attempt(call, to: url, body, onProgress) {
                case .success(let response): .success(try read(response))
                case .failure(let failure): .failure(failure)
                }
            } catch let error as HeadshotKitError where error.code == .invalidResponse {
                return .failure(Failure(error: error, isRetryable: call.retrySafety != .callerManaged))
            }
        }
    }

    /// Sends a call once. If its key has expired, sends it again with a new one.
    @inline(never)
    private func attempt(
        _ call: APICall,
        to url: URL,
        _ body: TransportRequest.Body,
        _ onProgress: ProgressHandler?
    ) async throws -> Result<TransportResponse, Failure> {
        do {
            let key = try await credential.current()
            var response = try await transmit(request(for: call, to: url, body, key), for: call, onProgress)
            // A 401 proves that the service did not accept the request, so even a create is safe to send again.
            if response.status == 401, let key = try await credential.renewed(from: key) {
                response = try await transmit(request(for: call, to: url, body, key), for: call, onProgress)
            }
            return classify(response, of: call).map { .failure($0) } ?? .success(response)
        } catch let error as TransportError {
            return .failure(classify(error, of: call))
        }
    }

    /// Sends one request. After a cancellation, waits up to 10 s for the response to a non-idempotent call, because the response
    /// identifies a job that may be charged.
    private func transmit(
        _ request: TransportRequest,
        for call: APICall,
        _ onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        try Task.checkCancellation()
        do {
            guard call.retrySafety == .nonIdempotent else {
                return try await transport.send(request, onProgress: onProgress)
            }
            return try await withCancellationShield(grace: .seconds(10), clock: clock) {
                try await transport.send(request, onProgress: onProgress)
            }
        } catch is CancellationError where Task.isCancelled {
            if call.retrySafety == .nonIdempotent { throw CancelledInFlight() }
            throw CancellationError()
        } catch let error as any TestFailure {
            throw error
        } catch let error where !(error is TransportError) {
            if call.retrySafety != .nonIdempotent { try Task.checkCancellation() }
            // A custom transport's error, or a cancellation of its own, does not report what was sent.
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

    /// Decodes the response to a call.
    func decode<Response: Decodable>(_ type: Response.Type, from response: TransportResponse, of call: APICall) throws
        -> Response
    {
        do {
            return try JSONDocument(response.body, maximumBytes: maximumDocumentBytes).decode(type)
        } catch {
            // The id is enough to find a charged create, even if the rest of the response is damaged.
            if call.retrySafety == .nonIdempotent, let salvaged = JSONDocument(salvaging: response.body) {
                do { return try salvaged.decode(type) } catch { throw unreadable(response, of: call, because: error) }
            }
            throw unreadable(response, of: call, because: error)
        }
    }

    /// Returns the redacted URL of a call, for use in messages.
    func displayURL(of call: APICall) -> String {
        do { return try url(of: call).redacted } catch { return call.path }
    }

    /// Returns the URL of a call. The URL is always on the base URL's host, because the key is sent to no other host.
    @inline(never)
    private func url(of call: APICall) throws -> URL {
        var text = baseURL.absoluteString
        while text.hasSuffix("/") { text.removeLast() }
        let base = call.isPathFromHost ? URL(string: "/", relativeTo: baseURL)?.absoluteString.dropLast() : text[...]
        guard call.path.isURLPath, let base, let url = URL(string: base + call.path + Self.query(call.query)),
            url.scheme == baseURL.scheme, url.host == baseURL.host, url.port == baseURL.port, url.user == baseURL.user
        else {
            throw HeadshotKitError(
                .invalidRequest,
                "\(key.redact(call.path, limit: 100)) is not a path.",
                advice: "Check the path.",
                operation: call.operation,
                job: call.job
            )
        }
        return url
    }

    /// Returns the query with its question mark, or nothing without fields.
    private static func query(_ fields: [String: String]) -> String {
        let pairs = fields.sorted { $0.key < $1.key }.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? "")"
        }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    private func request(
        for call: APICall,
        to url: URL,
        _ body: TransportRequest.Body,
        _ key: APIKey
    ) -> TransportRequest {
        var headers = extraHeaders
        if usesBearerToken { headers["Authorization"] = "Bearer \(key.secret)" }
        headers["Accept"] = "application/json"
        if headers["User-Agent"] == nil { headers["User-Agent"] = "HeadshotKit/\(HeadshotKitVersion.current)" }
        if call.request != nil { headers["Content-Type"] = "application/json" }
        return TransportRequest(method: call.method, url: url, headers: headers, body: body, timeout: call.timeout)
    }
}

extension CharacterSet {
    /// The characters that mean the same in every part of a URL. Others are percent-encoded.
    fileprivate static let unreserved = alphanumerics.union(CharacterSet(charactersIn: "-_.~"))
}

extension String {
    /// Returns an id, percent-encoded as one path component.
    ///
    /// - Throws: ``HeadshotKitError/Code/invalidRequest`` if the id is blank, `.`, or `..`, which would change the path.
    func asPathComponent(of operation: String, job: JobHandle? = nil) throws -> String {
        guard !isBlank, self != ".", self != "..",
            let component = addingPercentEncoding(withAllowedCharacters: .unreserved)
        else {
            throw HeadshotKitError(
                .invalidRequest,
                "“\(self)” is not an id, so nothing was sent.",
                advice: "Check the id.",
                operation: operation,
                job: job
            )
        }
        return component
    }
}

extension TransportResponse {
    /// Decodes the body of a response that was read before. If the body is damaged, decodes its complete members.
    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        do { return try JSONDocument(body, maximumBytes: .max).decode(type) } catch {
            guard let salvaged = JSONDocument(salvaging: body) else { throw error }
            return try salvaged.decode(type)
        }
    }
}

// Other types contain a client. Printing or dumping them must show neither the session nor the headers, which contain the key.
extension APIClient: CustomStringConvertible, CustomReflectable {
    var description: String { "APIClient(\(baseURL.redacted))" }
    var customMirror: Mirror { Mirror(self, children: ["baseURL": baseURL.redacted]) }
}

/// The version of this package.
public enum HeadshotKitVersion {
    /// The version string. Every request sends it in the `User-Agent` header field.
    public static let current = "0.1.0"
}
