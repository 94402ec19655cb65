import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot account` command, which prints the remaining credits and balance.
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Show what is left to spend at each service. This costs nothing.",
        discussion: """
            It asks the services whose API key is set: MAGIC_HOUR_API_KEY, MODELSLAB_API_KEY. Each has a line on standard output. \
            With --json that is an object: {"service", "credits", "tier", "subscription"} for Magic Hour, {"service", "balance", \
            "currency"} for ModelsLab; "error": {"code", "message"} in place of the rest where the service could not be asked. \
            Unknown values are null.

            \(ExitStatus.help)
            """
    )

    @Flag(help: "Print one JSON object for each service, each on a line.")
    var json = false

    func run() async throws {
        var accounts: [(service: JobHandle.Service, ask: @Sendable () async throws -> AccountReport)] = []
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
                message: "There is no API key: set MAGIC_HOUR_API_KEY or MODELSLAB_API_KEY."
            )
        }
        var failures: [HeadshotKitError] = []
        for (service, ask) in accounts {
            do {
                let report = try await ask()
                try Console.result(json ? report.jsonLine : Console.printable(report.line))
            } catch let error as HeadshotKitError {
                // An error from one service must not hide the result of the other.
                failures.append(error)
                guard json else { continue }
                let told = ErrorReport(error)
                let report = AccountReport(service: service, error: .init(code: told.code, message: told.message))
                try Console.result(report.jsonLine)
            }
        }
        for other in failures.dropFirst() { Console.complain("error: \(ErrorReport(other).message)") }
        if let first = failures.first { throw first }
    }

    private static func hasKey(_ variable: String) -> Bool {
        ProcessInfo.processInfo.environment[variable]?.contains { !$0.isWhitespace } ?? false
    }
}
