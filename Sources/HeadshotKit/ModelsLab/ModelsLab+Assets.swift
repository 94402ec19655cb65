public import Foundation

extension ModelsLab {
    /// The assets API, which lists the outputs of finished jobs: `POST /api/v6/assets_generated`, free of charge.
    public var assets: AssetsAPI { AssetsAPI(api: api) }

    /// The endpoints for the outputs of finished jobs.
    public struct AssetsAPI: Sendable {
        let api: APIClient

        /// Lists the outputs of the account's finished jobs, one page at a time: `POST /api/v6/assets_generated`.
        ///
        /// Use the list after a create request whose outcome is unknown. The list contains neither prompts nor dates, and a job in
        /// progress is not listed. To download an asset, pass a ``JobHandle`` with its id to the `resume` method of the operation.
        ///
        /// - Parameters:
        ///   - type: The type of the assets. Defaults to ``AssetType/image``.
        ///   - page: The number of the page, at least 1. Defaults to 1.
        ///   - perPage: The maximum number of assets in the page, from 1 to 30. Defaults to 10.
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/invalidRequest`` if `page` or `perPage` is out of range,
        ///   before anything is sent, and with ``HeadshotKitError/Code/invalidResponse`` if a listed asset has no id.
        public func list(type: AssetType = .image, page: Int = 1, perPage: Int = 10) async throws -> AssetPage {
            let context = CallContext(operation: "assets_generated")
            var validator = RequestValidator()
            validator.require(page >= 1, "page", page, "1 or more")
            validator.within("per_page", perPage, 1...30)
            try validator.check(context.operation)
            let request = ListRequest(type: type, page: page, perPage: perPage)
            let call = APICall(
                context: context,
                method: "POST",
                path: "/api/v6/assets_generated",
                isPathFromHost: true,
                request: try api.authenticated(request)
            )
            switch try await api.send(call, as: ListResponse.self) {
            case .page(let page): return page
            case .failure(let result):
                throw api.rejection(result, about: result.errorCategory(isCreate: true) ?? .job, of: call)
            }
        }
    }

    /// The type of an asset.
    public struct AssetType: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// An image, such as a headshot.
        public static let image: AssetType = "image"
        /// A video.
        public static let video: AssetType = "video"
        /// A voice recording.
        public static let voice: AssetType = "voice"
        /// A 3D model.
        public static let threeD: AssetType = "3d"
    }

    /// The outputs of a finished job.
    public struct Asset: Codable, Equatable, Sendable {
        /// The job's id.
        public let id: String
        /// The URLs of the job's outputs, without outputs that have no web URL. The URLs expire after 24 hours.
        ///
        /// Treat the URLs as secrets, because a URL alone grants access to the file.
        public let outputs: [URL]

        enum CodingKeys: String, CodingKey {
            case id
            case outputs = "output"
        }

        /// Creates an asset from a decoder. The outputs may be a list, a single URL, or missing.
        ///
        /// - Throws: `DecodingError` if there is no id.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            guard let id = fields.text(.id), !id.isBlank else {
                throw DecodingError.dataCorruptedError(forKey: .id, in: fields, debugDescription: "There is no id.")
            }
            self.id = id
            outputs = fields.texts(.outputs).compactMap { URL(serverText: $0) }
        }
    }

    /// A page of the list of assets.
    public struct AssetPage: Codable, Equatable, Sendable {
        /// The position of a page in the list.
        public struct Pagination: Codable, Equatable, Sendable {
            /// The number of this page. The first page is 1.
            public let currentPage: Int?
            /// The maximum number of assets in a page.
            public let perPage: Int?
            /// The number of assets in all pages.
            public let total: Int?
            /// The number of the last page.
            public let lastPage: Int?
            /// The position of this page's first asset in the list, counted from 1. `nil` if the page is empty.
            public let from: Int?
            /// The position of this page's last asset in the list, counted from 1. `nil` if the page is empty.
            public let to: Int?

            enum CodingKeys: String, CodingKey {
                case total, from, to
                case currentPage = "current_page"
                case perPage = "per_page"
                case lastPage = "last_page"
            }

            /// Creates a position from a decoder. Missing or malformed fields become `nil`.
            public init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                currentPage = fields.integer(.currentPage)
                perPage = fields.integer(.perPage)
                total = fields.integer(.total)
                lastPage = fields.integer(.lastPage)
                from = fields.integer(.from)
                to = fields.integer(.to)
            }
        }

        /// The type of the assets.
        public let type: AssetType?
        /// The assets, in the order of the response.
        public let assets: [Asset]
        /// The position of this page in the list, or `nil` if the response has none.
        public let pagination: Pagination?

        enum CodingKeys: String, CodingKey {
            case type, pagination
            case assets = "data"
        }

        /// Creates a page from a decoder.
        ///
        /// - Throws: `DecodingError` if there is no list of assets, or if an asset has no id.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            type = fields.value(.type)
            // An asset that is left out would look like a job that was never created.
            assets = try fields.decode([Asset].self, forKey: .assets)
            pagination = fields.object(.pagination)
        }
    }

    private struct ListRequest: Encodable {
        let type: AssetType
        let page: Int
        let perPage: Int

        enum CodingKeys: String, CodingKey {
            case type, page
            case perPage = "per_page"
        }
    }

    private enum ListResponse: Decodable {
        case page(AssetPage)
        case failure(ImageResult)

        private enum CodingKeys: String, CodingKey {
            case status
        }

        init(from decoder: any Decoder) throws {
            let status: JobStatus? = try decoder.container(keyedBy: CodingKeys.self).status(.status)
            // A failure has the same format as in all other responses.
            switch status {
            case .error, .failed: self = .failure(try ImageResult(from: decoder))
            default: self = .page(try AssetPage(from: decoder))
            }
        }
    }
}
