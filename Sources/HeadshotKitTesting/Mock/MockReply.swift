public import Foundation
public import HeadshotKit

extension MockTransport {
    /// What a stub of a ``MockTransport`` answers.
    public struct Reply: Sendable {
        enum Outcome: Sendable {
            case reply(CannedReply)
            case failure(any Error)
            case never
        }

        var outcome: Outcome
        var delay: Duration = .zero

        /// A reply with a JSON text, which is sent as it is written, valid or not.
        public static func json(_ text: String, status: Int = 200, headers: TransportHeaders = [:]) -> Reply {
            var headers = headers
            if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
            return data(Data(text.utf8), status: status, headers: headers)
        }

        /// A reply with any bytes: the contents of a download, or a gateway's page of HTML.
        public static func data(_ data: Data, status: Int = 200, headers: TransportHeaders = [:]) -> Reply {
            Reply(outcome: .reply(CannedReply(status: status, headers: headers, body: PaddedBytes(data))))
        }

        /// A reply without a body, such as a 204.
        public static func status(_ status: Int, headers: TransportHeaders = [:]) -> Reply {
            data(Data(), status: status, headers: headers)
        }

        /// No reply but an error, usually a `TransportError`.
        public static func failure(_ error: any Error) -> Reply {
            Reply(outcome: .failure(error))
        }

        /// No reply at all: the request waits until its task is cancelled.
        public static let never = Reply(outcome: .never)

        /// The same answer, given after a time on the mock's clock.
        public func delayed(by duration: Duration) -> Reply {
            var reply = self
            reply.delay += duration
            return reply
        }

        /// The same reply, cut off after some bytes of its body: the request fails with `connectionLost`, and a download leaves
        /// these bytes in its file.
        public func broken(after bytes: Int) -> Reply {
            guard case .reply(var canned) = outcome else { return self }
            canned.breaksAfter = bytes
            return Reply(outcome: .reply(canned), delay: delay)
        }
    }
}
