import Foundation

/// Collects the local media of a request while it is encoded.
final class InlineMedia: Sendable {
    static let key = CodingUserInfoKey(rawValue: "HeadshotKit.inlineMedia")
    private let collected = Locked<[(token: String, media: MediaSource)]>([])

    /// Returns a token that stands for the media's Base64 text until the body is written.
    func token(for media: MediaSource) -> String {
        let token = "headshotkit-\(UUID().uuidString)"
        collected.withLock { $0.append((token, media)) }
        return token
    }

    var all: [(token: String, media: MediaSource)] { collected.withLock { $0 } }
}
