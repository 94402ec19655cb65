import ArgumentParser
import Foundation
import HeadshotKit

/// `headshot talk`: a photo that speaks a recording.
struct TalkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talk",
        abstract: "Make a video in which a photo speaks a recording, at Magic Hour. It is priced by length.",
        usage: "headshot talk <photo> <audio> [<options>]",
        discussion: """
            The video lasts from --start to --end of the recording: up to 300 s with --mode realistic, up to 45 s with prompted. \
            --end can be left out where the recording is a WAV file on this machine, whose length stands in its first bytes; it \
            then ends with the recording. The price is not known beforehand, so --max-credits lets nothing be made.

            The API key is taken from MAGIC_HOUR_API_KEY.

            \(JobOptions.help)

            \(ExitStatus.help)
            """
    )

    @Argument(help: MediaArgument.photoHelp)
    var photo: String

    @Argument(help: ArgumentHelp("The recording: a file, an https address, or api-assets/...", valueName: "audio"))
    var audio: String

    @Option(help: ArgumentHelp("Where in the recording to begin, in seconds.", valueName: "s"))
    var start = 0.0

    @Option(help: ArgumentHelp("Where in the recording to end, in seconds.", valueName: "s"))
    var end: Double?

    @Option(
        help: ArgumentHelp(
            "How it moves: realistic, prompted, or the older pro, stable, standard, expressive.",
            valueName: "mode"
        ),
        transform: MagicHour.TalkingPhotoRequest.GenerationMode.init(rawValue:)
    )
    var mode: MagicHour.TalkingPhotoRequest.GenerationMode?

    @Option(help: ArgumentHelp("How it is to move and look, with --mode prompted.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("How much it moves, with the older --mode expressive.", valueName: "x"))
    var intensity: Double?

    @Option(
        help: ArgumentHelp("Such as 480p, 720p.", valueName: "size"),
        transform: MagicHour.TalkingPhotoRequest.Resolution.init(rawValue:)
    )
    var resolution: MagicHour.TalkingPhotoRequest.Resolution?

    @Option(help: ArgumentHelp("A name for the project.", valueName: "text"))
    var name: String?

    @OptionGroup var options: JobOptions

    func run() async throws {
        let run = options.run(for: .magicHour)
        let photo = MediaArgument(photo, called: "PHOTO", for: .magicHour)
        let audio = MediaArgument(audio, called: "AUDIO", for: .magicHour)
        let (path, start, end, name, resolution) = (self.audio, start, end, name, resolution)
        let style: MagicHour.TalkingPhotoRequest.Style? =
            mode == nil && prompt == nil && intensity == nil
            ? nil : .init(generationMode: mode, prompt: prompt, intensity: intensity)
        try await run.perform {
            let generator = try MagicHour(configuration: run.configuration).talkingPhotos
            let recording = try audio.source()
            let end = try end ?? Self.length(of: recording, path)
            try await photo.withSource { photo in
                let request = MagicHour.TalkingPhotoRequest(
                    assets: .init(imageFilePath: photo, audioFilePath: recording),
                    startSeconds: start,
                    endSeconds: end,
                    name: name,
                    resolution: resolution,
                    style: style
                )
                try await run.generate(request, with: generator)
            }
        }
    }

    /// Where the recording ends, if its header says so.
    private static func length(of recording: MediaSource, _ path: String) throws -> Double {
        if recording.isLocal {
            // The description of a local file is its path.
            let file = URL(fileURLWithPath: recording.description)
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw ToolError.usage("\(file.path) does not exist.")
            }
            if let seconds = try WAVHeader(of: file)?.seconds { return seconds }
        }
        throw ToolError.usage("How long \(path) is cannot be told from here: give --end, in seconds.")
    }
}
