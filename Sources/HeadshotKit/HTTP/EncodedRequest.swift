import Foundation

/// A request as JSON, encoded once. Its base64 files are placeholders until a body is made.
struct EncodedRequest: Sendable {
    private let json: Data
    private let files: [InlineMedia.Entry]
    /// The names of the added fields, which may be secret.
    private let addedFields: [String]

    /// The maximum total size of the files in a body that is built in memory, in bytes.
    private static let maximumInMemory: Int64 = 8 << 20

    /// Encodes a request.
    ///
    /// - Parameters:
    ///   - fields: Fields of the body that are not part of the request, such as an API key. ``value()`` omits them.
    ///   - inline: The media whose tokens the request contains. The media of the request itself are added.
    /// - Throws: ``HeadshotKitError/Code/invalidRequest`` if the request cannot be encoded, such as for a local photo.
    init(_ request: any Encodable, adding fields: [String: String] = [:], _ inline: InlineMedia = InlineMedia()) throws
    {
        do {
            // An encoder ends the process if fields are added to anything but an object.
            guard try fields.isEmpty || Self.encode(request, InlineMedia()).first == UInt8(ascii: "{") else {
                throw HeadshotKitError(
                    .invalidRequest,
                    "The request is not a JSON object, so \(fields.keys.sorted().joined(separator: ", ")) cannot be added.",
                    advice: "Send an object."
                )
            }
            json = try Self.encode(ExtendedRequest(request: request, fields: fields), inline)
        } catch let error as EncodingError {
            guard case .invalidValue(_, let context) = error else { throw error }
            throw HeadshotKitError(.invalidRequest, context.debugDescription, underlyingError: error)
        }
        files = inline.all
        addedFields = Array(fields.keys)
    }

    private static func encode(_ value: any Encodable, _ inline: InlineMedia) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let key = InlineMedia.key { encoder.userInfo[key] = inline }
        return try encoder.encode(value)
    }

    /// Returns the request as a value, with a placeholder for each file and without the added fields.
    func value() throws -> JSONValue {
        var text = String(decoding: json, as: UTF8.self)
        for file in files { text = text.replacingOccurrences(of: file.token, with: "(a file)") }
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        guard case .object(let members) = value else { return value }
        return .object(members.filter { !addedFields.contains($0.key) })
    }

    /// Returns the request's body. A body that is too large for memory is in the file.
    @inline(never)
    func body(inMemoryOr file: TemporaryFile) async throws -> TransportRequest.Body {
        do { return try await offPool { try makeBody(inMemoryOr: file) } } catch let error as HeadshotKitError {
            throw error
        } catch {
            throw HeadshotKitError(
                .fileSystem,
                "The request could not be encoded: \(error.systemReason).",
                advice: "Check that the photo still exists and that the temporary directory has space.",
                underlyingError: error
            )
        }
    }

    private func makeBody(inMemoryOr file: TemporaryFile) throws -> TransportRequest.Body {
        guard !files.isEmpty else { return .data(json) }
        guard try files.reduce(0, { $0 + (try $1.media.byteCount) }) > Self.maximumInMemory else {
            // Most photos are small enough. A file would contain the key and would remain if the process is killed.
            var body = Data()
            try splice { body.append($0) }
            return .data(body)
        }
        try file.write { append in try splice(write: append) }
        return .file(file.url)
    }

    /// Writes the JSON, with each token replaced by the base64 text of its file.
    private func splice(write: (Data) throws -> Void) throws {
        var rest = json[...]
        let slots = files.compactMap { file in
            json.firstRange(of: Data(file.token.utf8)).map { (range: $0, media: file.media) }
        }
        for slot in slots.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            try write(rest[rest.startIndex..<slot.range.lowerBound])
            try slot.media.forEachPiece { try write($0.base64EncodedData()) }
            rest = rest[slot.range.upperBound...]
        }
        try write(rest)
    }
}

/// A request with fields that are not part of it.
private struct ExtendedRequest: Encodable {
    let request: any Encodable
    let fields: [String: String]

    private struct Field: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        try request.encode(to: encoder)
        guard !fields.isEmpty else { return }
        var container = encoder.container(keyedBy: Field.self)
        for (name, value) in fields { try container.encode(value, forKey: Field(stringValue: name)) }
    }
}

extension MediaSource {
    fileprivate var byteCount: Int64 {
        get throws {
            switch storage {
            case .remote: 0
            case .data(let data, _): Int64(data.count)
            case .file(let file):
                try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int64 ?? 1 << 40
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
            if let version, FileVersion(of: file) != version { throw LocalMedia.changed(description) }
        }
    }
}
