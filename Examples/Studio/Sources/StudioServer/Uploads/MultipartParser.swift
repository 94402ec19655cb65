import Foundation
import NIOCore

/// A parser of `multipart/form-data` that holds at most one header or a few bytes of a body.
struct MultipartParser {
    enum Event: Equatable {
        /// A part begins. `fileName` is absent for a field that is not a file.
        case part(name: String, fileName: String?)
        /// The next bytes of the part.
        case data(ByteBuffer)
        case endOfPart
        /// The form is complete. Everything after it is ignored.
        case end
    }

    struct Malformed: Error, Equatable {
        let reason: String
    }

    private enum State { case preamble, delimiter, headers, body, end }

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var buffer = ByteBuffer()

    static let maximumHeaderBytes = 8_192

    /// Creates a parser for a body with a content type, such as `multipart/form-data; boundary=----WebKitFormBoundary`.
    init(contentType: String) throws {
        let (type, parameters) = Self.headerValue(contentType)
        guard type == "multipart/form-data" else { throw Malformed(reason: "The body must be multipart/form-data.") }
        guard let boundary = parameters["boundary"], (1...70).contains(boundary.utf8.count) else {
            throw Malformed(reason: "The content type needs a boundary of 1 to 70 characters.")
        }
        delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter has no line before it.
        buffer.writeString("\r\n")
    }

    /// Adds bytes of the body.
    mutating func append(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    /// Returns the next event, or `nil` if more bytes are needed.
    mutating func next() throws -> Event? {
        while true {
            switch state {
            case .preamble:
                guard let offset = offset(of: delimiter) else {
                    skipAllButDelimiter()
                    return nil
                }
                buffer.moveReaderIndex(forwardBy: offset + delimiter.count)
                state = .delimiter
            case .delimiter:
                guard let bytes = buffer.getBytes(at: buffer.readerIndex, length: 2) else { return nil }
                buffer.moveReaderIndex(forwardBy: 2)
                switch bytes {
                case Array("--".utf8):
                    state = .end
                    return .end
                case Array("\r\n".utf8): state = .headers
                default: throw Malformed(reason: "A boundary of the form is not followed by a line end.")
                }
            case .headers: return try nextPart()
            case .body: return nextData()
            case .end:
                buffer.clear()
                return nil
            }
        }
    }

    private mutating func nextPart() throws -> Event? {
        guard let length = offset(of: Array("\r\n\r\n".utf8)) else {
            guard buffer.readableBytes <= Self.maximumHeaderBytes else {
                throw Malformed(reason: "The header of a part has more than \(Self.maximumHeaderBytes) bytes.")
            }
            return nil
        }
        guard length <= Self.maximumHeaderBytes, let header = buffer.readString(length: length) else {
            throw Malformed(reason: "The header of a part has more than \(Self.maximumHeaderBytes) bytes.")
        }
        buffer.moveReaderIndex(forwardBy: 4)
        for line in header.components(separatedBy: "\r\n") {
            let field = line.split(separator: ":", maxSplits: 1)
            guard field.count == 2, field[0].lowercased() == "content-disposition" else { continue }
            let (type, parameters) = Self.headerValue(String(field[1]))
            guard type == "form-data", let name = parameters["name"] else { break }
            state = .body
            return .part(name: name, fileName: parameters["filename"])
        }
        throw Malformed(reason: "A part has no Content-Disposition with a name.")
    }

    private mutating func nextData() -> Event? {
        if let offset = offset(of: delimiter) {
            if offset > 0, let data = buffer.readSlice(length: offset) { return .data(data) }
            buffer.moveReaderIndex(forwardBy: delimiter.count)
            state = .delimiter
            return .endOfPart
        }
        // The end may be the beginning of the delimiter.
        let length = buffer.readableBytes - delimiter.count + 1
        guard length > 0, let data = buffer.readSlice(length: length) else { return nil }
        return .data(data)
    }

    private mutating func skipAllButDelimiter() {
        buffer.moveReaderIndex(forwardBy: max(0, buffer.readableBytes - delimiter.count + 1))
    }

    private func offset(of pattern: [UInt8]) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress, let first = pattern.first else { return nil }
            var offset = 0
            while offset + pattern.count <= bytes.count,
                let match = memchr(start + offset, CInt(first), bytes.count - offset - pattern.count + 1)
            {
                offset = UnsafeRawPointer(match) - start
                if memcmp(match, pattern, pattern.count) == 0 { return offset }
                offset += 1
            }
            return nil
        }
    }

    /// Returns the value of a header field and its parameters, whose names are in lower case.
    static func headerValue(_ text: String) -> (value: String, parameters: [String: String]) {
        var pieces: [String] = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            switch character {
            case _ where isEscaped:
                isEscaped = false
                pieces[pieces.count - 1].append(character)
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case ";" where !isQuoted: pieces.append("")
            default: pieces[pieces.count - 1].append(character)
            }
        }
        var parameters: [String: String] = [:]
        for piece in pieces.dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            parameters[pair[0].trimmingCharacters(in: .whitespaces).lowercased()] =
                pair[1].trimmingCharacters(in: .whitespaces)
        }
        return (pieces[0].trimmingCharacters(in: .whitespaces).lowercased(), parameters)
    }
}
