import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy

/// A fault of a request at one step. The raw values are the rows of the printed table.
enum Fault: String, CaseIterable, Sendable {
    case refused = "connection refused"
    case tlsFailure = "TLS handshake failed (https to a plain port)"
    case alert = "TLS alert (http to a TLS port)"
    case droppedBefore = "dropped before it was accepted"
    case droppedAfter = "dropped after it was accepted"
    case tooMany = "429"
    case tooManyAfter = "429, accepted"
    case failed = "500, not accepted"
    case failedAfter = "500, accepted"
    case badGateway = "502, a page of HTML"
    case badGatewayAfter = "502, accepted"
    case unavailable = "503"
    case unavailableAfter = "503, accepted"
    case busy = "503 with Retry-After"
    case challenged = "401 with a Basic challenge"
    case notFound = "404"
    case redirected = "302 to another host"
    case seeOther = "303 to another host"
    case noHTTP = "no HTTP"
    case halfHead = "a head that ends before its blank line"
    case headWithoutSpaces = "a head without spaces after its colons"
    case garbage = "200 with garbage"
    case webPage = "200 with a web page"
    case errorDocument = "200 with an error in JSON"
    case halved = "200 with half of the response"
    case truncated = "truncated"
    case silent = "silence"
    case slow = "slow"
    case expired = "expired link"
    case unknownStatus = "unknown status"
    case withoutOutputs = "complete, and its outputs are missing"
    case rangesRejected = "ranges rejected"
    // Faults of HTTP/2.
    case streamRefused = "REFUSED_STREAM"
    case streamReset = "RST_STREAM before it was accepted"
    case streamResetAfter = "RST_STREAM after it was accepted"
    case goAway = "GOAWAY without the stream"
    case goAwayAfter = "GOAWAY with the stream, which is processed"
    case closed = "connection closed during sending"
    case closedAfter = "connection closed after it was accepted"
    case resetAfter = "connection reset after it was accepted"
    case earlyResponse = "413 before the body arrives"

    /// The HTTP/2 fault. `nil` for a fault that is independent of the network.
    var streamFault: StreamFault? {
        switch self {
        case .streamRefused: .resetBeforeProcessing(7)
        case .streamReset: .resetBeforeProcessing(2)
        case .streamResetAfter: .resetAfterProcessing(2)
        case .goAway: .goAwayWithoutStream
        case .goAwayAfter: .goAwayWithStream
        case .closed: .closeBeforeProcessing
        case .closedAfter: .closeAfterProcessing
        case .resetAfter: .resetConnectionAfterProcessing
        case .earlyResponse: .respondEarly(status: 413, resets: true)
        default: nil
        }
    }

    /// Returns whether the fault can occur over a network.
    func exists(over network: Network) -> Bool {
        if streamFault != nil { return network == .http2 }
        return switch self {
        // A TLS alert can only surprise a client on a plain connection.
        case .alert: network == .plain
        // HTTP/2 does not send a head as text.
        case .halfHead, .headWithoutSpaces: network != .http2
        default: true
        }
    }

    /// Whether the request is redirected to another port.
    var isConnectionFault: Bool { self == .refused || self == .tlsFailure }

    /// Returns the fault to inject at the gateway, or `nil` if the fault occurs elsewhere.
    ///
    /// - Parameters:
    ///   - isModelsLab: Whether the response imitates ModelsLab.
    ///   - elsewhere: The target of redirects.
    func injectedFault(isModelsLab: Bool, elsewhere: URL) -> InjectedFault? {
        let echo = FaultFixtures.Secret.echo(isModelsLab: isModelsLab)
        let tooMany = #"{"status":"error","message":"Too many: \#(echo)","retry_after":0.01}"#
        return switch self {
        case .refused, .tlsFailure: nil
        case .streamRefused, .streamReset, .streamResetAfter, .goAway, .goAwayAfter, .closed, .closedAfter, .resetAfter,
            .earlyResponse:
            nil
        case .alert: .raw(Data([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]), isProcessed: false)
        case .droppedBefore: .droppedBeforeProcessing
        case .droppedAfter: .droppedAfterProcessing
        case .tooMany: .json(429, tooMany)
        case .tooManyAfter: .json(429, tooMany, isProcessed: true)
        case .failed: .json(500, #"{"message":"Failed: \#(echo)"}"#)
        case .failedAfter: .json(500, #"{"message":"Failed: \#(echo)"}"#, isProcessed: true)
        case .badGateway: .page(502, "502 Bad Gateway: \(echo)")
        case .badGatewayAfter: .page(502, "502 Bad Gateway: \(echo)", isProcessed: true)
        case .unavailableAfter: .json(503, #"{"message":"Unavailable: \#(echo)"}"#, isProcessed: true)
        case .busy: .response(503, headers: ["Retry-After": "0"], body: "Busy: \(echo)")
        case .unavailable: .json(503, #"{"message":"Unavailable: \#(echo)"}"#)
        case .challenged:
            .response(
                401,
                headers: ["WWW-Authenticate": #"Basic realm="\#(echo)""#, "Content-Type": "application/json"],
                body: #"{"message":"Unauthorized: \#(echo)"}"#
            )
        case .notFound: .json(404, #"{"message":"Not found: \#(echo)"}"#)
        case .redirected: .redirect(302, elsewhere)
        case .seeOther: .redirect(303, elsewhere)
        case .noHTTP: .raw(Data("\u{1}\u{2} \(echo) \u{3}\r\n\r\n".utf8), isProcessed: true)
        // Without `Content-Length`, the response ends the process in Foundation on Linux (`CrashingResponseTests`).
        case .halfHead:
            .raw(Data("HTTP/1.1 200 OK\r\nServer: \(echo)\r\nContent-Length: 2\r\n".utf8), isProcessed: true)
        case .headWithoutSpaces:
            .raw(Data("HTTP/1.1 200 OK\r\nServer:\(echo)\r\nContent-Length:2\r\n\r\n{}".utf8), isProcessed: true)
        case .garbage: .response(200, body: "\u{1}\(echo)\u{2}", isProcessed: true)
        case .webPage: .page(200, "Please log in: \(echo)", isProcessed: true)
        case .errorDocument: .json(200, #"{"error":"file is not ready: \#(echo)"}"#, isProcessed: true)
        case .halved: .halved
        case .truncated: .truncated
        case .silent: .silence
        case .slow: .slow(.milliseconds(250))
        case .expired:
            .response(403, headers: ["Content-Type": "application/xml"], body: "<Error><Code>\(echo)</Code></Error>")
        case .unknownStatus: .fields(["status": "simmering"])
        case .withoutOutputs:
            .fields(["status": isModelsLab ? "success" : "complete", "downloads": [], "output": []])
        case .rangesRejected: .rangesRejected
        }
    }
}

extension InjectedFault {
    fileprivate static func json(_ status: Int, _ body: String, isProcessed: Bool = false) -> InjectedFault {
        .response(status, headers: ["Content-Type": "application/json"], body: body, isProcessed: isProcessed)
    }

    fileprivate static func page(_ status: Int, _ text: String, isProcessed: Bool = false) -> InjectedFault {
        .response(
            status,
            headers: ["Content-Type": "text/html"],
            body: "<html><head><title>\(text)</title></head><body><h1>\(text)</h1></body></html>",
            isProcessed: isProcessed
        )
    }

    fileprivate static func redirect(_ status: Int, _ url: URL) -> InjectedFault {
        .response(status, headers: ["Location": url.absoluteString])
    }
}
