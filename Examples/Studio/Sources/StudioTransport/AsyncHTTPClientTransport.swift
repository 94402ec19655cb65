import AsyncHTTPClient
public import Foundation
public import HeadshotKit
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPCompression
import NIOPosix
import NIOSSL

/// A `Transport` that uses AsyncHTTPClient, for servers on Linux.
///
/// It speaks HTTP/2 and HTTP/1.1, and keeps connections open. Uploads stream from disk and downloads stream to disk, so memory use
/// does not grow with their size. It reads responses that end the process in Foundation on Linux, such as one with a trailer.
///
/// Over HTTP/2, a service can state that it did not process a request (REFUSED_STREAM). Such an error has
/// `mayHaveBeenReceived == false`, so a create is sent again instead of being unconfirmed. A request that a GOAWAY excludes fails
/// like one on a lost connection, because the client does not report the difference.
public struct AsyncHTTPClientTransport: Transport {
    /// The transport that the studio uses.
    public static let shared = AsyncHTTPClientTransport()

    private let clients: CurrentClient

    /// Creates a transport with its own connections, which are closed when the transport and its requests are gone.
    ///
    /// - Parameter trustedAuthorities: A PEM file of certificate authorities that are trusted in addition to those of the system.
    ///   Defaults to none.
    public init(trustedAuthorities: URL? = nil) {
        clients = CurrentClient(trustedAuthorities)
    }

    /// Sends a request. See `Transport`.
    public func send(_ request: TransportRequest, onProgress: ProgressHandler?) async throws -> TransportResponse {
        try await exchange(request, file: nil, onProgress: onProgress)
    }

    /// Streams a response to a file. See `Transport`.
    public func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        var request = request
        // A compressed body has neither the length nor the ranges of the file.
        request.headers["Accept-Encoding"] = "identity"
        return try await exchange(request, file: file, onProgress: onProgress)
    }

    private func exchange(
        _ request: TransportRequest,
        file: URL?,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        guard request.url.isSecureOrLoopback else {
            throw TransportError(
                .insecureURL,
                """
                Refused to connect to \(request.url.host ?? "a URL without a host"): only https is allowed, and http on this \
                machine. Use an https URL.
                """,
                mayHaveBeenReceived: false
            )
        }
        try Task.checkCancellation()
        let body = try await RequestBody(request.body)
        let client = clients.current
        let exchange = Exchange(request, file: file, bodySize: body?.size, onProgress: onProgress)
        let task = client.execute(try exchange.clientRequest(with: body), delegate: exchange)
        let watch = Task {
            try await exchange.waitForTimeout()
            if !exchange.hasHead { clients.replace(client) }
            task.fail(reason: exchange.timeoutError)
        }
        defer { watch.cancel() }
        do {
            let response = try await withTaskCancellationHandler {
                try await task.get()
            } onCancel: {
                task.cancel()
            }
            try await exchange.end()
            return response
        } catch {
            clients.reportFailure(of: client)
            // The bytes that arrived before a failure belong in the file.
            do { try await exchange.end() } catch let error as TransportError where !Task.isCancelled { throw error }
            throw exchange.transportError(for: error)
        }
    }
}

// MARK: - Connections

/// The client whose connections new requests use.
///
/// A connection can be dead without either side knowing. Over HTTP/2, later requests would use it too. A request that times out
/// without a response therefore replaces the client. The requests in flight keep the old client until they end.
///
/// Over HTTP/2, a client sends nothing anymore after thousands of canceled requests (AsyncHTTPClient 1.37). Many failures therefore
/// replace the client too.
private final class CurrentClient: Sendable {
    private static let maximumFailures = 200

    private let trustedAuthorities: URL?
    private let box: NIOLockedValueBox<Client>

    init(_ trustedAuthorities: URL?) {
        self.trustedAuthorities = trustedAuthorities
        box = NIOLockedValueBox(Client(trustedAuthorities))
    }

    var current: Client { box.withLockedValue { $0 } }

    func reportFailure(of client: Client) {
        if client.addFailure() >= Self.maximumFailures { replace(client) }
    }

    func replace(_ client: Client) {
        box.withLockedValue { if $0 === client { $0 = Client(trustedAuthorities) } }
    }
}

/// An HTTP client that is shut down with its last reference.
private final class Client: Sendable {
    private let client: HTTPClient
    private let failures = NIOLockedValueBox(0)

    init(_ trustedAuthorities: URL?) {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let trustedAuthorities { tls.additionalTrustRoots = [.file(trustedAuthorities.path)] }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: .seconds(15)),
            // A response that expands further is an attack. JSON expands by less than 20 times.
            decompression: .enabled(limit: .ratio(64))
        )
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        // The SDK retries, and needs to know that no connection was made.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Large pieces take less processor time. Larger ones would let a compressed response expand to more memory.
        let readsLargePieces: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            let allocator = AdaptiveRecvByteBufferAllocator(minimum: 16 << 10, initial: 64 << 10, maximum: 256 << 10)
            return channel.setOption(.recvAllocator, value: allocator)
        }
        configuration.http1_1ConnectionDebugInitializer = { channel in
            readsLargePieces(channel).flatMap {
                BodyBeforeResponse.add(to: channel, after: ByteToMessageHandler<HTTPResponseDecoder>.self)
            }
        }
        configuration.http2ConnectionDebugInitializer = readsLargePieces
        configuration.http2StreamChannelDebugInitializer = { channel in
            BodyBeforeResponse.add(to: channel, after: HTTP2FramePayloadToHTTP1ClientCodec.self)
        }
        client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
            configuration: configuration
        )
    }

    deinit { client.shutdown { _ in } }

    /// Counts a failure and returns the number of failures.
    func addFailure() -> Int {
        failures.withLockedValue { count in
            count += 1
            return count
        }
    }

    func execute(_ request: HTTPClient.Request, delegate: Exchange) -> HTTPClient.Task<TransportResponse> {
        client.execute(request: request, delegate: delegate)
    }
}

// MARK: - Exchange

/// One request and its response. The client calls it on an event loop.
private final class Exchange: HTTPClientResponseDelegate {
    private struct State {
        /// Whether the caller has its outcome. No byte of the body is sent afterward.
        var isEnded = false
        var hasSentHead = false
        var hasSentBody = false
        var lastActivity = ContinuousClock.now
        var head: TransportResponse?
        /// The part of the body that is collected, or that is not yet in the file.
        var body = ByteBuffer()
        var received: Int64 = 0
    }

    private let request: TransportRequest
    private let file: URL?
    private let bodySize: Int64?
    private let onProgress: ProgressHandler?
    private let state = NIOLockedValueBox(State())
    /// The file, which is opened for the first bytes. The lock keeps the writes in order. Only threads for blocking work wait for it.
    private let sink = NIOLockedValueBox<ResponseFile?>(nil)

    private static let writeSize = 1 << 20

    init(_ request: TransportRequest, file: URL?, bodySize: Int64?, onProgress: ProgressHandler?) {
        self.request = request
        self.file = file
        self.bodySize = bodySize
        self.onProgress = onProgress
    }

    // MARK: Request

    func clientRequest(with body: RequestBody?) throws -> HTTPClient.Request {
        var headers = HTTPHeaders()
        for (name, value) in request.headers.fields { headers.add(name: name, value: value) }
        let stream = body.map { body in
            HTTPClient.Body.stream(contentLength: body.size) { writer in
                let loop = MultiThreadedEventLoopGroup.singleton.any()
                if let whole = body.inMemory { return self.send(whole, to: writer, on: loop) }
                return loop.makeFutureWithTask { try await self.send(body, to: writer) }
            }
        }
        do {
            let method = HTTPMethod(rawValue: request.method)
            return try HTTPClient.Request(url: request.url, method: method, headers: headers, body: stream)
        } catch {
            let message = "The URL is not valid (\(error)). Use an https URL with a host."
            throw TransportError(.insecureURL, message, mayHaveBeenReceived: false, underlyingError: error)
        }
    }

    /// Sends a body at once. A server that responds as soon as it has the body finds the connection idle afterward.
    private func send(
        _ body: ByteBuffer,
        to writer: HTTPClient.Body.StreamWriter,
        on loop: any EventLoop
    ) -> EventLoopFuture<Void> {
        guard beginToSend() else { return loop.makeFailedFuture(CancellationError()) }
        return writer.write(.byteBuffer(body)).map { self.didSend(Int64(body.readableBytes)) }
    }

    private func send(_ body: RequestBody, to writer: HTTPClient.Body.StreamWriter) async throws {
        var sent: Int64 = 0
        while sent < body.size {
            let piece = try await body.piece(at: sent)
            guard beginToSend() else { throw CancellationError() }
            try await writer.write(.byteBuffer(piece)).get()
            sent += Int64(piece.readableBytes)
            didSend(sent)
        }
    }

    /// Returns `false` if the caller has its outcome, which may say that nothing was sent.
    private func beginToSend() -> Bool {
        state.withLockedValue { state in
            if !state.isEnded { state.hasSentBody = true }
            return !state.isEnded
        }
    }

    private func didSend(_ bytes: Int64) {
        state.withLockedValue { $0.lastActivity = .now }
        // A download reports the bytes of its response.
        if file == nil { onProgress?(TransferProgress(completed: bytes, total: bodySize)) }
    }

    func didSendRequestHead(task: HTTPClient.Task<TransportResponse>, _ head: HTTPRequestHead) {
        state.withLockedValue { $0.hasSentHead = true }
    }

    // MARK: Response

    func didReceiveHead(task: HTTPClient.Task<TransportResponse>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let response = TransportResponse(head)
        state.withLockedValue { state in
            state.head = response
            state.lastActivity = .now
        }
        // A response that announces too large a body fails immediately.
        let isTooLarge =
            !belongsInFile(response) && response.bodyLength.map { $0 > request.maximumResponseBytes } ?? false
        return isTooLarge ? task.eventLoop.makeFailedFuture(tooLarge) : task.eventLoop.makeSucceededVoidFuture()
    }

    private func belongsInFile(_ response: TransportResponse?) -> Bool {
        file != nil && (response?.status == 200 || response?.status == 206)
    }

    func didReceiveBodyPart(task: HTTPClient.Task<TransportResponse>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        enum Action { case proceed, fail, write }
        let action: Action = state.withLockedValue { state in
            state.lastActivity = .now
            state.received += Int64(part.readableBytes)
            let isForFile = belongsInFile(state.head)
            if !isForFile, state.received > request.maximumResponseBytes { return .fail }
            state.body.writeImmutableBuffer(part)
            return isForFile && state.body.readableBytes >= Self.writeSize ? .write : .proceed
        }
        switch action {
        case .proceed: return task.eventLoop.makeSucceededVoidFuture()
        case .fail: return task.eventLoop.makeFailedFuture(tooLarge)
        // The client discards the bytes that it has read if the connection breaks, so it waits for the file only now and then.
        case .write:
            return NIOThreadPool.singleton.runIfActive(eventLoop: task.eventLoop) { [self] in try writePending() }
        }
    }

    func didFinishRequest(task: HTTPClient.Task<TransportResponse>) throws -> TransportResponse {
        try state.withLockedValue { state in
            guard var response = state.head else {
                throw TransportError(.invalidResponse, "The response has no head.", mayHaveBeenReceived: true)
            }
            if !belongsInFile(response) { response.body = Data(state.body.readableBytesView) }
            return response
        }
    }

    /// Writes the received bytes to the file. Must not run on an event loop.
    private func writePending() throws {
        try sink.withLockedValue { sink in
            let (head, bytes, received) = state.withLockedValue { state in
                let bytes = state.body
                state.body = ByteBuffer()
                return (state.head, bytes, state.received)
            }
            guard let head, let file else { return }
            let opened = try sink ?? ResponseFile(file, for: head)
            sink = opened
            guard bytes.readableBytes > 0 else { return }
            try opened.write(bytes)
            onProgress?(TransferProgress(completed: received, total: head.bodyLength))
        }
    }

    /// Stops sending, and writes the last bytes to the file.
    func end() async throws {
        let isWriting = state.withLockedValue { state in
            state.isEnded = true
            return belongsInFile(state.head)
        }
        guard isWriting else { return }
        try await NIOThreadPool.singleton.runIfActive { [self] in try writePending() }
    }

    // MARK: Timeout

    var hasHead: Bool { state.withLockedValue { $0.head != nil } }

    /// Returns when the request's timeout expires.
    func waitForTimeout() async throws {
        switch request.timeout {
        case .total(let limit): try await Task.sleep(for: limit)
        case .idle(let limit):
            while true {
                let quiet = state.withLockedValue { $0.lastActivity }.duration(to: .now)
                if quiet >= limit { return }
                try await Task.sleep(for: limit - quiet)
            }
        }
    }

    var timeoutError: TransportError {
        let message =
            switch request.timeout {
            case .total(let limit): "No whole response within \(limit.inSeconds) s."
            case .idle(let limit): "No data was sent or received for \(limit.inSeconds) s."
            }
        return TransportError(.timedOut, message, mayHaveBeenReceived: true)
    }

    // MARK: Errors

    private var tooLarge: TransportError {
        let message = "The response is larger than \(request.maximumResponseBytes) bytes."
        return TransportError(.responseTooLarge, message, mayHaveBeenReceived: true)
    }

    /// Returns the error for the caller.
    ///
    /// A server cannot have received a request if no byte of its body was handed out, or if the server said that it did not process
    /// the request. Without a body, only a connection that was not made proves it.
    func transportError(for error: any Error) -> any Error {
        // The client also reports a request as canceled that reaches a connection while the connection closes.
        let isCanceled = error is CancellationError || error as? HTTPClientError == .cancelled
        if isCanceled, Task.isCancelled { return CancellationError() }
        let (head, hasSentHead, hasSentBody) = state.withLockedValue { ($0.head, $0.hasSentHead, $0.hasSentBody) }
        var failure = error as? TransportError ?? TransportError(from: error, hasHead: head != nil)
        failure.responseHead = head
        // The handshake was interrupted.
        if request.url.scheme?.lowercased() == "https", failure.kind == .connectionLost, !hasSentHead, !hasSentBody {
            failure.kind = .notConnected
            failure.mayHaveBeenReceived = false
        }
        if head != nil {
            failure.mayHaveBeenReceived = true
        } else if let bodySize, bodySize > 0, !hasSentBody {
            failure.mayHaveBeenReceived = false
        } else if hasSentBody, failure.kind == .notConnected || failure.kind == .tlsFailure {
            failure.mayHaveBeenReceived = true
        }
        return failure
    }
}

// MARK: - Files

/// The body of a request.
private struct RequestBody: Sendable {
    private enum Source: Sendable {
        case data(Data)
        case file(FileHandle, path: String)
    }

    private let source: Source
    let size: Int64

    private static let pieceSize: Int64 = 256 << 10

    /// The whole body if it is in memory.
    var inMemory: ByteBuffer? {
        guard case .data(let data) = source else { return nil }
        return ByteBuffer(bytes: data)
    }

    /// Creates a body. Returns `nil` if the request has none.
    init?(_ body: TransportRequest.Body) async throws {
        switch body {
        case .none: return nil
        case .data(let data): (source, size) = (.data(data), Int64(data.count))
        case .file(let file):
            (source, size) = try await NIOThreadPool.singleton.runIfActive {
                do {
                    let handle = try FileHandle(forReadingFrom: file)
                    return (.file(handle, path: file.path), Int64(clamping: try handle.seekToEnd()))
                } catch {
                    throw TransportError(file: file.path, "read", error, mayHaveBeenReceived: false)
                }
            }
        }
    }

    /// Returns the bytes from an offset. Bytes that were appended to the file later are not sent.
    func piece(at offset: Int64) async throws -> ByteBuffer {
        let count = Int(min(Self.pieceSize, size - offset))
        switch source {
        case .data(let data): return ByteBuffer(bytes: data.dropFirst(Int(offset)).prefix(count))
        case .file(let handle, let path):
            return try await NIOThreadPool.singleton.runIfActive {
                do {
                    try handle.seek(toOffset: UInt64(offset))
                    if let data = try handle.read(upToCount: count), !data.isEmpty { return ByteBuffer(bytes: data) }
                } catch {
                    throw TransportError(file: path, "read", error, mayHaveBeenReceived: true)
                }
                let message = "\(path) became shorter while it was sent. Send the request again."
                throw TransportError(.fileSystem, message, mayHaveBeenReceived: true)
            }
        }
    }
}

/// The destination of a download's bytes, at the beginning or the end of a file.
private struct ResponseFile: Sendable {
    private let handle: FileHandle
    private let path: String

    /// Creates the destination of a response. Does not follow a symbolic link.
    init(_ file: URL, for response: TransportResponse) throws {
        path = file.path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw TransportError(file: path, "write", POSIXError.current, mayHaveBeenReceived: true)
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            if response.status == 200 { try handle.truncate(atOffset: 0) }
            let end = try handle.seekToEnd()
            guard response.status == 200 || response.rangeStart == Int64(clamping: end) else {
                throw TransportError(
                    .invalidResponse,
                    "The server sent another part of the file than the one asked for, which begins at byte \(end).",
                    mayHaveBeenReceived: true
                )
            }
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(file: path, "write", error, mayHaveBeenReceived: true)
        }
    }

    func write(_ bytes: ByteBuffer) throws {
        do {
            try bytes.withUnsafeReadableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                let data = Data(
                    bytesNoCopy: UnsafeMutableRawPointer(mutating: start),
                    count: bytes.count,
                    deallocator: .none
                )
                try handle.write(contentsOf: data)
            }
        } catch {
            throw TransportError(file: path, "write", error, mayHaveBeenReceived: true)
        }
    }
}

// MARK: - Mapping

extension TransportError {
    fileprivate init(file: String, _ verb: String, _ error: any Error, mayHaveBeenReceived: Bool) {
        self.init(
            .fileSystem,
            "Cannot \(verb) \(file): \((error as NSError).localizedDescription)",
            mayHaveBeenReceived: mayHaveBeenReceived,
            underlyingError: error
        )
    }

    /// Creates a transport error from an error of the client.
    fileprivate init(from error: any Error, hasHead: Bool) {
        let kind: Kind
        var mayHaveBeenReceived = true
        switch error {
        case is NIOConnectionError, is SocketAddressError: kind = .notConnected
        case let error as HTTPClientError where Self.connectionErrors.contains(error): kind = .notConnected
        case let error as IOError where Self.connectErrorNumbers.contains(error.errnoCode): kind = .notConnected
        case NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])):
            kind = hasHead ? .connectionLost : .notConnected
        case is NIOSSLExtraError, NIOSSLError.handshakeFailed: kind = hasHead ? .connectionLost : .tlsFailure
        case HTTPParserError.invalidEOFState: kind = .connectionLost
        case is HTTPParserError: kind = .invalidResponse
        case NIOHTTPDecompression.DecompressionError.limit: kind = .responseTooLarge
        case is NIOHTTPDecompression.DecompressionError, is NIOHTTPDecompression.ExtraDecompressionError:
            kind = .invalidResponse
        case let error as NIOHTTP2Errors.StreamClosed:
            // The server has not processed the request (RFC 9113, 8.7).
            mayHaveBeenReceived = error.errorCode != .refusedStream
            kind = .connectionLost
        default: kind = .connectionLost
        }
        if kind == .notConnected || kind == .tlsFailure { mayHaveBeenReceived = false }
        let text =
            switch kind {
            case .notConnected: "No connection could be made"
            case .tlsFailure: "No trusted connection could be made (TLS)"
            case .invalidResponse: "The response is not valid"
            case .responseTooLarge: "The compressed response expands more than 64 times"
            default: "The connection was lost"
            }
        self.init(kind, "\(text) (\(error)).", mayHaveBeenReceived: mayHaveBeenReceived, underlyingError: error)
    }

    private static let connectionErrors: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout,
    ]
    private static let connectErrorNumbers = [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ENETDOWN, EADDRNOTAVAIL]
}

extension POSIXError {
    fileprivate static var current: POSIXError { POSIXError(Code(rawValue: errno) ?? .EIO) }
}

extension TransportResponse {
    fileprivate init(_ head: HTTPResponseHead) {
        let fields = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" }
        self.init(status: Int(head.status.code), headers: TransportHeaders(fields))
    }

    /// The announced length of the body in bytes. `nil` if it is unknown, the body is compressed, or the status allows no body.
    fileprivate var bodyLength: Int64? {
        guard headers["Content-Encoding"] == nil || headers["Content-Encoding"] == "identity" else { return nil }
        guard status != 204, status != 304 else { return nil }
        return headers["Content-Length"].flatMap { Int64($0) }
    }

    /// The offset of the first byte of a 206 response, or `nil` if it has no valid range.
    fileprivate var rangeStart: Int64? {
        // A multipart body contains several parts, each with its own range.
        if headers["Content-Type"]?.lowercased().contains("multipart/byteranges") == true { return nil }
        guard let value = headers["Content-Range"] else { return nil }
        let pattern = #/\s*bytes\s*[\s=:]\s*([0-9]{1,18})\s*-\s*([0-9]{1,18})\s*/\s*([0-9]{1,18}|\*)\s*/#.ignoresCase()
        guard let match = value.wholeMatch(of: pattern), let start = Int64(match.1), let end = Int64(match.2),
            end >= start
        else { return nil }
        if let size = Int64(match.3), size <= end { return nil }
        return start
    }
}

extension URL {
    /// Whether data sent to the URL cannot be read in transit.
    fileprivate var isSecureOrLoopback: Bool {
        guard let host = host?.lowercased(), !host.isEmpty else { return false }
        switch scheme?.lowercased() {
        case "https": return true
        case "http":
            if ["localhost", "::1", "[::1]"].contains(host) { return true }
            let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            return bytes.count == 4 && bytes[0] == 127 && !bytes.contains(nil)
        default: return false
        }
    }
}

extension Duration {
    /// The duration in seconds, for a text.
    fileprivate var inSeconds: String {
        "\(Double(components.seconds) + Double(components.attoseconds) / 1e18)"
    }
}
