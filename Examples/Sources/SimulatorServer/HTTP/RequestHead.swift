/// The request line and header fields of an HTTP/1.1 request.
package struct RequestHead: Sendable, Hashable {
    /// The framing of a request body.
    package enum BodyLength: Sendable, Hashable {
        /// No body.
        case none
        /// A body with a `Content-Length`.
        case bytes(Int)
        /// A body in chunked transfer coding.
        case chunked
    }

    /// The method, such as `GET`.
    package let method: String
    /// The path and query.
    package let target: String
    /// The header fields, with lowercase names. The values of a repeated field are joined by commas.
    package let headers: [String: String]
    /// The framing of the body that follows.
    package let bodyLength: BodyLength
    private let version: String

    /// Creates a head from its text, without the empty line that ends it.
    init(_ text: String) throws {
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        guard !lines.isEmpty else { throw BadRequest("The request is empty.") }
        let parts = lines.removeFirst().split(separator: " ")
        guard parts.count == 3, parts[2].hasPrefix("HTTP/1.") else {
            throw BadRequest("The first line is not a request line of HTTP/1.")
        }
        method = String(parts[0])
        target = String(parts[1])
        version = String(parts[2])
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { throw BadRequest("A header field has no colon.") }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmingSpaces
            headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        }
        self.headers = headers
        bodyLength = try Self.bodyLength(headers)
    }

    /// Whether the client intends to reuse the connection.
    package var keepsAlive: Bool {
        let connection = headers["connection"]?.lowercased() ?? ""
        return version == "HTTP/1.0" ? connection.contains("keep-alive") : !connection.contains("close")
    }

    /// Whether the client waits for a `100 Continue` response before it sends the body.
    var expectsContinue: Bool { headers["expect"]?.lowercased() == "100-continue" }

    private static func bodyLength(_ headers: [String: String]) throws -> BodyLength {
        if let coding = headers["transfer-encoding"] {
            guard coding.lowercased() == "chunked", headers["content-length"] == nil else {
                throw BadRequest("The transfer coding of the body is not supported.")
            }
            return .chunked
        }
        guard let length = headers["content-length"] else { return .none }
        guard let count = Int(length), count >= 0 else { throw BadRequest("Content-Length is not a length.") }
        return .bytes(count)
    }
}

/// The error thrown if a request is not valid HTTP or is not supported.
package struct BadRequest: Error {
    /// The description of the problem.
    package let message: String

    init(_ message: String) { self.message = message }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var text = drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
