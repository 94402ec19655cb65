import HeadshotKit
import XCTest

/// Compares the documented values of each enumeration with its static members.
final class EnumerationTests: XCTestCase {
    private typealias Talking = MagicHour.TalkingPhotoRequest

    private func values<Value: OpenEnum>(_ members: [Value]) -> Set<String> { Set(members.map(\.rawValue)) }

    private func magicHour() throws -> [String: Set<String>] {
        let operations = try Fixture.json("facts/magic-hour-0.90.0.json")["operations"]?.elements ?? []
        var found: [String: Set<String>] = [:]
        for operation in operations {
            let name = try XCTUnwrap(operation["operation"]?.string)
            for (part, key) in [("body", "body"), ("response", "response_200")] {
                guard let schema = operation[key].map({ Schema($0) }) else { continue }
                for (path, values) in schema.enumerations { found["\(name) \(part)\(path)"] = values }
            }
        }
        return found
    }

    private func modelsLab() throws -> [String: Set<String>] {
        let schemas = try XCTUnwrap(Fixture.json("facts/modelslab-v6.json")["schemas"])
        var found: [String: Set<String>] = [:]
        for (name, schema) in schemas.members {
            for (path, values) in Schema(schema, definitions: schemas).enumerations { found[name + path] = values }
        }
        return found
    }

    // Only deprecated code can use deprecated members without a warning.
    @available(*, deprecated)
    func testEveryMagicHourEnumerationHasAllMembers() throws {
        let statuses: [MagicHour.ProjectStatus] = [.draft, .queued, .rendering, .complete, .error, .canceled]
        let ofFaces: [MagicHour.ProjectStatus] = [.queued, .rendering, .complete, .error]
        let expected: [String: Set<String>] = [
            "account.list response.tier": values([MagicHour.Account.Tier.free, .creator, .pro, .business]),
            "account.list response.subscription.status": values([MagicHour.Subscription.Status.active, .pastDue]),
            "account.list response.subscription.billing_interval": values(
                [MagicHour.Subscription.BillingInterval.month, .year]
            ),
            "ai_image_generator.create body.aspect_ratio": values(
                [MagicHour.AspectRatio.landscape, .square, .portrait]
            ),
            "ai_image_generator.create body.orientation": values(
                [MagicHour.Orientation.landscape, .square, .portrait]
            ),
            "ai_image_generator.create body.model": values(Self.models),
            "ai_image_generator.create body.resolution": values(
                [MagicHour.ImageResolution.px640, .k1, .k2, .k4, .auto]
            ),
            "ai_image_generator.create body.style.quality_mode": values([MagicHour.QualityMode.pro, .standard]),
            "ai_image_generator.create body.style.tool": values(Self.tools),
            "ai_talking_photo.create body.resolution": values([Talking.Resolution.p480, .p720]),
            "ai_talking_photo.create body.style.generation_mode": values(
                [Talking.GenerationMode.realistic, .prompted, .pro, .stable, .standard, .expressive]
            ),
            "face_detection.get response.status": values(ofFaces),
            "files.upload_urls.create body.items[].type": values([MediaKind.image, .audio, .video]),
            "image_projects.get response.status": values(statuses),
            "video_projects.get response.status": values(statuses),
        ]
        compare(try magicHour(), expected)
    }

    func testEveryModelsLabEnumerationHasAllMembers() throws {
        let numbers: Set<String> = ["21", "31", "41"]
        let expected: [String: Set<String>] = [
            "AssetsGeneratedRequest.type": values([ModelsLab.AssetType.image, .video, .voice, .threeD]),
            "AssetsGeneratedResponse.status": values([ModelsLab.JobStatus.success]),
            "HeadShotRequest.num_inference_steps": numbers,
            "HeadShotRequest.safety_checker_type": values(
                [ModelsLab.SafetyCheckerType.black, .blur, .sensitiveContentText, .pixelate]
            ),
            "Base64ToUrlResponse.status": values([ModelsLab.JobStatus.success]),
            "FetchProcessingResponse.status": values([ModelsLab.JobStatus.processing]),
            "FetchSuccessResponse.status": values([ModelsLab.JobStatus.success]),
            "ImageEditingErrorResponse.status": values([ModelsLab.JobStatus.error]),
            "ImageEditingProcessingResponse.status": values([ModelsLab.JobStatus.processing]),
            "ImageEditingSuccessResponse.status": values([ModelsLab.JobStatus.success]),
        ]
        compare(try modelsLab(), expected)
    }

    func testEnumerationsOutsideSchemasHaveAllMembers() {
        // The schemas do not list the status of older responses, the values of `style` and the error codes of failed jobs.
        XCTAssertEqual(ModelsLab.JobStatus.failed.rawValue, "failed")
        XCTAssertEqual(
            values([ModelsLab.Style.comic, .chibi, .threeD, .anime, .realistic]),
            ["comic", "chibi", "3d", "anime", "realistic"]
        )
        typealias Code = MagicHour.ProjectError.Code
        XCTAssertEqual(
            values(
                [
                    Code.noSourceFace, .invalidFileFormat, .fileTooLarge, .insufficientCredits, .invalidParameters,
                    .unknownError,
                ]
            ),
            [
                "no_source_face", "invalid_file_format", "file_too_large", "insufficient_credits", "invalid_parameters",
                "unknown_error",
            ]
        )
    }

    private func compare(_ wire: [String: Set<String>], _ members: [String: Set<String>]) {
        XCTAssertEqual(Set(wire.keys), Set(members.keys))
        for (path, values) in wire.sorted(by: { $0.key < $1.key }) {
            let ours = members[path] ?? []
            XCTAssertEqual(values.subtracting(ours).sorted(), [], "\(path): values without a member")
            XCTAssertEqual(ours.subtracting(values).sorted(), [], "\(path): members without a value")
        }
    }

    private static let models: [MagicHour.ImageModel] = [
        .default, .flux2Klein, .fluxSchnell, .gptImage2, .gptImage25Flare, .krea2, .nanoBanana, .nanoBanana2,
        .nanoBanana2Lite, .nanoBanana21, .nanoBananaPro, .qwenImage21, .seedream, .seedreamV4, .seedreamV5Pro,
        .zImageTurbo,
    ]

    private static let tools: [MagicHour.ImageTool] = [
        .aiAnimeGenerator, .aiArtGenerator, .aiBackgroundGenerator, .aiCharacterGenerator, .aiFaceGenerator,
        .aiFashionGenerator, .aiIconGenerator, .aiIllustrationGenerator, .aiInteriorDesignGenerator,
        .aiLandscapeGenerator, .aiLogoGenerator, .aiMangaGenerator, .aiOutfitGenerator, .aiPatternGenerator,
        .aiPhotoGenerator, .aiSketchGenerator, .aiTattooGenerator, .albumCoverGenerator, .animatedCharactersGenerator,
        .architectureGenerator, .bookCoverGenerator, .comicBookGenerator, .darkFantasyAI, .disneyAIGenerator,
        .dndAIArtGenerator, .emojiGenerator, .fantasyMapGenerator, .general, .graffitiGenerator, .moviePosterGenerator,
        .opticalIllusionGenerator, .pokemonGenerator, .southParkCharacterGenerator, .superheroGenerator,
        .thumbnailMaker,
    ]
}
