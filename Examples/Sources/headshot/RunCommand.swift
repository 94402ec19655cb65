import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot run` command, which runs any operation of a service.
struct RunCommand: AsyncParsableCommand {
    /// The kind of project that the service keeps for a job.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case image, video, audio
    }

    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run any operation of a service with a body in JSON. The cost is that of the operation.",
        usage: "headshot run <operation> --body <file> [<options>]",
        discussion: """
            EXAMPLES:
              echo '{"assets": {"image_file_path": "@old.jpg"}}' | headshot run photo-colorizer --body -
              headshot run qwen_edit --service modelslab --body edit.json

            The operation is the last part of its path, such as photo-colorizer for POST /v1/photo-colorizer, or qwen_edit for \
            ModelsLab's POST /image_editing/qwen_edit. For ModelsLab's other paths, write both parts, such as \
            faceswap/single_face_swap. The body is that of the service's documentation, without the key. A string that begins \
            with @ is the path of a local file, which is uploaded. A string that begins with @@ is text that begins with @. The \
            tool does not validate the other values, and knows no prices.

            Set your API key in MAGIC_HOUR_API_KEY or MODELSLAB_API_KEY.

            \(HelpTopics.reference)
            """
    )

    @Argument(help: ArgumentHelp("The operation, such as photo-colorizer or image-to-video.", valueName: "operation"))
    var operation: String

    @Option(
        help: ArgumentHelp("The file with the body, or - for standard input.", valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var body: String

    @Option(help: ArgumentHelp("The service: magic-hour or modelslab.", valueName: "service"))
    var service = ServiceArgument.magicHour

    @Option(
        help: ArgumentHelp(
            "The kind of output of Magic Hour: image, video, or audio. (default: image)",
            valueName: "kind"
        )
    )
    var kind: Kind?

    @OptionGroup var photos: PhotoOptions

    @OptionGroup var options: JobOptions

    func validate() throws {
        guard service != .modelsLabFlux else {
            throw ValidationError("modelslab-flux is one operation. Write --service modelslab, and run flux_headshot.")
        }
        let parts = operation.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
        guard isPlain, parts.count <= (service == .modelsLab ? 2 : 1) else {
            throw ValidationError(
                "“\(operation)” is not an operation of \(service.rawValue). Write the last part of its path, such as "
                    + (service == .modelsLab ? "qwen_edit, or both parts." : "photo-colorizer.")
            )
        }
        guard service == .magicHour || kind == nil else {
            throw ValidationError("--kind is only for --service magic-hour. Remove --kind.")
        }
    }

    func run() async throws {
        let run = try options.run(for: service.handle, photos)
        let body = try BodyArgument(body)
        let (name, path) = (operation.split(separator: "/").last.map(String.init), "/\(operation)")
        let endpoint = Endpoint<JSONValue>(
            name ?? operation,
            path: operation.contains("/") ? path : nil,
            media: body.media
        )
        let (service, kind) = (service, kind ?? .image)
        try await run.perform {
            guard service == .magicHour else {
                try await Self.start(run, body, run.modelsLab().operation(endpoint))
                return
            }
            let magicHour = try run.magicHour()
            switch kind {
            case .image: try await Self.start(run, body, magicHour.operation(endpoint))
            case .video: try await Self.start(run, body, magicHour.operation(endpoint, as: MagicHour.VideoProject.self))
            case .audio: try await Self.start(run, body, magicHour.operation(endpoint, as: MagicHour.AudioProject.self))
            }
        }
    }

    private static func start<Created, Project: ReportedProject>(
        _ run: JobRun,
        _ body: BodyArgument,
        _ operation: GenerationOperation<JSONValue, Created, Project>
    ) async throws {
        do {
            try await run.run(body.value, of: body.files, with: operation)
        } catch var error as HeadshotKitError where error.code == .notFound && error.job == nil {
            // The operation's name is the end of the URL.
            error.advice = "Check the operation's name in the documentation of the service."
            throw error
        }
    }
}

/// The body of a request, read from a file. Its strings that begin with `@` are paths of local files.
private struct BodyArgument {
    private(set) var value: JSONValue = .null
    private(set) var media: [Endpoint<JSONValue>.MediaField] = []
    /// The local files, for the checks before anything is sent.
    private(set) var files: [(source: MediaSource, kind: MediaKind)] = []
    /// The fields that contain files, and those that contain other strings.
    private var kinds: [String: MediaKind] = [:]
    private var texts: Set<String> = []

    private static let maximumBytes = 1 << 20

    init(_ file: String) throws {
        value = try resolve(try Self.read(InputFile(file)), at: [])
        if let field = kinds.keys.sorted().first(where: texts.contains) {
            throw ToolError.usage(
                "\(field) contains local files and other text. Use a local file or a URL for each string."
            )
        }
        media = kinds.sorted { $0.key < $1.key }.map { .init($0.key, kind: $0.value) }
    }

    private static func read(_ file: InputFile) throws -> JSONValue {
        let data = try file.read(upTo: maximumBytes)
        guard data.count <= maximumBytes else {
            throw ToolError.usage(
                "\(file.name) is larger than 1 MiB. A body contains the paths of files and not the files."
            )
        }
        do { return try JSONDecoder().decode(JSONValue.self, from: data) } catch {
            throw ToolError.usage("\(file.name) is not JSON.")
        }
    }

    /// Returns a value without the leading `@` of its strings, and notes the fields of local files.
    private mutating func resolve(_ value: JSONValue, at path: [String]) throws -> JSONValue {
        switch value {
        case .array(let elements): return .array(try elements.map { try resolve($0, at: path) })
        case .object(let members):
            return .object(
                try members.reduce(into: [:]) { resolved, member in
                    resolved[member.key] = try resolve(member.value, at: path + [member.key])
                }
            )
        case .string(let text):
            let field = path.joined(separator: ".")
            let source = MediaSource(text)
            guard text.hasPrefix("@"), !text.hasPrefix("@@") else {
                if source.isLocal { texts.insert(field) }
                return .string(text.hasPrefix("@@") ? String(text.dropFirst()) : text)
            }
            guard !path.contains(where: { $0.isEmpty || $0.contains(".") }) else {
                throw ToolError.usage("“\(field)” cannot contain a local file. Upload the file, and use its URL.")
            }
            let file = String(text.dropFirst())
            let kind = Self.kind(of: file)
            guard kinds.updateValue(kind, forKey: field) ?? kind == kind else {
                throw ToolError.usage("\(field) contains files of different kinds.")
            }
            let url = URL(fileURLWithPath: (file as NSString).expandingTildeInPath)
            files.append((.file(url), kind))
            return .string(url.absoluteString)
        default: return value
        }
    }

    /// Returns the kind of a file from its extension. A file without a known extension is a photo.
    private static func kind(of file: String) -> MediaKind {
        let ending = (file as NSString).pathExtension.lowercased()
        return [MediaKind.image, .audio, .video].first { $0.fileExtensions.contains(ending) } ?? .image
    }
}
