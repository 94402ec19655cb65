import Foundation
import HeadshotKit

/// The remaining credits or balance at one service, as a line of text or as a JSON object.
struct AccountReport: Encodable, Sendable {
    private enum Content {
        case magicHour(MagicHour.Account)
        case modelsLab(ModelsLab.Balance)
        case failure(JobReport.Failure)
    }

    private let service: JobHandle.Service
    private let content: Content

    init(_ account: MagicHour.Account) { (service, content) = (.magicHour, .magicHour(account)) }
    init(_ balance: ModelsLab.Balance) { (service, content) = (.modelsLab, .modelsLab(balance)) }

    /// Creates the report of a service whose account request failed.
    init(service: JobHandle.Service, error: JobReport.Failure) {
        (self.service, content) = (service, .failure(error))
    }

    private enum CodingKeys: String, CodingKey {
        case service, credits, tier, subscription, balance, currency, error
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(service, forKey: .service)
        switch content {
        case .magicHour(let account):
            try fields.encode(account.credits, forKey: .credits)
            try fields.encode(account.tier, forKey: .tier)
            try fields.encode(account.subscription, forKey: .subscription)
        case .modelsLab(let balance):
            try fields.encode(balance.balance, forKey: .balance)
            try fields.encode(balance.currency, forKey: .currency)
        case .failure(let failure):
            try fields.encode(failure, forKey: .error)
        }
    }

    /// The report as a line of text.
    var line: String {
        var parts: [String] = []
        switch content {
        case .magicHour(let account):
            parts.append(account.credits.map { "\($0) credits" } ?? "credits unknown")
            if let tier = account.tier { parts.append("tier \(tier)") }
            parts.append(account.subscription.map(Self.description) ?? "no subscription")
        case .modelsLab(let balance):
            let amount = balance.balance.map { Self.amount($0) } ?? "balance unknown"
            parts.append([amount, balance.currency].compactMap { $0 }.joined(separator: " "))
        case .failure(let failure):
            parts.append(failure.message)
        }
        return "\(service): \(parts.joined(separator: ", "))"
    }

    private static func description(of subscription: MagicHour.Subscription) -> String {
        var text = "subscription"
        if let name = subscription.name { text += " \(name)" }
        var details = [subscription.status?.rawValue].compactMap { $0 }
        if let price = subscription.price, let cents = price.amount {
            let currency = price.currency.map { " \($0)" } ?? ""
            let interval = subscription.billingInterval.map { " a \($0)" } ?? ""
            details.append("\(amount(Double(cents) / 100))\(currency)\(interval)")
        }
        if let end = subscription.currentPeriodEnd {
            let verb = subscription.cancelAtPeriodEnd == true ? "ends" : "paid until"
            details.append("\(verb) \(end.rawValue.prefix(10))")
        }
        return details.isEmpty ? text : "\(text) (\(details.joined(separator: ", ")))"
    }

    /// Returns an amount of money with two decimals, independent of the locale.
    private static func amount(_ value: Double) -> String { String(format: "%.2f", value) }
}
