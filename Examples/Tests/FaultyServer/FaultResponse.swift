public import Foundation

/// What a ``FaultyServer`` does with a request.
public enum Behavior: Sendable {
    /// Answers.
    case response(Int, headers: [String: String] = [:], body: Data = Data())
    /// Answers, declares the body longer than it is, and closes the connection behind it.
    case cutShort(Int, headers: [String: String] = [:], body: Data, declaredLength: Int)
    /// Serves a file, in ranges if they are asked for; perhaps breaks after some bytes of the response.
    case file(Data, tag: String? = nil, breakingAfter: Int? = nil)
    /// Sends bytes that need not be HTTP, and closes the connection.
    case raw(Data)
    /// Closes the connection after the head of the request, without reading its body.
    case hangUpBeforeBody
    /// Reads the whole request, then closes the connection: the request was taken, and nobody is told.
    case hangUp
    /// As ``hangUp``, with a TCP reset.
    case reset
    /// Reads the whole request and never answers.
    case silence
    /// Answers 200 and sends the body a byte at a time.
    case drip(Data, every: Duration)
    /// Answers 200 and sends a body without an end, 64 KiB at a time.
    case endless(every: Duration)

    /// Bytes that are not HTTP.
    public static let garbage = raw(Data("\u{1}\u{2} this is no HTTP \u{3}\r\n\r\n".utf8))

    /// A gateway's page: 502.
    public static let badGateway = response(
        502,
        headers: ["Content-Type": "text/html"],
        body: Data("<html><body><h1>502 Bad Gateway</h1></body></html>".utf8)
    )

    /// A 401 that asks for a name and a password.
    public static let basicChallenge = response(
        401,
        headers: ["WWW-Authenticate": "Basic realm=\"secret place\"", "Content-Type": "application/json"],
        body: Data(#"{"message":"Unauthorized"}"#.utf8)
    )

    /// A redirect.
    public static func redirect(_ status: Int, to url: URL) -> Behavior {
        response(status, headers: ["Location": url.absoluteString])
    }

    /// A response of JSON.
    public static func json(_ body: String, status: Int = 200) -> Behavior {
        response(status, headers: ["Content-Type": "application/json"], body: Data(body.utf8))
    }
}
