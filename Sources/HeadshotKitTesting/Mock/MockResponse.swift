public import Foundation
public import HeadshotKit

extension MockTransport {
    /// The response of a stub in a ``MockTransport``.
    public struct Response: Sendable {
        enum Outcome: Sendable {
            case response(CannedResponse)
            case failure(any Error)
            case never
        }

        var outcome: Outcome
        var delay: Duration = .zero

        /// Returns a response with a JSON body. The text is sent unchanged, even if it is not valid JSON.
        public static func json(_ text: String, status: Int = 200, headers: TransportHeaders = [:]) -> Response {
            var headers = headers
            if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
            return data(Data(text.utf8), status: status, headers: headers)
        }

        /// Returns a response with arbitrary bytes as its body, such as the contents of a download or a gateway's HTML page.
        public static func data(_ data: Data, status: Int = 200, headers: TransportHeaders = [:]) -> Response {
            Response(outcome: .response(CannedResponse(status: status, headers: headers, body: PaddedBytes(data))))
        }

        /// Returns a response without a body, such as a 204.
        public static func status(_ status: Int, headers: TransportHeaders = [:]) -> Response {
            data(Data(), status: status, headers: headers)
        }

        /// Returns a stub response that throws an error, usually a `TransportError`.
        public static func failure(_ error: any Error) -> Response {
            Response(outcome: .failure(error))
        }

        /// A response that never arrives. The request waits until its task is canceled.
        public static let never = Response(outcome: .never)

        /// Returns the same response, delayed by a duration on the mock's clock.
        public func delayed(by duration: Duration) -> Response {
            var response = self
            response.delay += duration
            return response
        }

        /// Returns the same response, truncated after the given number of bytes of its body.
        ///
        /// The request fails with `connectionLost`. A download leaves the bytes before the break in its file.
        public func broken(after bytes: Int) -> Response {
            guard case .response(var canned) = outcome else { return self }
            canned.breaksAfter = bytes
            return Response(outcome: .response(canned), delay: delay)
        }
    }
}
