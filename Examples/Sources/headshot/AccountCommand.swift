import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot account` command, which prints the remaining credits and balance.
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Show your remaining credits and balance. This costs nothing.",
        discussion: """
            The command queries each service whose API key is set in MAGIC_HOUR_API_KEY or MODELSLAB_API_KEY, and prints one line \
            per service to standard output. With --json, each line is an object: {"service", "credits", "tier", "subscription"} \
            for Magic Hour, or {"service", "balance", "currency"} for ModelsLab. If the request failed, "error": {"code", \
            "message"} replaces the other fields. Unknown values are null.

            \(HelpTopics.reference)
            """
    )

    @Flag(help: "Print one JSON object per service, one per line.")
    var json = false

    func run() async throws {
        var accounts: [(service: JobHandle.Service, fetch: @Sendable () async throws -> AccountReport)] = []
        if Self.hasKey("MAGIC_HOUR_API_KEY") {
            accounts.append((.magicHour, { AccountReport(try await MagicHour().account.get()) }))
        }
        if Self.hasKey("MODELSLAB_API_KEY") {
            accounts.append((.modelsLab, { AccountReport(try await ModelsLab().wallet.balance()) }))
        }
        guard !accounts.isEmpty else {
            throw ToolError(
                status: .key,
                code: HeadshotKitError.Code.missingAPIKey.rawValue,
                message: "No API key is set. Set MAGIC_HOUR_API_KEY or MODELSLAB_API_KEY."
            )
        }
        var failures: [HeadshotKitError] = []
        for (service, fetch) in accounts {
            do {
                let report = try await fetch()
                try Console.result(json ? report.jsonLine : Console.printable(report.line))
            } catch let error as HeadshotKitError {
                // An error from one service must not hide the result of the other.
                failures.append(error)
                guard json else { continue }
                let failure = ErrorReport(error)
                let report = AccountReport(service: service, error: .init(code: failure.code, message: failure.message))
                try Console.result(report.jsonLine)
            }
        }
        for other in failures.dropFirst() { Console.printParagraph("error: \(ErrorReport(other).message)") }
        if let first = failures.first { throw first }
    }

    private static func hasKey(_ variable: String) -> Bool {
        ProcessInfo.processInfo.environment[variable]?.contains { !$0.isWhitespace } ?? false
    }
}
