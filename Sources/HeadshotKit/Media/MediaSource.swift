public import Foundation

/// A photo or recording for a request.
///
/// A workflow uploads a local source. The service accesses a remote source itself.
///
/// A string literal that begins with `https://` or `http://` is a URL. A literal that begins with `api-assets/` or
/// `saved-items/` is a file of the account. Any other literal is the path or `file://` URL of a local file.
///
/// A local image may have up to 200 MiB, a recording up to 1 GiB, and a video up to 8 GiB. A source that is larger, empty, or of
/// another kind throws ``HeadshotKitError/Code/invalidMedia`` before anything is sent.
///
/// A remote source encodes as a string. Encoding a local source throws an error that says to upload it first.
public struct MediaSource: Hashable, Sendable {
    enum Storage: Hashable, Sendable {
        case file(URL)
        case data(Data, fileExtension: String?)
        case remote(String)
    }

    let storage: Storage
    /// Whether a request body may contain the source as base64. The service that receives the source decides this.
    var allowsInline = false
    /// The version of a local file that was inspected. A request body must contain no other version.
    var version: FileVersion?

    /// Creates a source from a local file. The file is streamed, not read into memory.
    public static func file(_ url: URL) -> MediaSource { MediaSource(storage: .file(url)) }

    /// Creates a source from the path of a local file.
    ///
    /// A relative path starts at the current directory, and `~` is the home directory.
    public static func file(_ path: String) -> MediaSource {
        .file(URL(fileURLWithPath: (path as NSString).expandingTildeInPath))
    }

    /// Creates a source from bytes in memory.
    ///
    /// - Parameters:
    ///   - data: The photo or recording.
    ///   - fileExtension: The format, such as `png`, for the rare case that the content does not identify it. Defaults to `nil`.
    public static func data(_ data: Data, fileExtension: String? = nil) -> MediaSource {
        MediaSource(storage: .data(data, fileExtension: fileExtension))
    }

    /// Creates a source from a URL that the service fetches itself.
    ///
    /// The URL must be public and use https. Magic Hour also requires a file extension. A `file://` URL creates a local source.
    public static func url(_ url: URL) -> MediaSource {
        url.isFileURL ? .file(url) : MediaSource(storage: .remote(url.absoluteString))
    }

    /// Creates a source from an uploaded file, by the path in the upload response: `api-assets/...`.
    public static func uploaded(_ path: String) -> MediaSource { MediaSource(storage: .remote(path)) }

    /// Creates a source from a path, a URL, or the path of an uploaded file.
    public init(_ text: String) {
        let start = text.prefix(16).lowercased()
        if ["http://", "https://", "api-assets/", "saved-items/"].contains(where: start.hasPrefix) {
            storage = .remote(text)
        } else if start.hasPrefix("file://"), let url = URL(string: text) {
            storage = .file(url)
        } else {
            self = .file(text)
        }
    }

    /// Creates a source from a URL. A `file://` URL is a local file.
    public init(_ url: URL) { self = .url(url) }

    /// Creates a source from bytes in memory.
    public init(_ data: Data) { self = .data(data) }

    init(storage: Storage) {
        self.storage = storage
    }

    /// Whether the source must be uploaded before a service can use it.
    public var isLocal: Bool {
        if case .remote = storage { false } else { true }
    }
}

extension MediaSource: ExpressibleByStringInterpolation {
    /// Creates a source from a path, a URL, or the path of an uploaded file.
    public init(stringLiteral value: String) { self.init(value) }
}

extension MediaSource: Codable {
    /// Creates a remote source by decoding a string that holds a URL or the path of an uploaded file.
    public init(from decoder: any Decoder) throws {
        storage = .remote(try decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the URL or path.
    ///
    /// - Throws: `EncodingError` if the source is local.
    public func encode(to encoder: any Encoder) throws {
        let inline = InlineMedia.key.flatMap { encoder.userInfo[$0] as? InlineMedia }
        let text: String
        if case .remote(let url) = storage {
            text = url
        } else if let inline, allowsInline {
            text = inline.token(for: self)
        } else {
            throw EncodingError.invalidValue(
                self,
                EncodingError.Context(
                    codingPath: encoder.codingPath,
                    debugDescription:
                        "\(self) has not been uploaded: call generate or submit, which upload it, or files.upload first."
                )
            )
        }
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension MediaSource: CustomStringConvertible {
    /// The location of the source, without the query of a URL.
    public var description: String {
        switch storage {
        case .file(let url): url.path
        case .data(let data, _): "\(data.count) bytes in memory"
        case .remote(let text): URL(string: text)?.redacted ?? "a URL"
        }
    }
}
