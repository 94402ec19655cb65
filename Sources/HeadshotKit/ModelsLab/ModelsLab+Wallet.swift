extension ModelsLab {
    /// The account's money: `POST /api/wallet_balance`, free of charge.
    public var wallet: Wallet { Wallet(api: api) }

    /// Calls about the account's money.
    public struct Wallet: Sendable {
        let api: APIClient

        /// Asks what is left: `POST /api/wallet_balance`.
        ///
        /// - Throws: ``HeadshotKitError``.
        public func balance() async throws -> Balance {
            try await RequestBody.with(ModelsLabBackend.APIKeyAuthenticated(request: EmptyBody(), key: api.key)) {
                body in
                let call = APICall(
                    operation: "wallet_balance",
                    method: "POST",
                    path: "/api/wallet_balance",
                    isPathFromHost: true,
                    body: body
                )
                let (balance, result) = try await api.send(call) { response in
                    let balance = try api.decode(BalanceResponse.self, from: response, of: call)
                    // What is no balance is a refusal, in the form that all responses have.
                    return (
                        balance, balance.data == nil ? try api.decode(ImageResult.self, from: response, of: call) : nil
                    )
                }
                if let result { throw api.refusal(result, about: result.complaint(isCreate: true) ?? .job, of: call) }
                guard let balance = balance.data else {
                    throw HeadshotKitError(.invalidResponse, "ModelsLab told no balance.")
                }
                return balance
            }
        }
    }

    /// What is left of the account's money.
    public struct Balance: Codable, Hashable, Sendable {
        /// The amount, in units of the currency.
        public let balance: Double?
        /// The currency, such as `USD`.
        public let currency: String?

        /// Reads a balance, whatever of it is there.
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
