package import Foundation
package import HeadshotKit

/// What a ``FaultyGateway`` does to a request or to its response.
package enum Spoiling: Sendable {
    /// Closes the connection when the head has come. The service never sees the request.
    case droppedBeforeTaking
    /// Lets the service do what was asked, and closes the connection without a response.
    case droppedAfterTaking
    /// Answers something else; the service sees the request only if `isTaken`.
    case response(Int, headers: [String: String] = [:], body: String = "", isTaken: Bool = false)
    /// Sends bytes that need not be HTTP, and closes the connection.
    case raw(Data, isTaken: Bool)
    /// Sends half of the true response, having promised all of it, and closes the connection.
    case cutShort
    /// Sends half of the true response as if it were all.
    case halved
    /// Lets the service do what was asked, and never answers.
    case silence
    /// Passes everything on, after a while.
    case slow(Duration)
    /// Passes the true response on, with other fields in its JSON.
    case fields([String: JSONValue])
    /// Refuses a request for a part of a file, with 416, and passes every other on.
    case rangesRefused

    /// Whether the service sees the request.
    package var isTaken: Bool {
        switch self {
        case .droppedBeforeTaking: false
        case .response(_, _, _, let isTaken), .raw(_, let isTaken): isTaken
        default: true
        }
    }
}
