import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot batch` command, which makes a headshot from each of many photos.
struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Create a headshot from each of many photos. Another run pays for nothing twice.",
        usage: "headshot batch <directory or photos> ... [<options>]",
        discussion: """
            EXAMPLES:
              headshot batch team --output headshots --dry-run
              headshot batch team --output headshots --csv team.csv --page

            If the command is interrupted or some photos fail, run the same command again. It resumes the jobs that exist, returns \
            the headshots that were made within \(BatchOrder.memoryDays) days, and creates jobs only for the remaining photos. A photo is \
            recognized by its content, so it may be renamed. Another prompt or option is another order.

            The table of --csv has the columns photo and name, such as:
              photo,name
              ada.jpg,"Lovelace, Ada"

            Standard output contains the paths of the headshots, one per line, in the order in which they are made.

            \(HelpTopics.reference)
            """
    )

    @Argument(
        help: ArgumentHelp("The directories of photos, or the photos.", valueName: "directory or photos"),
        completion: .file(extensions: MediaKind.image.fileExtensions)
    )
    var photos: [String]

    @Option(
        help: ArgumentHelp("A table with the names of the people, or - for standard input.", valueName: "file"),
        completion: .file(extensions: ["csv"])
    )
    var csv: String?

    @Flag(
        help: """
            Also write index.html, a page with each photo and its headshot. The page contains all images, without their metadata. The \
            page of an earlier run is overwritten.
            """
    )
    var page = false

    @Option(help: ArgumentHelp("The maximum number of jobs at the same time, from 1 to 100.", valueName: "n"))
    var concurrency = 8

    @Flag(name: .customLong("dry-run"), help: "Print the number of headshots and their price, and send nothing.")
    var isDryRun = false

    @Option(
        name: .customLong("max-credits"),
        help: ArgumentHelp(
            "Create no jobs if their total price is higher or unknown.",
            valueName: "n"
        )
    )
    var maximumCredits: Int?

    @Option(help: ArgumentHelp("The service to use.", valueName: "service"))
    var service = ServiceArgument.magicHour

    @Option(help: CreateCommand.promptHelp)
    var prompt: String?

    @OptionGroup var photoOptions: PhotoOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup(title: "Magic Hour only") var magicHour: MagicHourOptions

    @OptionGroup(title: "ModelsLab only") var modelsLab: ModelsLabOptions

    func validate() throws {
        guard (1...100).contains(concurrency) else {
            throw ValidationError("--concurrency is \(concurrency); allowed: 1 to 100")
        }
    }

    func run() async throws {
        try ServiceOption.check(magicHour.options + modelsLab.options, for: service)
        var photos = try BatchPhoto.find(photos, savingIn: URL(directory: output.output))
        if let csv { try photos.setNames(from: csv) }
        let store = TrackedStore(directory: TrackedStore.defaultDirectory())
        try store.open()
        let configuration = ClientConfiguration(jobStore: store)
        // A dry run sends nothing, so it needs no key.
        let key = isDryRun ? "dry-run" : nil
        let (prompt, magicHour, modelsLab) = (prompt, magicHour, modelsLab)
        switch service {
        case .magicHour:
            let operation = try MagicHour(apiKey: key, configuration: configuration).headshots
            try await perform(
                BatchRun(operation, of: service.handle, store) { magicHour.headshot(of: $0, prompt: prompt) },
                photos
            )
        case .modelsLab:
            let operation = try ModelsLab(apiKey: key, configuration: configuration).headshots
            try await perform(
                BatchRun(operation, of: service.handle, store) { modelsLab.headshot(of: $0, prompt: prompt) },
                photos
            )
        case .modelsLabFlux:
            let operation = try ModelsLab(apiKey: key, configuration: configuration).fluxHeadshots
            // A random seed would make another order of every run.
            let seed = modelsLab.seed ?? 1
            try await perform(
                BatchRun(operation, of: service.handle, store) {
                    modelsLab.fluxHeadshot(of: $0, prompt: prompt, seed: seed)
                },
                photos
            )
        }
    }

    private func perform<Request, Created, Project>(
        _ run: BatchRun<Request, Created, Project>,
        _ photos: [BatchPhoto]
    ) async throws {
        let orders = try await run.orders(for: photos)
        let plan = BatchPlan(orders, price: try run.price())
        let price = PriceReport(plan.cost, at: service.handle)
        let format = output.format.value
        Console.note(plan.description)
        try price.check(maximumCredits, of: "The batch")
        guard !isDryRun else {
            for order in orders {
                if case .unusable(let message) = order.state { Console.note("\(order.path): \(message)") }
            }
            if format != .text { try Console.result(price.jsonLine) }
            return
        }
        try output.prepareDirectory()
        var generation = try output.generation()
        photoOptions.apply(to: &generation)
        generation.faceCheck = magicHour.requireFace ? .atLeastOne : .none
        let outcomes = try await run.perform(orders, generation, concurrency: concurrency, format)
        let summary = BatchSummary(outcomes)
        Console.note(summary.description)
        if page {
            let file = try BatchPage(summary).write(in: URL(directory: output.output), replacesAny: output.replace)
            Console.note("The page is \(file.path)")
        }
        if let error = summary.error { throw error }
    }
}
