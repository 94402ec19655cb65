import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot talk` command, which makes a video of a photo that speaks a recording.
struct TalkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talk",
        abstract:
            "Create a video in which a photo speaks a recording, with Magic Hour. The price depends on the length.",
        usage: "headshot talk <photo> <audio> [<options>]",
        discussion: """
            EXAMPLES:
              headshot talk me.jpg hello.mp3
              headshot talk me.jpg speech.wav --start 10 --end 25 --dry-run

            The video lasts from --start to --end of the recording: up to 300 s with --mode realistic, and up to 45 s with --mode \
            prompted. You can omit --end if the recording is a local file: WAV, MP3, M4A, AAC, FLAC, Ogg, or AIFF. The video then \
            ends with the recording. Only the minimum price is known in advance, and --max-credits limits that minimum.

            Set your API key in MAGIC_HOUR_API_KEY.

            \(HelpTopics.reference)
            """
    )

    @Argument(help: MediaArgument.photoHelp, completion: .file(extensions: MediaKind.image.fileExtensions))
    var photo: String

    @Argument(
        help: ArgumentHelp("The recording: a file, an https URL, or api-assets/...", valueName: "audio"),
        completion: .file(extensions: MediaKind.audio.fileExtensions)
    )
    var audio: String

    @Option(help: ArgumentHelp("The start in the recording, in seconds.", valueName: "s"))
    var start = 0.0

    @Option(
        help: ArgumentHelp("The end in the recording, in seconds. (default: the end of a local file)", valueName: "s")
    )
    var end: Double?

    @Option(
        help: ArgumentHelp(
            "The kind of motion: realistic, prompted, or the older pro, stable, standard, expressive.",
            valueName: "mode"
        ),
        transform: MagicHour.TalkingPhotoRequest.GenerationMode.init(rawValue:)
    )
    var mode: MagicHour.TalkingPhotoRequest.GenerationMode?

    @Option(help: ArgumentHelp("A description of the motion and the look, with --mode prompted.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("The amount of motion, with the older --mode expressive.", valueName: "x"))
    var intensity: Double?

    @Option(
        help: ArgumentHelp("The resolution, such as 480p, 720p.", valueName: "size"),
        transform: MagicHour.TalkingPhotoRequest.Resolution.init(rawValue:)
    )
    var resolution: MagicHour.TalkingPhotoRequest.Resolution?

    @Option(help: ArgumentHelp("A name for the project.", valueName: "text"))
    var name: String?

    @OptionGroup var photos: PhotoOptions

    @OptionGroup var options: JobOptions

    func run() async throws {
        let run = try options.run(for: .magicHour, photos)
        let photo = MediaArgument(photo, called: "PHOTO", for: .magicHour)
        let audio = MediaArgument(audio, called: "AUDIO", for: .magicHour)
        let (start, end, name, resolution) = (start, end, name, resolution)
        let style: MagicHour.TalkingPhotoRequest.Style? =
            mode == nil && prompt == nil && intensity == nil
            ? nil : .init(generationMode: mode, prompt: prompt, intensity: intensity)
        try await run.perform {
            let operation = try run.magicHour().talkingPhotos
            let recording = try audio.source()
            try await photo.withSource { photo in
                try Self.check(photo, recording)
                let request = MagicHour.TalkingPhotoRequest(
                    assets: .init(imageFilePath: photo, audioFilePath: recording),
                    startSeconds: start,
                    endSeconds: end,
                    name: name,
                    resolution: resolution,
                    style: style
                )
                try await run.run(request, with: operation)
            }
        }
    }

    /// Checks that the photo is an image and that the recording is audio, before any other check.
    private static func check(_ photo: MediaSource, _ recording: MediaSource) throws {
        if looks(photo, like: .audio), looks(recording, like: .image) {
            throw ToolError.usage("The recording comes before the photo. Use: \(Program.name) talk <photo> <audio>")
        }
        try photo.check(as: .image)
        try recording.check(as: .audio)
        for (source, kind, name) in [(photo, MediaKind.image, "photo"), (recording, .audio, "recording")] {
            let others = [MediaKind.image, .audio, .video].filter { $0 != kind }
            if !source.isLocal, !looks(source, like: kind), others.contains(where: { looks(source, like: $0) }) {
                throw ToolError.usage("\(source) is not a \(name), by its extension.")
            }
        }
    }

    /// Returns whether the content of a file, or the extension of a URL, matches a kind of media.
    private static func looks(_ source: MediaSource, like kind: MediaKind) -> Bool {
        guard !source.isLocal else {
            do { try source.check(as: kind) } catch { return false }
            return true
        }
        let path = source.description.prefix { $0 != "?" && $0 != "#" }
        return kind.fileExtensions.contains { path.lowercased().hasSuffix(".\($0)") }
    }
}
