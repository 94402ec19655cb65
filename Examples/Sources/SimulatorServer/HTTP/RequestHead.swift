/// The first lines of an HTTP/1.1 request.
package struct RequestHead: Sendable, Hashable {
    /// How the length of a body is told.
    package enum BodyLength: Sendable, Hashable {
        /// There is no body.
        case none
        /// By `Content-Length`.
        case bytes(Int)
        /// By chunks.
        case chunked
    }

    /// The method, such as `GET`.
    package let method: String
    /// The path and the query.
    package let target: String
    /// The header fields, names in lower case; of a repeated one, the values joined by commas.
    package let headers: [String: String]
    /// The body that follows.
    package let bodyLength: BodyLength
    private let version: String

    /// Reads a head, without the empty line that ends it.
    init(_ text: String) throws {
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        guard !lines.isEmpty else { throw BadRequest("There is no request.") }
        let parts = lines.removeFirst().split(separator: " ")
        guard parts.count == 3, parts[2].hasPrefix("HTTP/1.") else {
            throw BadRequest("The first line is not that of an HTTP/1 request.")
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

    /// Whether the client expects to send another request on the connection.
    package var keepsAlive: Bool {
        let wish = headers["connection"]?.lowercased() ?? ""
        return version == "HTTP/1.0" ? wish.contains("keep-alive") : !wish.contains("close")
    }

    /// Whether the client waits for a `100 Continue` before it sends the body.
    var expectsContinue: Bool { headers["expect"]?.lowercased() == "100-continue" }

    private static func bodyLength(_ headers: [String: String]) throws -> BodyLength {
        if let coding = headers["transfer-encoding"] {
            guard coding.lowercased() == "chunked", headers["content-length"] == nil else {
                throw BadRequest("The body's length is told in a way that is not understood.")
            }
            return .chunked
        }
        guard let length = headers["content-length"] else { return .none }
        guard let count = Int(length), count >= 0 else { throw BadRequest("Content-Length is not a length.") }
        return .bytes(count)
    }
}

/// A request that is not HTTP, or more than is understood.
package struct BadRequest: Error {
    /// What is wrong.
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
