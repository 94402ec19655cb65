import Foundation
import StudioStores

/// A headshot that a caller ordered, as its row in the database.
struct Headshot: Sendable, Equatable {
    enum State: String, Sendable, CaseIterable {
        case queued, uploading, creating, waiting, downloading, done, failed, unconfirmed, canceled

        /// Whether no worker continues. A webhook may still turn an unconfirmed headshot into one that is done.
        var isFinal: Bool { Self.final.contains(self) }

        static let final: [State] = [.done, .failed, .unconfirmed, .canceled]
    }

    /// The reason of a failure, for a person.
    struct Failure: Sendable, Equatable, Codable {
        var code: String
        var message: String
    }

    let id: UUID
    let batch: UUID
    /// The name of the photo's file, which is safe in a file system and in HTML.
    let name: String
    let style: String?
    let prompt: String?
    /// The file name of the photo.
    let photo: String
    /// The file name of the finished headshot.
    let file: String?
    let state: State
    let fraction: Double
    /// The charged credits, or the reserved ones if the charge is not settled.
    let credits: Int
    let failure: Failure?
    let attempts: Int
    /// A number that every change of the row increases.
    let revision: Int
}

extension Headshot {
    /// Returns credits in a range whose sums do not overflow. A service or another program may report any number.
    static func clamped(_ credits: Int) -> Int { min(max(0, credits), 1_000_000) }

    /// The columns of a row, in the order that ``init(_:)`` expects.
    static let columns = """
        id, batch, name, style, prompt, photo, file, state, fraction, credits, error_code, error_message, attempts, revision
        """

    /// Creates a headshot from a row. Returns `nil` if another program wrote a value that cannot be read.
    init?(_ row: SQLRow) {
        guard row.count == 14, let id = row[0].flatMap({ UUID(uuidString: $0) }),
            let batch = row[1].flatMap({ UUID(uuidString: $0) }), let name = row[2], let photo = row[5],
            let state = row[7].flatMap({ State(rawValue: $0) }), let fraction = row[8].flatMap({ Double($0) }),
            let credits = row[9].flatMap({ Int($0) }).map(Self.clamped), let attempts = row[12].flatMap({ Int($0) }),
            let revision = row[13].flatMap({ Int($0) })
        else { return nil }
        self.init(
            id: id,
            batch: batch,
            name: name,
            style: row[3],
            prompt: row[4],
            photo: photo,
            file: row[6],
            state: state,
            fraction: fraction,
            credits: credits,
            failure: row[10].map { Failure(code: $0, message: row[11] ?? "") },
            attempts: attempts,
            revision: revision
        )
    }
}

extension Headshot: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, batch, name, style, state, fraction, credits, error, photo, file
    }

    /// Encodes the headshot as the API shows it. Values that are absent are `null`.
    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        let path = "/api/headshots/\(id.uuidString)"
        try fields.encode(id, forKey: .id)
        try fields.encode(batch, forKey: .batch)
        try fields.encode(name, forKey: .name)
        try fields.encode(style, forKey: .style)
        try fields.encode(state.rawValue, forKey: .state)
        try fields.encode(fraction, forKey: .fraction)
        try fields.encode(credits, forKey: .credits)
        try fields.encode(failure, forKey: .error)
        try fields.encode(path + "/photo", forKey: .photo)
        try fields.encode(file.map { _ in path + "/file" }, forKey: .file)
    }
}

/// The headshots that were ordered together, as the API shows them.
struct Batch: Encodable, Sendable {
    let id: UUID
    let headshots: [Headshot]

    private enum CodingKeys: String, CodingKey { case id, headshots, credits }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(headshots, forKey: .headshots)
        try fields.encode(headshots.reduce(0) { $0 + $1.credits }, forKey: .credits)
    }
}
