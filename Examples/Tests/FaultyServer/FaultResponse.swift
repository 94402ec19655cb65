public import Foundation

/// The response of a ``FaultyServer`` to a request.
public enum FaultResponse: Sendable {
    /// Sends a complete response.
    case response(Int, headers: [String: String] = [:], body: Data = Data())
    /// Declares a longer body than it sends, and then closes the connection.
    case truncated(Int, headers: [String: String] = [:], body: Data, declaredLength: Int)
    /// Serves a file, with support for ranges. If `breakingAfter` is set, closes the connection after that many bytes.
    case file(Data, tag: String? = nil, breakingAfter: Int? = nil)
    /// Sends bytes, which may not be HTTP, and closes the connection.
    case raw(Data)
    /// Closes the connection after the head of the request, without reading the body.
    case closeBeforeBody
    /// Reads the whole request and closes the connection without a response.
    case closeAfterRequest
    /// Reads the whole request and closes the connection with a TCP reset.
    case reset
    /// Reads the whole request and never responds.
    case silence
    /// Sends status 200 and the body one byte at a time.
    case drip(Data, every: Duration)
    /// Sends status 200 and an endless body, 64 KiB at a time.
    case endless(every: Duration)

    /// Bytes that are not HTTP.
    public static let garbage = raw(Data("\u{1}\u{2} this is no HTTP \u{3}\r\n\r\n".utf8))

    /// A response with status 502 and an HTML page, as a gateway sends.
    public static let badGateway = response(
        502,
        headers: ["Content-Type": "text/html"],
        body: Data("<html><body><h1>502 Bad Gateway</h1></body></html>".utf8)
    )

    /// A response with status 401 and a Basic challenge.
    public static let basicChallenge = response(
        401,
        headers: ["WWW-Authenticate": "Basic realm=\"secret\"", "Content-Type": "application/json"],
        body: Data(#"{"message":"Unauthorized"}"#.utf8)
    )

    /// Returns a redirect.
    public static func redirect(_ status: Int, to url: URL) -> FaultResponse {
        response(status, headers: ["Location": url.absoluteString])
    }

    /// Returns a response with a JSON body.
    public static func json(_ body: String, status: Int = 200) -> FaultResponse {
        response(status, headers: ["Content-Type": "application/json"], body: Data(body.utf8))
    }
}
