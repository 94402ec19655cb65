import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The form of `POST /api/headshots`: photos, and a style or a prompt.
struct PhotoForm: Sendable {
    struct Photo: Sendable {
        /// A name that is safe in a file system, in a header field, and in HTML.
        let name: String
        let file: URL
    }

    private(set) var photos: [Photo] = []
    private(set) var style: String?
    private(set) var prompt: String?

    private static let writeSize = 1 << 18
    private static let maximumFieldBytes = 4_000

    /// Reads a form and writes its photos to a directory.
    init(_ request: Request, limits: UploadLimits, directory: URL) async throws {
        var reader: Reader
        do {
            let parser = try MultipartParser(contentType: request.headers[.contentType] ?? "")
            reader = Reader(parser: parser, body: request.body, remainingBytes: limits.requestBytes)
        } catch let error as MultipartParser.Malformed {
            throw StudioError(
                .unsupportedMediaType,
                "unsupported_type",
                "\(error.reason) Send each photo as a part named photo."
            )
        }
        do {
            while case .part(let name, let fileName) = try await reader.next() {
                switch name {
                case "photo":
                    guard photos.count < limits.photos else {
                        throw StudioError.tooLarge(
                            "At most \(limits.photos) photos can be sent at once. Send the others later."
                        )
                    }
                    let photo = Photo(
                        name: SafeName.of(fileName),
                        file: directory.appendingPathComponent("\(photos.count)")
                    )
                    try await Self.read(photo, limits, &reader)
                    photos.append(photo)
                case "style": style = try await Self.readField(name, &reader)
                case "prompt": prompt = try await Self.readField(name, &reader)
                default: throw StudioError.invalid("The form has an unknown part. Send photo, style, or prompt.")
                }
            }
        } catch let error as MultipartParser.Malformed {
            throw StudioError.invalid("The form cannot be read. \(error.reason)")
        }
    }

    private static func read(_ photo: Photo, _ limits: UploadLimits, _ reader: inout Reader) async throws {
        let file = try await UploadFile(photo.file)
        do {
            var count = 0
            var pending = ByteBuffer()
            while case .data(let bytes) = try await reader.next() {
                count += bytes.readableBytes
                guard count <= limits.photoBytes else {
                    throw StudioError.tooLarge(
                        "The photo \(photo.name) is larger than \(limits.photoBytes >> 20) MiB. Export a smaller version, and try again."
                    )
                }
                pending.writeImmutableBuffer(bytes)
                guard pending.readableBytes >= writeSize else { continue }
                try await file.write(pending)
                pending.clear()
            }
            try await file.write(pending)
        } catch {
            try await file.close()
            throw error
        }
        try await file.close()
    }

    private static func readField(_ name: String, _ reader: inout Reader) async throws -> String? {
        var value = ByteBuffer()
        while case .data(let bytes) = try await reader.next() {
            value.writeImmutableBuffer(bytes)
            guard value.readableBytes <= maximumFieldBytes else {
                throw StudioError.tooLarge("The part \(name) has more than \(maximumFieldBytes) bytes.")
            }
        }
        // PostgreSQL cannot store this character.
        guard !value.readableBytesView.contains(0) else {
            throw StudioError.invalid("The part \(name) contains the character U+0000. Remove it.")
        }
        let text = String(buffer: value).trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }

    /// The events of a form, as its body arrives.
    private struct Reader {
        var parser: MultipartParser
        var body: RequestBody.AsyncIterator
        /// The bytes that the body may still have. The header of a chunked body announces no length.
        var remainingBytes: Int

        init(parser: MultipartParser, body: RequestBody, remainingBytes: Int) {
            self.parser = parser
            self.body = body.makeAsyncIterator()
            self.remainingBytes = remainingBytes
        }

        mutating func next() async throws -> MultipartParser.Event {
            while true {
                if let event = try parser.next() { return event }
                let bytes = try await nextBytes()
                remainingBytes -= bytes.readableBytes
                guard remainingBytes >= 0 else {
                    throw StudioError.tooLarge("The form is too large. Send fewer photos at once.")
                }
                parser.append(bytes)
            }
        }

        /// Returns the next bytes of the body. A connection that is lost ends the form early.
        private mutating func nextBytes() async throws -> ByteBuffer {
            do { if let bytes = try await body.next() { return bytes } } catch { try Task.checkCancellation() }
            throw MultipartParser.Malformed(reason: "The form ends early. Send it again.")
        }
    }
}

/// The limits of one request with photos.
public struct UploadLimits: Sendable {
    /// The number of photos. Defaults to 20.
    public var photos = 20
    /// The size of a photo in bytes. Defaults to 10 MiB.
    public var photoBytes = 10 << 20
    /// The time until the whole request must have arrived. Defaults to 5 minutes.
    public var duration: Duration = .seconds(300)
    /// The number of requests that one caller may send at the same time. Defaults to 8.
    public var concurrentRequests = 8

    /// Creates the default limits.
    public init() {}

    /// The size of a request that ``photos`` photos cannot exceed.
    var requestBytes: Int { photos * (photoBytes + MultipartParser.maximumHeaderBytes) + (1 << 16) }
}

/// Names that are safe in a file system, in a header field, and in HTML.
enum SafeName {
    private static let maximumBytes = 200
    /// The names that Windows reserves for devices, also with an extension.
    private static let reserved = Set(
        ["CON", "PRN", "AUX", "NUL"] + (1...9).flatMap { ["COM\($0)", "LPT\($0)"] }
    )

    /// Returns a name like that of a file that a caller sent, without its directories.
    static func of(_ fileName: String?) -> String {
        let last = (fileName ?? "").split(whereSeparator: { "/\\".contains($0) }).last ?? ""
        let kept = last.unicodeScalars.map { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || " .-_()".unicodeScalars.contains(scalar)
                ? Character(scalar) : "_"
        }
        var name = ""
        for character in kept {
            guard name.utf8.count + character.utf8.count <= maximumBytes else { break }
            name.append(character)
        }
        name = name.trimmingCharacters(in: CharacterSet(charactersIn: " ."))
        let base = name.prefix { $0 != "." }.trimmingCharacters(in: .whitespaces).uppercased()
        if reserved.contains(base) { return "_\(name)" }
        return name.isEmpty ? "photo" : name
    }
}
