import ArgumentParser
import Foundation
import HeadshotKit

/// A duration as typed on the command line: `90s`, `30m`, `1.5h`, or plain seconds.
struct TimeArgument: Hashable, Sendable {
    let duration: Duration

    /// Creates a duration from text.
    ///
    /// - Throws: ``ValidationError`` that lists the accepted formats.
    init(_ text: String) throws {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600]
        let unit = text.last.flatMap { units[$0] }
        let number = unit == nil ? text : String(text.dropLast())
        // `Double` also accepts "nan", "0x1p4", and "1e9".
        guard number.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }), let value = Double(number), value > 0
        else {
            throw ValidationError("“\(text)” is not a duration. Write 90s, 30m, 2h, or seconds.")
        }
        let seconds = value * (unit ?? 1)
        guard seconds <= Self.longest else { throw ValidationError("“\(text)” is too long. At most 720h are allowed.") }
        duration = .seconds(seconds)
    }

    private static let longest: Double = 720 * 3_600
}

extension PollingPolicy {
    /// The environment variable with the expected time of a job, such as that of a simulator.
    static let timeVariable = "HEADSHOT_JOB_TIME"

    /// Returns the policy for the expected time of a job, or `nil` if the published times apply.
    ///
    /// - Throws: ``ToolError`` if the variable is not a duration.
    static func ofExpectedTime() throws -> PollingPolicy? {
        guard let text = ProcessInfo.processInfo.environment[timeVariable], !text.isEmpty else { return nil }
        do {
            return .adaptive(median: try TimeArgument(text).duration)
        } catch let error as ValidationError {
            throw ToolError.usage("\(timeVariable): \(error.message)")
        }
    }
}
