import Foundation

/// The way in which the task of an exchange ended.
enum ExchangeCompletion {
    /// The task ended without an error. The response is the task's own, for use if no head was received.
    case success(TransportResponse?)
    /// The task failed. `isBodyUnsent` is `true` if the server certainly does not have the whole request.
    case failure(TransportError, isBodyUnsent: Bool)

    /// Returns the outcome for the caller.
    ///
    /// - Parameters:
    ///   - request: The request of the exchange.
    ///   - response: The received head with the collected part of the body, or `nil` if no head was received.
    ///   - received: The number of received bytes of the body.
    func outcome(
        for request: TransportRequest,
        response: TransportResponse?,
        received: Int64
    ) -> Result<TransportResponse, any Error> {
        switch self {
        case .failure(var failure, let isBodyUnsent):
            if response == nil, isBodyUnsent { failure.mayHaveBeenReceived = false }
            failure.responseHead = response
            failure.responseHead?.body = Data()
            return .failure(failure)
        case .success(let ownResponse):
            guard let response = response ?? ownResponse else {
                let message = "The server answered without HTTP."
                return .failure(TransportError(.invalidResponse, message, mayHaveBeenReceived: true))
            }
            guard let expected = response.contentLength, request.method != "HEAD", received < expected else {
                return .success(response)
            }
            return .failure(
                TransportError(
                    .connectionLost,
                    "The response ended after \(received) of \(expected) bytes.",
                    mayHaveBeenReceived: true,
                    responseHead: TransportResponse(status: response.status, headers: response.headers)
                )
            )
        }
    }
}
