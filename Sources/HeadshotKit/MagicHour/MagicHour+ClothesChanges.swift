extension MagicHour {
    /// The operation that dresses a person in another garment, a virtual try-on: `POST /v1/ai-clothes-changer`.
    ///
    /// A photo costs 25 credits and takes about 10 seconds. The longer side of the result has at most 1,472 pixels.
    public var clothesChanges: GenerationOperation<ClothesChangeRequest, CreatedProject, ImageProject> {
        operation(Self.clothesChangeEndpoint)
    }

    static let clothesChangeEndpoint = Endpoint<ClothesChangeRequest>(
        "ai-clothes-changer",
        filePrefix: "outfit",
        media: [
            .init("assets.person_file_path", \.assets.personFilePath),
            .init("assets.garment_file_path", \.assets.garmentFilePath).withoutFaceCheck(),
        ],
        polling: .adaptive(median: .seconds(10)),
        cost: { _ in .exactly(25) }
    )

    /// A clothes change request, which costs 25 credits.
    public struct ClothesChangeRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The photo of the person.
            public var personFilePath: MediaSource
            /// The photo of the garment.
            public var garmentFilePath: MediaSource
            /// The part of the clothes to change. The service defaults to ``GarmentType/entireOutfit``.
            public var garmentType: GarmentType?

            /// Creates the assets from photos of a person and a garment.
            public init(personFilePath: MediaSource, garmentFilePath: MediaSource, garmentType: GarmentType? = nil) {
                self.personFilePath = personFilePath
                self.garmentFilePath = garmentFilePath
                self.garmentType = garmentType
            }

            enum CodingKeys: String, CodingKey {
                case personFilePath = "person_file_path"
                case garmentFilePath = "garment_file_path"
                case garmentType = "garment_type"
            }
        }

        /// A part of the clothes.
        public struct GarmentType: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// All clothes.
            public static let entireOutfit: GarmentType = "entire_outfit"
            /// A shirt or jacket.
            public static let upperBody: GarmentType = "upper_body"
            /// Pants or a skirt.
            public static let lowerBody: GarmentType = "lower_body"
            /// An older name for ``entireOutfit``.
            public static let dresses: GarmentType = "dresses"
        }

        /// The input files of the request.
        public var assets: Assets
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates a clothes change request.
        ///
        /// - Parameters:
        ///   - person: The photo of the person, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - garment: The photo of the garment.
        ///   - garmentType: The part of the clothes to change. The service defaults to ``GarmentType/entireOutfit``.
        ///   - name: The project's name, for your own reference.
        public init(
            person: MediaSource,
            garment: MediaSource,
            garmentType: GarmentType? = nil,
            name: String? = nil
        ) {
            self.init(
                assets: Assets(personFilePath: person, garmentFilePath: garment, garmentType: garmentType),
                name: name
            )
        }

        /// Creates a clothes change request in the shape of the API.
        public init(assets: Assets, name: String? = nil) {
            self.assets = assets
            self.name = name
        }
    }
}
