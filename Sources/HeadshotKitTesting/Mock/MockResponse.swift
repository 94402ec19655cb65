public import Foundation
public import HeadshotKit

extension MockTransport {
    /// What a stub of a ``MockTransport`` answers.
    public struct Response: Sendable {
        enum Outcome: Sendable {
            case response(CannedResponse)
            case failure(any Error)
            case never
        }

        var outcome: Outcome
        var delay: Duration = .zero

        /// A response with a JSON text, which is sent as it is written, valid or not.
        public static func json(_ text: String, status: Int = 200, headers: TransportHeaders = [:]) -> Response {
            var headers = headers
            if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
            return data(Data(text.utf8), status: status, headers: headers)
        }

        /// A response with any bytes: the contents of a download, or a gateway's page of HTML.
        public static func data(_ data: Data, status: Int = 200, headers: TransportHeaders = [:]) -> Response {
            Response(outcome: .response(CannedResponse(status: status, headers: headers, body: PaddedBytes(data))))
        }

        /// A response without a body, such as a 204.
        public static func status(_ status: Int, headers: TransportHeaders = [:]) -> Response {
            data(Data(), status: status, headers: headers)
        }

        /// No response but an error, usually a `TransportError`.
        public static func failure(_ error: any Error) -> Response {
            Response(outcome: .failure(error))
        }

        /// No response at all: the request waits until its task is cancelled.
        public static let never = Response(outcome: .never)

        /// The same answer, given after a time on the mock's clock.
        public func delayed(by duration: Duration) -> Response {
            var response = self
            response.delay += duration
            return response
        }

        /// The same response, cut off after some bytes of its body: the request fails with `connectionLost`, and a download leaves
        /// these bytes in its file.
        public func broken(after bytes: Int) -> Response {
            guard case .response(var canned) = outcome else { return self }
            canned.breaksAfter = bytes
            return Response(outcome: .response(canned), delay: delay)
        }
    }
}
