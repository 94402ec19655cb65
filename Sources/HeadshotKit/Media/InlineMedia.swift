import Foundation

/// Collects the local media of a request while it is encoded.
final class InlineMedia: Sendable {
    typealias Entry = (token: String, media: MediaSource)

    static let key = CodingUserInfoKey(rawValue: "HeadshotKit.inlineMedia")
    private let collected = Locked<[Entry]>([])

    /// Returns a token that stands for the media's Base64 text until the body is written.
    func token(for media: MediaSource) -> String {
        let token = "headshotkit-\(UUID().uuidString)"
        collected.withLock { $0.append((token, media)) }
        return token
    }

    var all: [Entry] { collected.withLock { $0 } }
}
