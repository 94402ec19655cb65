import Foundation

/// An encoder of JSON request bodies that may contain base64-encoded files. Large bodies are not held in memory.
struct RequestBody: Sendable {
    /// The maximum total size of the files in a body that is built in memory, in bytes.
    private static let maximumInMemory: Int64 = 8 << 20

    /// Encodes a request and passes its body to `send`. A body that is too large for memory is a temporary file, which is removed
    /// afterward.
    static func with<Result>(
        _ request: some Encodable,
        send: (TransportRequest.Body) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory
        let file = directory.appendingPathComponent("\(filePrefix)\(UUID().uuidString)\(fileSuffix)")
        // A failed removal must not hide the response, which may have been charged.
        defer { try? FileManager.default.removeItem(at: file) }
        let body: TransportRequest.Body
        do { body = try make(request, inMemoryOr: file) } catch let error as HeadshotKitError {
            throw error
        } catch {
            throw HeadshotKitError(
                .fileSystem,
                "The request could not be put together: \(error.systemReason).",
                underlyingError: error
            )
        }
        return try await send(body)
    }

    private static func make(_ request: some Encodable, inMemoryOr file: URL) throws -> TransportRequest.Body {
        let (json, inline) = try encode(request)
        guard !inline.isEmpty else { return .data(json) }
        guard try inline.reduce(0, { $0 + (try $1.media.byteCount) }) > maximumInMemory else {
            // Most photos are small enough. A file would contain the key and would remain if the process is killed.
            var body = Data()
            try splice(json, inline) { body.append($0) }
            return .data(body)
        }
        // Leftover files contain a key. After an hour, no call still uses them.
        FileManager.default.removeAbandoned(in: file.deletingLastPathComponent()) {
            $0.hasPrefix(filePrefix) && $0.hasSuffix(fileSuffix)
        }
        try splice(json, inline, into: file)
        return .file(file)
    }

    private static let filePrefix = "headshotkit-"
    private static let fileSuffix = ".json"

    /// Returns a request as JSON, with a placeholder for each file.
    static func json(of request: some Encodable) throws -> JSONValue {
        let (json, inline) = try encode(request)
        var text = String(decoding: json, as: UTF8.self)
        for entry in inline { text = text.replacingOccurrences(of: entry.token, with: "(a file)") }
        return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private static func encode(_ request: some Encodable) throws -> (Data, [(token: String, media: MediaSource)]) {
        let inline = InlineMedia()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let key = InlineMedia.key { encoder.userInfo[key] = inline }
        do {
            return (try encoder.encode(request), inline.all)
        } catch let error as EncodingError {
            guard case .invalidValue(_, let context) = error else { throw error }
            throw HeadshotKitError(.invalidRequest, context.debugDescription, underlyingError: error)
        }
    }

    private static func splice(_ json: Data, _ inline: [(token: String, media: MediaSource)], into file: URL) throws {
        guard FileManager.default.createFile(atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else {
            throw HeadshotKitError(
                .fileSystem,
                "Nothing can be written to the temporary directory, \(file.deletingLastPathComponent().path)."
            )
        }
        let output = try FileHandle(forWritingTo: file)
        defer { output.closeFile() }
        try splice(json, inline) { try output.write(contentsOf: $0) }
    }

    /// Writes the JSON, with each token replaced by the base64 text of its file.
    private static func splice(
        _ json: Data,
        _ inline: [(token: String, media: MediaSource)],
        write: (Data) throws -> Void
    ) throws {
        var rest = json[...]
        let places = inline.compactMap { entry in
            json.firstRange(of: Data(entry.token.utf8)).map { (range: $0, media: entry.media) }
        }
        for place in places.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            try write(rest[rest.startIndex..<place.range.lowerBound])
            try place.media.forEachPiece { try write($0.base64EncodedData()) }
            rest = rest[place.range.upperBound...]
        }
        try write(rest)
    }
}

extension MediaSource {
    fileprivate var byteCount: Int64 {
        get throws {
            switch storage {
            case .remote: 0
            case .data(let data, _): Int64(data.count)
            case .file(let file): try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int64 ?? .max
            }
        }
    }

    /// Calls `body` with consecutive pieces of local data. The base64 texts of the pieces can be concatenated.
    fileprivate func forEachPiece(_ body: (Data) throws -> Void) throws {
        switch storage {
        case .remote:
            return
        case .data(let data, _):
            try body(data)
        case .file(let file):
            let input = try FileHandle(forReadingFrom: file)
            defer { input.closeFile() }
            var pending = Data()
            while let piece = try input.read(upToCount: 3 << 18), !piece.isEmpty {
                pending.append(piece)
                let whole = pending.count / 3 * 3
                try body(pending.prefix(whole))
                pending = Data(pending.dropFirst(whole))
            }
            if !pending.isEmpty { try body(pending) }
        }
    }
}
