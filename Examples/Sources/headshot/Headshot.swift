import ArgumentParser
import Foundation
import HeadshotKit

/// The root command of the tool.
@main
struct Headshot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headshot",
        abstract: "Create professional headshots from a photo with Magic Hour and ModelsLab.",
        discussion: """
            EXAMPLES:
              headshot demo                  try the tool without an account or a photo
              headshot create me.jpg         make a headshot
              headshot batch team --dry-run  show the price of headshots for a team
              headshot resume --all          finish the jobs that were interrupted

            \(HelpTopics.reference)
            """,
        version: HeadshotKitVersion.current,
        subcommands: [
            CreateCommand.self, BatchCommand.self, ImageCommand.self, TalkCommand.self, FacesCommand.self,
            RunCommand.self, JobsCommand.self, ResumeCommand.self, AccountCommand.self, WebhookCommand.self,
            DemoCommand.self, SimulateCommand.self, ExitCodesTopic.self, OutputTopic.self, StoreTopic.self,
        ]
    )

    static func main() async {
        Startup.prepare()
        do {
            try Startup.checkArguments()
            try CommandName.check(Array(CommandLine.arguments.dropFirst()), among: configuration.subcommands)
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
    }

    /// Prints an error and ends the process with its exit code.
    private static func end(_ error: any Error) -> Never {
        if error is HeadshotKitError || error is ToolError || error is CancellationError || !isOfParser(error) {
            let report = ErrorReport(error)
            Console.printParagraph("error: \(report.message)")
            // The advice is not wrapped, so that it can be copied.
            if let advice = report.advice { Console.note(advice) }
            report.status.leave()
        }
        // ArgumentParser throws requests for help and the version as errors.
        guard exitCode(for: error) != .success else {
            print(fullMessage(for: error))
            ExitStatus.done.leave()
        }
        let message = fullMessage(for: error)
        let text = message.hasPrefix("Error: ") ? String(message.dropFirst("Error: ".count)) : message
        Console.note("error: \(text)")
        ExitStatus.usage.leave()
    }

    /// Returns whether an error concerns the command line.
    private static func isOfParser(_ error: any Error) -> Bool {
        [.success, .validationFailure].contains(exitCode(for: error))
    }
}
