public import Foundation
public import HeadshotKit

/// A fault that a ``FaultyGateway`` injects into a request or its response.
public enum InjectedFault: Sendable {
    /// Closes the connection after the head of the request and the first bytes of its body. The service does not receive the request.
    case droppedBeforeProcessing
    /// Forwards the request and closes the connection without a response.
    case droppedAfterProcessing
    /// Sends another response. The service receives the request only if `isProcessed` is true.
    case response(Int, headers: [String: String] = [:], body: String = "", isProcessed: Bool = false)
    /// Sends bytes, which may not be HTTP, and closes the connection.
    case raw(Data, isProcessed: Bool)
    /// Sends half of the response with the original length, and closes the connection.
    case truncated
    /// Sends half of the response with the length of that half.
    case halved
    /// Forwards the request and never responds.
    case silence
    /// Delays the response.
    case slow(Duration)
    /// Replaces fields in the JSON of the response.
    case fields([String: JSONValue])
    /// Rejects range requests with status 416 and forwards all other requests.
    case rangesRejected

    /// Whether the service receives the request.
    public var isProcessed: Bool {
        switch self {
        case .droppedBeforeProcessing: false
        case .response(_, _, _, let isProcessed), .raw(_, let isProcessed): isProcessed
        default: true
        }
    }
}
