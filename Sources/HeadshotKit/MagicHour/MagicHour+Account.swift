extension MagicHour {
    /// The account API: `GET /v1/account`, free of charge.
    public var account: AccountAPI { AccountAPI(api: api) }

    /// The endpoints for the account.
    public struct AccountAPI: Sendable {
        let api: APIClient

        /// Fetches the current state of the account: `GET /v1/account`.
        ///
        /// - Throws: ``HeadshotKitError``.
        public func get() async throws -> Account {
            try await api.send(
                APICall(context: CallContext(operation: "account"), path: "/v1/account"),
                as: Account.self
            )
        }
    }

    /// A Magic Hour account.
    public struct Account: Codable, Equatable, Sendable {
        /// An account tier.
        public struct Tier: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// The tier without a subscription.
            public static let free: Tier = "free"
            /// The Creator tier.
            public static let creator: Tier = "creator"
            /// The Pro tier.
            public static let pro: Tier = "pro"
            /// The Business tier.
            public static let business: Tier = "business"
        }

        /// The account's id.
        public let id: String?
        /// The account's email address.
        public let email: String?
        /// The remaining credits.
        public let credits: Int?
        /// The account's tier.
        public let tier: Tier?
        /// The account's subscription, or `nil` if there is none.
        public let subscription: Subscription?

        /// Creates an account from a decoder. Missing or malformed fields become `nil`.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = fields.text(.id)
            email = fields.text(.email)
            credits = fields.integer(.credits)
            tier = fields.value(.tier)
            subscription = fields.object(.subscription)
        }
    }

    /// A subscription.
    public struct Subscription: Codable, Equatable, Sendable {
        /// The status of a subscription.
        public struct Status: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// The subscription is paid for.
            public static let active: Status = "active"
            /// A payment is outstanding.
            public static let pastDue: Status = "past_due"
        }

        /// The billing interval of the subscription.
        public struct BillingInterval: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// Monthly billing.
            public static let month: BillingInterval = "month"
            /// Yearly billing.
            public static let year: BillingInterval = "year"
        }

        /// The price of the subscription.
        public struct Price: Codable, Equatable, Sendable {
            /// The amount, in the smallest unit of the currency.
            public let amount: Int?
            /// The currency, such as `usd`.
            public let currency: String?

            /// Creates a price from a decoder. Missing or malformed fields become `nil`.
            public init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                amount = fields.integer(.amount)
                currency = fields.text(.currency)
            }
        }

        /// The discount on a subscription's price.
        public struct Discount: Codable, Equatable, Sendable {
            /// The amount off, in the smallest unit of the currency.
            public let amountOff: Int?
            /// The percentage off.
            public let percentOff: Double?

            enum CodingKeys: String, CodingKey {
                case amountOff = "amount_off"
                case percentOff = "percent_off"
            }

            /// Creates a discount from a decoder. Missing or malformed fields become `nil`.
            public init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                amountOff = fields.integer(.amountOff)
                percentOff = fields.number(.percentOff)
            }
        }

        /// The subscription's name.
        public let name: String?
        /// The subscription's status.
        public let status: Status?
        /// The billing interval of the subscription.
        public let billingInterval: BillingInterval?
        /// The price of the subscription.
        public let price: Price?
        /// The discount, or `nil` if there is none.
        public let discount: Discount?
        /// The end of the period that is paid for.
        public let currentPeriodEnd: Timestamp?
        /// Whether the subscription ends at ``currentPeriodEnd``.
        public let cancelAtPeriodEnd: Bool?

        enum CodingKeys: String, CodingKey {
            case name, status, price, discount
            case billingInterval = "billing_interval"
            case currentPeriodEnd = "current_period_end"
            case cancelAtPeriodEnd = "cancel_at_period_end"
        }

        /// Creates a subscription from a decoder. Missing or malformed fields become `nil`.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = fields.text(.name)
            status = fields.value(.status)
            billingInterval = fields.value(.billingInterval)
            price = fields.object(.price)
            discount = fields.object(.discount)
            currentPeriodEnd = fields.timestamp(.currentPeriodEnd)
            cancelAtPeriodEnd = fields.flag(.cancelAtPeriodEnd)
        }
    }
}
