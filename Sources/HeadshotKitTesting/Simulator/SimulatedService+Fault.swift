import Foundation
public import HeadshotKit

extension SimulatedService {
    /// Something that goes wrong on purpose; see ``SimulatedService/inject(_:on:times:afterProcessing:)``.
    public struct Fault: Sendable {
        enum Effect: Sendable {
            /// Takes the place of the response.
            case response(CannedResponse)
            /// Takes the place of the response: nothing comes back at all.
            case failure(TransportError)
            case silence
            /// Spoils the response that there is.
            case truncation
            case breakage(after: Int)
            case status(String)
            /// Happens to the job.
            case jobFailure(code: String, message: String)
            case slowness(Duration)

            var replacesResponse: Bool {
                switch self {
                case .response, .failure, .silence: true
                default: false
                }
            }
        }

        let effect: Effect

        /// A response of some status and body instead of the true one.
        public static func status(_ status: Int, body: String = "", headers: TransportHeaders = [:]) -> Fault {
            Fault(
                effect: .response(CannedResponse(status: status, headers: headers, body: PaddedBytes(Data(body.utf8))))
            )
        }

        /// 500, with a message in JSON.
        public static let internalError = json(
            500,
            #"{"code":"internal_server_error","message":"Internal Server Error"}"#
        )

        /// 502, with a gateway's page of HTML.
        public static let badGateway = status(
            502,
            body: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
            headers: ["Content-Type": "text/html"]
        )

        /// 503: nothing was done, come back later.
        ///
        /// - Parameter retryAfter: The value of the `Retry-After` field: seconds or an HTTP date.
        public static func unavailable(retryAfter: String? = nil) -> Fault {
            json(503, #"{"message":"Service Unavailable"}"#, retryAfter: retryAfter)
        }

        /// 429: too many requests, nothing was done.
        ///
        /// - Parameter retryAfter: The value of the `Retry-After` field: seconds or an HTTP date.
        public static func tooManyRequests(retryAfter: String? = nil) -> Fault {
            json(429, #"{"message":"Too Many Requests"}"#, retryAfter: retryAfter)
        }

        /// 402: the account has no subscription, and the operation needs one.
        public static let subscriptionRequired = json(
            402,
            #"{"code":"subscription_required","message":"A subscription is required."}"#
        )

        /// 402: the account's plan is too small for the operation.
        public static let planUpgradeRequired = json(
            402,
            #"{"code":"plan_upgrade_required","message":"Upgrade the plan to use this feature."}"#
        )

        /// 403: the key is good, and the account may not use the model, size or feature.
        public static let forbidden = json(403, #"{"message":"This feature is not included in your plan."}"#)

        /// 200, with a body that is no JSON.
        public static let garbage = json(200, "\u{1}garbage\u{2}")

        /// No connection: it is certain that nothing was received.
        public static let connectionRefused = Fault(
            effect: .failure(TransportError(.notConnected, "the connection was refused", mayHaveBeenReceived: false))
        )

        /// The connection ends before the response. Whether the request was taken is what `afterProcessing` says; the client cannot
        /// know it.
        public static let connectionLost = Fault(
            effect: .failure(TransportError(.connectionLost, "The connection was lost.", mayHaveBeenReceived: true))
        )

        /// No response: after the request's timeout, on the service's clock, it fails with `timedOut`.
        public static let silence = Fault(effect: .silence)

        /// The response's text ends in the middle. The request is always taken.
        public static let truncatedResponse = Fault(effect: .truncation)

        /// The connection ends after some bytes of the response's body. The request is always taken. For downloads.
        public static func broken(afterBytes: Int) -> Fault { Fault(effect: .breakage(after: afterBytes)) }

        /// The response's `status` is another text, such as one that was invented yesterday. The request is always taken.
        public static func jobStatus(_ status: String) -> Fault { Fault(effect: .status(status)) }

        /// The job fails with an error: when it has rendered, if the fault is on the operation that creates it; at once, if it
        /// is on the one that asks for it. The credits are given back.
        public static func jobFails(code: String, message: String = "The job failed.") -> Fault {
            Fault(effect: .jobFailure(code: code, message: message))
        }

        /// Everything is well, but only after a time on the service's clock.
        public static func slow(_ duration: Duration) -> Fault { Fault(effect: .slowness(duration)) }

        private static func json(_ status: Int, _ body: String, retryAfter: String? = nil) -> Fault {
            var headers: TransportHeaders = ["Content-Type": "application/json"]
            headers["Retry-After"] = retryAfter
            return .status(status, body: body, headers: headers)
        }
    }
}
