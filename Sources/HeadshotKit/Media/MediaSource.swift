public import Foundation

/// A photo or recording for a request: a local one, which a workflow uploads, or one that the service can reach already.
///
/// A string literal is an address where it begins with `https://` or `http://`, a file of the account with `api-assets/` or
/// `saved-items/`, and a path or `file://` address of a local file otherwise.
///
/// A local image may have up to 200 MiB, a recording 1 GiB, a video 8 GiB; what is larger, empty or of another kind throws
/// ``HeadshotKitError/Code/invalidMedia`` before anything is sent.
///
/// On the wire it is a string. A local source has none yet: encoding it throws, and says to upload it first.
public struct MediaSource: Hashable, Sendable {
    enum Storage: Hashable, Sendable {
        case file(URL)
        case data(Data, fileExtension: String?)
        case remote(String)
    }

    let storage: Storage
    /// Whether a body may hold it as base64: decided by the service that it is handed to.
    var allowsInline = false

    /// A local file. It is streamed, not read into memory.
    public static func file(_ url: URL) -> MediaSource { MediaSource(storage: .file(url)) }

    /// A local file by its path; a relative one starts at the current directory, and `~` is the home directory.
    public static func file(_ path: String) -> MediaSource {
        .file(URL(fileURLWithPath: (path as NSString).expandingTildeInPath))
    }

    /// Bytes in memory.
    ///
    /// - Parameters:
    ///   - data: The photo or recording.
    ///   - fileExtension: Its format, such as `png`, for the rare case that its content does not tell.
    public static func data(_ data: Data, fileExtension: String? = nil) -> MediaSource {
        MediaSource(storage: .data(data, fileExtension: fileExtension))
    }

    /// An address from which the service fetches it by itself: public, https, with a file extension for Magic Hour.
    public static func url(_ url: URL) -> MediaSource {
        url.isFileURL ? .file(url) : MediaSource(storage: .remote(url.absoluteString))
    }

    /// A file that has been uploaded, by the path that the upload answered: `api-assets/...`.
    public static func uploaded(_ path: String) -> MediaSource { MediaSource(storage: .remote(path)) }

    /// A source by a path, an address or an uploaded file's path.
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

    init(storage: Storage) {
        self.storage = storage
    }

    /// Whether it has to be uploaded before a service can use it.
    public var isLocal: Bool {
        if case .remote = storage { false } else { true }
    }
}

extension MediaSource: ExpressibleByStringInterpolation {
    /// A source by a path, an address or an uploaded file's path.
    public init(stringLiteral value: String) { self.init(value) }
}

extension MediaSource: Codable {
    /// Reads a string of the wire: an address or an uploaded file's path.
    public init(from decoder: any Decoder) throws {
        storage = .remote(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the address or path.
    ///
    /// - Throws: `EncodingError` for a local source.
    public func encode(to encoder: any Encoder) throws {
        let inline = RequestBody.InlineMedia.key.flatMap { encoder.userInfo[$0] as? RequestBody.InlineMedia }
        let text: String
        if case .remote(let address) = storage {
            text = address
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
    /// Where it is, without the query of an address.
    public var description: String {
        switch storage {
        case .file(let url): url.path
        case .data(let data, _): "\(data.count) bytes in memory"
        case .remote(let text): URL(string: text)?.redacted ?? "an address"
        }
    }
}
