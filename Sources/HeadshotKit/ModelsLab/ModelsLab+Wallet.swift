extension ModelsLab {
    /// The wallet API: `POST /api/wallet_balance`, free of charge.
    public var wallet: Wallet { Wallet(api: api) }

    /// The endpoints for the account's wallet.
    public struct Wallet: Sendable {
        let api: APIClient

        /// Fetches the remaining balance: `POST /api/wallet_balance`.
        ///
        /// - Throws: ``HeadshotKitError``.
        public func balance() async throws -> Balance {
            try await api.fetchAccount("wallet_balance", at: "/api/wallet_balance") { (response: BalanceResponse) in
                response.data
            }
        }
    }

    /// The remaining balance of the account.
    public struct Balance: Codable, Equatable, Sendable {
        /// The amount, in units of the currency.
        public let balance: Double?
        /// The currency, such as `USD`.
        public let currency: String?

        /// Creates a balance from a decoder. Missing or malformed fields become `nil`.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            balance = fields.number(.balance)
            currency = fields.text(.currency)
        }
    }

    struct EmptyBody: Encodable {}

    private struct BalanceResponse: Decodable {
        let data: Balance?
    }
}

extension ModelsLab {
    /// The processing API: `POST /api/v6/processing/request_count`, free of charge.
    public var processing: Processing { Processing(api: api) }

    /// The endpoints for the requests that the service is processing.
    public struct Processing: Sendable {
        let api: APIClient

        /// Fetches the number of the account's requests that the service is processing: `POST /api/v6/processing/request_count`.
        ///
        /// An account can queue at most 5, 10 or 15 jobs at once, depending on its plan. The service accepts 30 of these calls a minute.
        ///
        /// - Throws: ``HeadshotKitError``.
        public func requestCount() async throws -> Int {
            let path = "/api/v6/processing/request_count"
            return try await api.fetchAccount("request_count", at: path) { (response: CountResponse) in response.count }
        }
    }

    private struct CountResponse: Decodable {
        let count: Int?

        private enum CodingKeys: String, CodingKey {
            case count = "processing_count"
        }

        init(from decoder: any Decoder) throws {
            count = try decoder.container(keyedBy: CodingKeys.self).integer(.count)
        }
    }
}

extension APIClient {
    /// Sends a call about the account, which takes only the key.
    ///
    /// - Parameters:
    ///   - path: The path from the host, because enterprise accounts use the same path.
    ///   - read: Returns the value of the response. A response without a value is an error in the same format as all other responses.
    fileprivate func fetchAccount<Response: Decodable, Value: Sendable>(
        _ operation: String,
        at path: String,
        _ read: (Response) -> Value?
    ) async throws -> Value {
        let call = APICall(
            context: CallContext(operation: operation),
            method: "POST",
            path: path,
            isPathFromHost: true,
            request: try authenticated(ModelsLab.EmptyBody())
        )
        let (value, failure) = try await send(call) { response in
            let value = read(try decode(Response.self, from: response, of: call))
            return (value, value == nil ? try decode(ModelsLab.ImageResult.self, from: response, of: call) : nil)
        }
        if let value { return value }
        if let failure, let category = failure.errorCategory(isCreate: true) {
            throw rejection(failure, about: category, of: call)
        }
        throw HeadshotKitError(
            .invalidResponse,
            "The response of ModelsLab to \(operation) contains no value.",
            advice: "Try again.",
            operation: operation
        )
    }
}
