import Foundation
import HeadshotKit

/// A request that the simulator has read. An upload body is reduced to a digest, and any other body is held in memory.
struct IncomingRequest {
    let route: SimulatedService.Route
    let id: String
    let path: String
    let query: [String: String]
    let headers: TransportHeaders
    /// The request body. Empty for uploads.
    let body: Data
    /// The body of an upload. `nil` if the request has no body or is not an upload.
    let upload: ReceivedFile?

    var bodyByteCount: Int { upload?.byteCount ?? body.count }

    init(
        _ request: TransportRequest,
        route: SimulatedService.Route,
        id: String,
        configuration: SimulatedService.Configuration
    ) throws {
        self.route = route
        self.id = id
        path = request.url.path
        headers = request.headers
        let items = URLComponents(url: request.url, resolvingAgainstBaseURL: false)?.queryItems ?? []
        query = Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        do {
            if route == .upload {
                upload = try ReceivedFile(request.body, configuration: configuration)
                body = Data()
            } else {
                upload = nil
                body = try request.bodyData()
            }
        } catch {
            throw TransportError(
                .fileSystem,
                "the request's body could not be read",
                mayHaveBeenReceived: false,
                underlyingError: error
            )
        }
    }
}

/// An uploaded file, reduced to its size, first bytes and digest. The contents are kept only up to the configured size.
struct ReceivedFile {
    private(set) var byteCount = 0
    private(set) var head = Data()
    private(set) var contents: Data?
    private var sum = Digest()

    var digest: UInt64 { sum.value }

    /// Creates a file from a request body. Returns `nil` if there is no body. An empty body counts as a body.
    init?(_ body: TransportRequest.Body, configuration: SimulatedService.Configuration) throws {
        switch body {
        case .none: return nil
        case .data(let data):
            sum.update(data)
            byteCount = data.count
            head = Data(data.prefix(Self.headLength))
            contents = data.count <= configuration.keptUploadBytes ? data : nil
        case .file(let file):
            try read(file)
            contents = byteCount <= configuration.keptUploadBytes ? try Data(contentsOf: file) : nil
        }
    }

    /// Returns whether the kept bytes contain the given text.
    func contains(_ text: String) -> Bool {
        !text.isEmpty && (contents ?? head).range(of: Data(text.utf8)) != nil
    }

    private static let headLength = 4_096

    private mutating func read(_ file: URL) throws {
        let handle = try FileHandle(forReadingFrom: file)
        defer { handle.closeFile() }
        while let part = try Self.pooled({ try handle.read(upToCount: 1 << 20) }), !part.isEmpty {
            sum.update(part)
            if byteCount == 0 { head = Data(part.prefix(Self.headLength)) }
            byteCount += part.count
        }
    }

    // On Apple platforms, data that FileHandle reads stays in memory until an autorelease pool drains.
    private static func pooled<Result>(_ body: () throws -> Result) rethrows -> Result {
        #if canImport(ObjectiveC)
        try autoreleasepool(invoking: body)
        #else
        try body()
        #endif
    }
}
