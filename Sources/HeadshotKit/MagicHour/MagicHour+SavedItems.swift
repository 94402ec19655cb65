public import Foundation

extension MagicHour {
    /// The saved items of the account, such as characters and brand kits: `GET /v1/saved-items`, free of charge.
    public var savedItems: SavedItemsAPI { SavedItemsAPI(api: api) }

    /// The endpoint for the saved items of the account.
    public struct SavedItemsAPI: Sendable {
        let api: APIClient

        /// Lists the saved items, one page at a time: `GET /v1/saved-items`.
        ///
        /// - Parameters:
        ///   - type: The type of the items. `nil` lists all types.
        ///   - limit: The maximum number of items in the page. `nil` selects the service's default.
        ///   - cursor: The ``SavedItemPage/nextCursor`` of the previous page. `nil` returns the first page.
        /// - Throws: ``HeadshotKitError``.
        public func list(
            type: SavedItem.ItemType? = nil,
            limit: Int? = nil,
            after cursor: String? = nil
        ) async throws -> SavedItemPage {
            let query = ["cursor": cursor, "limit": limit.map { "\($0)" }, "type": type?.rawValue]
            return try await api.send(
                APICall(
                    context: CallContext(operation: "saved-items"),
                    path: "/v1/saved-items",
                    query: query.compactMapValues { $0 }
                ),
                as: SavedItemPage.self
            )
        }
    }

    /// A page of saved items.
    public struct SavedItemPage: Codable, Equatable, Sendable {
        /// The items of the page.
        public let items: [SavedItem]
        /// The cursor of the next page, or `nil` if there is none.
        public let nextCursor: String?

        enum CodingKeys: String, CodingKey {
            case items
            case nextCursor = "next_cursor"
        }

        /// Creates a page from a decoder.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            items = try fields.list(.items)
            nextCursor = fields.text(.nextCursor)
        }
    }

    /// A saved item of the account. Its files never expire.
    public struct SavedItem: Codable, Equatable, Sendable {
        /// A type of saved item.
        public struct ItemType: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// A brand kit.
            public static let brandKit: ItemType = "brand_kit"
            /// A character.
            public static let character: ItemType = "character"
            /// A mood board.
            public static let moodboard: ItemType = "moodboard"
            /// A reference.
            public static let reference: ItemType = "reference"
            /// A voice.
            public static let voice: ItemType = "voice"
        }

        /// The item's id.
        public let id: String?
        /// The item's name, or `nil` if it has none.
        public let name: String?
        /// The item's type.
        public let type: ItemType?
        /// The item's files.
        public let assets: [SavedAsset]

        /// Creates an item from a decoder. Missing or malformed fields become `nil`.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = fields.text(.id)
            name = fields.text(.name)
            type = fields.value(.type)
            assets = try fields.list(.assets)
        }
    }

    /// A file of a saved item.
    public struct SavedAsset: Codable, Equatable, Sendable {
        /// A kind of media.
        public struct MediaKind: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// A recording.
            public static let audio: MediaKind = "AUDIO"
            /// A photo.
            public static let image: MediaKind = "IMAGE"
            /// A video.
            public static let video: MediaKind = "VIDEO"
        }

        /// The path of the file, such as `saved-items/...`. ``MediaSource/uploaded(_:)`` creates a source for a request from it.
        public let filePath: String?
        /// Whether the file is the main one of its item.
        public let isPrimary: Bool?
        /// The kind of media in the file.
        public let mediaKind: MediaKind?
        /// The download URL. Treat the URL as a secret, because the URL alone grants access to the file.
        public let url: URL?
        /// The time at which the URL expires.
        public let urlExpiresAt: Timestamp?

        enum CodingKeys: String, CodingKey {
            case url
            case filePath = "file_path"
            case isPrimary = "is_primary"
            case mediaKind = "media_kind"
            case urlExpiresAt = "url_expires_at"
        }

        /// Creates a file from a decoder. Missing or malformed fields become `nil`.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            filePath = fields.text(.filePath)
            isPrimary = fields.flag(.isPrimary)
            mediaKind = fields.value(.mediaKind)
            url = fields.text(.url).flatMap { URL(serverText: $0) }
            urlExpiresAt = fields.timestamp(.urlExpiresAt)
        }
    }
}
