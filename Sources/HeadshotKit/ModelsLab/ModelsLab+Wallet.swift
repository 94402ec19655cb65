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
            try await api.authenticated(EmptyBody()).withBody { body in
                let call = APICall(
                    context: CallContext(operation: "wallet_balance"),
                    method: "POST",
                    path: "/api/wallet_balance",
                    isPathFromHost: true,
                    body: body
                )
                let (balance, result) = try await api.send(call) { response in
                    let balance = try api.decode(BalanceResponse.self, from: response, of: call)
                    // A response without a balance is an error in the same format as all other responses.
                    return (
                        balance, balance.data == nil ? try api.decode(ImageResult.self, from: response, of: call) : nil
                    )
                }
                if let result {
                    throw api.rejection(result, about: result.errorCategory(isCreate: true) ?? .job, of: call)
                }
                guard let balance = balance.data else {
                    throw HeadshotKitError(
                        .invalidResponse,
                        "The response of ModelsLab has no balance.",
                        advice: "Try again."
                    )
                }
                return balance
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
