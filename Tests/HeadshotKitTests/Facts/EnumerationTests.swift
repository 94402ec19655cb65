import HeadshotKit
import XCTest

/// Compares the documented values of each enumeration with its static members.
final class EnumerationTests: XCTestCase {
    private typealias Edit = MagicHour.ImageEditRequest
    private typealias Talking = MagicHour.TalkingPhotoRequest
    private typealias Upscale = MagicHour.ImageUpscaleRequest
    private typealias Video = MagicHour.ImageToVideoRequest

    private func values<Value: OpenEnum>(_ members: [Value]) -> Set<String> { Set(members.map(\.rawValue)) }

    private func magicHour() throws -> [String: Set<String>] {
        let operations = try Fixture.json("facts/magic-hour-0.90.0.json")["operations"]?.elements ?? []
        var found: [String: Set<String>] = [:]
        for operation in operations {
            let name = try XCTUnwrap(operation["operation"]?.string)
            guard !MagicHourFactsTests.untyped.contains(name) else { continue }
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
            "ai_clothes_changer.create body.assets.garment_type": values(
                [MagicHour.ClothesChangeRequest.GarmentType.entireOutfit, .upperBody, .lowerBody, .dresses]
            ),
            "ai_image_editor.create body.aspect_ratio": values(
                [
                    Edit.AspectRatio.auto, .landscape, .landscape4x3, .landscape3x2, .square, .portrait4x5,
                    .portrait2x3,
                    .portrait,
                ]
            ),
            "ai_image_editor.create body.model": values(Self.editModels),
            "ai_image_editor.create body.resolution": values([MagicHour.ImageResolution.px640, .k1, .k2, .k4, .auto]),
            "ai_image_editor.create body.style.model": values([Edit.OlderModel.default, .nanoBanana, .seedream]),
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
            "ai_image_upscaler.create body.style.enhancement": values(
                [Upscale.Enhancement.resemblance, .balanced, .creative]
            ),
            "ai_image_upscaler.create body.style.mode": values(
                [Upscale.Mode.preserve, .balanced, .creative, .pro]
            ),
            "ai_talking_photo.create body.resolution": values([Talking.Resolution.p480, .p720]),
            "ai_talking_photo.create body.style.generation_mode": values(
                [Talking.GenerationMode.realistic, .prompted, .pro, .stable, .standard, .expressive]
            ),
            "audio_projects.get response.status": values(statuses),
            "body_swap.create body.resolution": values([MagicHour.ImageResolution.px640, .k1, .k2, .k4]),
            "face_detection.get response.status": values(ofFaces),
            "face_swap_photo.create body.assets.face_swap_mode": values(
                [MagicHour.PhotoFaceSwapRequest.FaceSwapMode.allFaces, .individualFaces]
            ),
            "files.upload_urls.create body.items[].type": values([MediaKind.image, .audio, .video]),
            "image_projects.get response.status": values(statuses),
            "image_to_video.create body.model": values(Self.videoModels),
            "image_to_video.create body.resolution": values([Video.Resolution.p360, .p480, .p720, .p1080, .k4]),
            "image_to_video.create body.style.quality_mode": values([Video.QualityMode.quick, .studio]),
            "saved_items.list response.items[].type": values(
                [MagicHour.SavedItem.ItemType.brandKit, .character, .moodboard, .reference, .voice]
            ),
            "saved_items.list response.items[].assets[].media_kind": values(
                [MagicHour.SavedAsset.MediaKind.audio, .image, .video]
            ),
            "video_projects.get response.status": values(statuses),
        ]
        var found = try magicHour()
        // The voices have no members, because they are more than a thousand.
        XCTAssertEqual(found.removeValue(forKey: "ai_voice_generator.create body.style.voice_name")?.count, 1_264)
        compare(found, expected)
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
            "FaceGenRequest.num_inference_steps": numbers,
            "FaceGenRequest.safety_checker_type": values(
                [ModelsLab.SafetyCheckerType.black, .blur, .sensitiveContentText, .pixelate]
            ),
            "FaceGenRequest.style": values([ModelsLab.Style.comic, .chibi, .threeD, .anime, .realistic]),
            "FashionRequest.cloth_type": values([ModelsLab.ClothType.upperBody, .lowerBody, .dresses]),
            "FashionRequest.num_inference_steps": numbers,
            "FashionRequest.temp": values([ModelsLab.TemporaryStorage.yes, .no]),
            "QwenRequest.model_id": values([ModelsLab.QwenModel.edit2509, .edit2511]),
            "SuperResolutionRequest.model_id": values(
                [
                    ModelsLab.ImageUpscaleModel.realESRGANX4Plus, .realESRGANX4PlusAnime6B, .realESRGANX2Plus,
                    .realesrGeneralX4V3, .ultraResolution,
                ]
            ),
            "ProcessingFaceSwapResponse.status": values([ModelsLab.JobStatus.processing]),
            "ProcessingRequestCountResponse.status": values([ModelsLab.JobStatus.success]),
            "SuccessFaceSwapResponse.status": values([ModelsLab.JobStatus.success]),
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
        // The schemas do not list the status of older responses and the error codes of failed jobs.
        XCTAssertEqual(ModelsLab.JobStatus.failed.rawValue, "failed")
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

    private static let editModels: [MagicHour.ImageEditModel] = [
        .default, .flux2Klein, .gptImage2, .gptImage25Flare, .krea2, .nanoBanana, .nanoBanana2, .nanoBanana2Lite,
        .nanoBanana21, .nanoBananaPro, .qwenEdit, .qwenImage21, .seedreamV4, .seedreamV45, .seedreamV5Pro,
    ]

    private static let videoModels: [MagicHour.ImageToVideoModel] = [
        .default, .geminiOmni11, .kling16, .kling25, .kling25Audio, .kling26, .kling30, .ltx2, .ltx23, .ltx25,
        .minimaxH3,
        .seedance, .seedance15, .seedance20, .seedance20Fast, .seedance20Mini, .seedance25, .sora2, .veo31, .veo31Audio,
        .veo31Lite, .wan22, .wan30,
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
