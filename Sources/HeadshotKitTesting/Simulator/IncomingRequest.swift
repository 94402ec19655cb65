import Foundation
import HeadshotKit

/// A request as the simulator reads it: the body of an upload summed up, that of any other in memory.
struct IncomingRequest {
    let route: SimulatedService.Route
    let id: String
    let path: String
    let query: [String: String]
    let headers: TransportHeaders
    /// The body; empty for uploads.
    let body: Data
    /// The body of an upload; nil when it has none.
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
                .file,
                "the request's body could not be read",
                mayHaveBeenReceived: false,
                underlyingError: error
            )
        }
    }
}

/// An uploaded file, read once from beginning to end and kept only as far as the configuration allows.
struct ReceivedFile {
    private(set) var byteCount = 0
    private(set) var head = Data()
    private(set) var contents: Data?
    private var sum = Digest()

    var digest: UInt64 { sum.value }

    /// Nil when there is no body at all, not even an empty one.
    init?(_ body: TransportRequest.Body, configuration: SimulatedService.Configuration) throws {
        switch body {
        case .none: return nil
        case .data(let data):
            data.withUnsafeBytes { sum.update($0) }
            byteCount = data.count
            head = Data(data.prefix(Self.headLength))
            contents = data.count <= configuration.keptUploadBytes ? data : nil
        case .file(let file):
            try read(file)
            contents = byteCount <= configuration.keptUploadBytes ? try Data(contentsOf: file) : nil
        }
    }

    /// Whether some text is in what was kept.
    func contains(_ text: String) -> Bool {
        !text.isEmpty && (contents ?? head).range(of: Data(text.utf8)) != nil
    }

    private static let headLength = 4_096

    // A stream into one buffer, for reads of a FileHandle pile up in Apple's autorelease pools.
    private mutating func read(_ file: URL) throws {
        guard let stream = InputStream(url: file) else { throw CocoaError(.fileReadUnknown) }
        stream.open()
        defer { stream.close() }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try Self.fill(&buffer, from: stream)
            buffer.withUnsafeBytes { sum.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            if byteCount == 0 { head = Data(buffer[..<min(count, Self.headLength)]) }
            byteCount += count
            if count < buffer.count { return }
        }
    }

    /// Fills the buffer as long as there are bytes: the digest needs whole words from every part but the last.
    private static func fill(_ buffer: inout [UInt8], from stream: InputStream) throws -> Int {
        try buffer.withUnsafeMutableBufferPointer { buffer in
            var count = 0
            while count < buffer.count, let place = buffer.baseAddress {
                let read = stream.read(place + count, maxLength: buffer.count - count)
                if read < 0 { throw stream.streamError ?? CocoaError(.fileReadUnknown) }
                if read == 0 { break }
                count += read
            }
            return count
        }
    }
}
