import Foundation
public import HeadshotKit

extension SimulatedService {
    /// A fault to inject with ``SimulatedService/inject(_:on:times:afterProcessing:)``.
    public struct Fault: Sendable {
        enum Effect: Sendable {
            /// Replaces the response.
            case response(CannedResponse)
            /// Replaces the response with an error.
            case failure(TransportError)
            case silence
            /// Alters the response.
            case truncation
            case breakage(after: Int)
            case status(String)
            /// Fails the job.
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

        /// Returns a fault that replaces the response with one that has the given status, body and header fields.
        public static func status(_ status: Int, body: String = "", headers: TransportHeaders = [:]) -> Fault {
            Fault(
                effect: .response(CannedResponse(status: status, headers: headers, body: PaddedBytes(Data(body.utf8))))
            )
        }

        /// A 500 response with a JSON message.
        public static let internalError = json(
            500,
            #"{"code":"internal_server_error","message":"Internal Server Error"}"#
        )

        /// A 502 response with a gateway's HTML page.
        public static let badGateway = status(
            502,
            body: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
            headers: ["Content-Type": "text/html"]
        )

        /// Returns a fault that responds with 503, which means that the request was not processed and can be retried later.
        ///
        /// - Parameter retryAfter: The value of the `Retry-After` field, in seconds or as an HTTP date. `nil` if the field is absent.
        public static func unavailable(retryAfter: String? = nil) -> Fault {
            json(503, #"{"message":"Service Unavailable"}"#, retryAfter: retryAfter)
        }

        /// Returns a fault that responds with 429, which means that there were too many requests and this one was not processed.
        ///
        /// - Parameter retryAfter: The value of the `Retry-After` field, in seconds or as an HTTP date. `nil` if the field is absent.
        public static func tooManyRequests(retryAfter: String? = nil) -> Fault {
            json(429, #"{"message":"Too Many Requests"}"#, retryAfter: retryAfter)
        }

        /// A 402 response for an operation that requires a subscription, which the account does not have.
        public static let subscriptionRequired = json(
            402,
            #"{"code":"subscription_required","message":"A subscription is required."}"#
        )

        /// A 402 response for an operation that requires a larger plan than the account has.
        public static let planUpgradeRequired = json(
            402,
            #"{"code":"plan_upgrade_required","message":"Upgrade the plan to use this feature."}"#
        )

        /// A 403 response for a valid key whose account is not allowed to use the model, size or feature.
        public static let forbidden = json(403, #"{"message":"This feature is not included in your plan."}"#)

        /// A 200 response with a body that is not JSON.
        public static let garbage = json(200, "\u{1}garbage\u{2}")

        /// A refused connection, which guarantees that the request was not received.
        public static let connectionRefused = Fault(
            effect: .failure(TransportError(.notConnected, "the connection was refused", mayHaveBeenReceived: false))
        )

        /// A connection that is lost before the response arrives.
        ///
        /// The `afterProcessing` argument determines whether the request is processed. The client cannot detect the difference.
        public static let connectionLost = Fault(
            effect: .failure(TransportError(.connectionLost, "The connection was lost.", mayHaveBeenReceived: true))
        )

        /// No response. The request fails with `timedOut` after its timeout on the service's clock.
        public static let silence = Fault(effect: .silence)

        /// A response whose body ends halfway. The request is always processed.
        public static let truncatedResponse = Fault(effect: .truncation)

        /// Returns a fault that ends the connection after the given number of bytes of the response body.
        ///
        /// The request is always processed. Use this fault for downloads.
        public static func broken(afterBytes: Int) -> Fault { Fault(effect: .breakage(after: afterBytes)) }

        /// Returns a fault that replaces the `status` field of the response, for example with a status unknown to the client.
        ///
        /// The request is always processed.
        public static func jobStatus(_ status: String) -> Fault { Fault(effect: .status(status)) }

        /// Returns a fault that fails the job with an error and refunds its credits.
        ///
        /// If the fault is on the operation that creates the job, the job fails at the end of rendering. If the fault is on the
        /// operation that gets the job, the job fails immediately.
        public static func jobFails(code: String, message: String = "The job failed.") -> Fault {
            Fault(effect: .jobFailure(code: code, message: message))
        }

        /// Returns a fault that delays a successful request by a duration on the service's clock.
        public static func slow(_ duration: Duration) -> Fault { Fault(effect: .slowness(duration)) }

        private static func json(_ status: Int, _ body: String, retryAfter: String? = nil) -> Fault {
            var headers: TransportHeaders = ["Content-Type": "application/json"]
            headers["Retry-After"] = retryAfter
            return .status(status, body: body, headers: headers)
        }
    }
}
