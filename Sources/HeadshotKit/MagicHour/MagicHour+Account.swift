extension MagicHour {
    /// The account: `GET /v1/account`, free of charge.
    public var account: AccountAPI { AccountAPI(api: api) }

    /// Calls about the account.
    public struct AccountAPI: Sendable {
        let api: APIClient

        /// Asks for the account as it is now: `GET /v1/account`.
        ///
        /// - Throws: ``HeadshotKitError``.
        public func get() async throws -> Account {
            try await api.send(APICall(operation: "account", path: "/v1/account"), as: Account.self)
        }
    }

    /// An account.
    public struct Account: Codable, Hashable, Sendable {
        /// A tier of accounts.
        public struct Tier: OpenEnum {
            /// The value as it stands on the wire.
            public let rawValue: String
            /// A value as it stands on the wire.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// Without a subscription.
            public static let free: Tier = "free"
            /// Creator.
            public static let creator: Tier = "creator"
            /// Pro.
            public static let pro: Tier = "pro"
            /// Business.
            public static let business: Tier = "business"
        }

        /// The account's id.
        public let id: String?
        /// Its address for mail.
        public let email: String?
        /// The credits that are left.
        public let credits: Int?
        /// Its tier.
        public let tier: Tier?
        /// Its subscription, if it has one.
        public let subscription: Subscription?

        /// Reads an account, whatever of it is there.
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
    public struct Subscription: Codable, Hashable, Sendable {
        /// How a subscription stands.
        public struct Status: OpenEnum {
            /// The value as it stands on the wire.
            public let rawValue: String
            /// A value as it stands on the wire.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// Paid for.
            public static let active: Status = "active"
            /// Waiting for a payment.
            public static let pastDue: Status = "past_due"
        }

        /// How often it is billed.
        public struct BillingInterval: OpenEnum {
            /// The value as it stands on the wire.
            public let rawValue: String
            /// A value as it stands on the wire.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// Every month.
            public static let month: BillingInterval = "month"
            /// Every year.
            public static let year: BillingInterval = "year"
        }

        /// What it costs.
        public struct Price: Codable, Hashable, Sendable {
            /// The amount, in the smallest unit of the currency.
            public let amount: Int?
            /// The currency, such as `usd`.
            public let currency: String?

            /// Reads a price, whatever of it is there.
            public init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                amount = fields.integer(.amount)
                currency = fields.text(.currency)
            }
        }

        /// What it costs less.
        public struct Discount: Codable, Hashable, Sendable {
            /// The amount, in the smallest unit of the currency.
            public let amountOff: Int?
            /// The percentage.
            public let percentOff: Double?

            enum CodingKeys: String, CodingKey {
                case amountOff = "amount_off"
                case percentOff = "percent_off"
            }

            /// Reads a discount, whatever of it is there.
            public init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                amountOff = fields.integer(.amountOff)
                percentOff = fields.number(.percentOff)
            }
        }

        /// Its name.
        public let name: String?
        /// How it stands.
        public let status: Status?
        /// How often it is billed.
        public let billingInterval: BillingInterval?
        /// What it costs.
        public let price: Price?
        /// What it costs less, if it does.
        public let discount: Discount?
        /// Until when it is paid for.
        public let currentPeriodEnd: Timestamp?
        /// Whether it ends then.
        public let cancelAtPeriodEnd: Bool?

        enum CodingKeys: String, CodingKey {
            case name, status, price, discount
            case billingInterval = "billing_interval"
            case currentPeriodEnd = "current_period_end"
            case cancelAtPeriodEnd = "cancel_at_period_end"
        }

        /// Reads a subscription, whatever of it is there.
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
