import ArgumentParser
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer

/// The `headshot demo` command, which runs each service end to end on this machine, without a network.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a demo without a key, a network or any cost.",
        discussion: """
            Both services are simulated on this machine over real HTTP. Each service turns a drawing of a person into a \
            headshot, which is also a drawing. Standard output contains the paths of the three files.
            """
    )

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The directory for the files.", valueName: "dir"),
        completion: .directory
    )
    var output = "headshot-demo"

    func run() async throws {
        let directory = URL(fileURLWithPath: (output as NSString).expandingTildeInPath, isDirectory: true)
        let printer = ProgressPrinter()
        defer { printer.finish() }
        do {
            try await Interruption.run {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await printer.tick() }
                    defer { group.cancelAll() }
                    try await Self.demonstrate(in: directory, printer)
                }
            }
        } catch is Interrupted {
            let message = "Interrupted. The demo leaves only the files in \(directory.path)."
            throw ToolError.interrupted(message)
        }
    }

    private static func demonstrate(in directory: URL, _ printer: ProgressPrinter) async throws {
        var configuration = SimulatedService.Configuration()
        configuration.queueDuration = .milliseconds(300)
        configuration.jobDuration = .milliseconds(1_200)
        let service = SimulatedService(configuration: configuration)
        let server = try await SimulatorServer.start(service)
        step("Both services are simulated at \(server.baseURL.absoluteString).", printer)

        let photo = try savePhoto(in: directory)
        step("The demo uses a drawing as your photo.", printer)
        try printer.print { try Console.result(photo.path) }

        let options = GenerationOptions(
            downloadDirectory: directory,
            // The published times are those of the real services.
            polling: .adaptive(median: configuration.queueDuration + configuration.jobDuration),
            existingFiles: .replace
        )
        step("Magic Hour creates a headshot:", printer)
        // Explicit keys and URLs keep the demo from using a real account in the environment.
        let magicHour = try MagicHour(apiKey: configuration.magicHourKey, baseURL: server.magicHourURL)
        let first = try await magicHour.headshots.generate(
            .init(assets: .init(imageFilePath: .file(photo))),
            options: options
        ) { printer.show($0) }
        for file in first.files { try printer.print { try Console.result(file.path) } }

        printer.restart()
        step("ModelsLab creates a headshot:", printer)
        let modelsLab = try ModelsLab(apiKey: configuration.modelsLabKey, baseURL: server.modelsLabURL)
        let second = try await modelsLab.headshots.generate(
            .init(prompt: "professional headshot, navy suit", faceImage: .file(photo)),
            options: options
        ) { printer.show($0) }
        for file in second.files { try printer.print { try Console.result(file.path) } }

        step("Done. To use your own photo and key, see: \(Program.name) create --help", printer)
        await server.stop()
    }

    private static func step(_ text: String, _ printer: ProgressPrinter) {
        printer.print { Console.note(text) }
    }

    private static func savePhoto(in directory: URL) throws -> URL {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let photo = directory.appendingPathComponent("demo-photo.png")
            try SampleMedia.portraitPNG(width: 512, height: 512).write(to: photo, options: .atomic)
            return photo
        } catch {
            let message = "Files cannot be saved in \(directory.path): \(error.localizedDescription)"
            throw ToolError(status: .other, code: HeadshotKitError.Code.fileSystem.rawValue, message: message)
        }
    }
}
