import Foundation
import HeadshotKit

/// A create operation of ModelsLab, described by the fields that it accepts.
struct SimulatedModelsLabOperation {
    /// The values that a field accepts.
    enum Values {
        case text, flag, photo
        case choice([String])
        case numbers([Int])
        case integer(ClosedRange<Double>)
        case number(ClosedRange<Double>)
        /// A width or height in pixels up to a maximum, a multiple of 8.
        case side(Double)
        /// One photo, or a list of photos up to a maximum number.
        case photos(Int)
    }

    struct Field {
        let name: String
        let values: Values
        let isRequired: Bool

        static func required(_ name: String, _ values: Values) -> Field { Field(name, values, isRequired: true) }
        static func optional(_ name: String, _ values: Values) -> Field { Field(name, values, isRequired: false) }

        private init(_ name: String, _ values: Values, isRequired: Bool) {
            self.name = name
            self.values = values
            self.isRequired = isRequired
        }
    }

    var route = SimulatedService.Route.createOtherModelsLabJob
    /// Whether a job fails if one of its photos shows no face.
    var needsFace = false
    /// The fields in the order in which they are checked. Every operation also accepts a `webhook` and a `track_id`.
    let fields: [Field]

    func accepts(_ field: String) -> Bool { fields.contains { $0.name == field } }

    /// The operations by their path below the base URL.
    static let all: [String: SimulatedModelsLabOperation] = [
        "image_editing/head_shot": SimulatedModelsLabOperation(
            route: .createModelsLabHeadshot,
            needsFace: true,
            fields: headshotFields(guidanceScale: 1...10)
        ),
        "image_editing/face_gen": SimulatedModelsLabOperation(
            needsFace: true,
            fields: headshotFields(guidanceScale: 1...20)
        ),
        "image_editing/flux_headshot": SimulatedModelsLabOperation(
            route: .createModelsLabFluxHeadshot,
            needsFace: true,
            fields: [
                .required("prompt", .text), .required("face_image", .photo), .required("seed", anyInteger),
                .optional("width", .side(1_024)), .optional("height", .side(1_024)),
                .optional("num_inference_steps", .integer(1...26)), .optional("guidance_scale", .number(1...10)),
                .optional("negative_prompt", .text),
            ]
        ),
        "image_editing/super_resolution": SimulatedModelsLabOperation(fields: [
            .required("init_image", .photo),
            .optional(
                "model_id",
                .choice([
                    "RealESRGAN_x4plus", "RealESRGAN_x4plus_anime_6B", "RealESRGAN_x2plus", "realesr-general-x4v3",
                    "ultra_resolution",
                ])
            ),
            .optional("scale", .integer(1...8)), .optional("face_enhance", .flag),
        ]),
        "image_editing/removebg_mask": SimulatedModelsLabOperation(fields: [
            .required("image", .photo), .optional("alpha_matting", .flag), .optional("post_process_mask", .flag),
            .optional("only_mask", .flag), .optional("inverse_mask", .flag), .optional("seed", anyInteger),
            .optional("base64", .flag), .optional("alpha_matting_foreground_threshold", .integer(0...240)),
            .optional("alpha_matting_background_threshold", .integer(0...20)),
            .optional("alpha_matting_erode_size", .integer(0...5)),
        ]),
        "image_editing/qwen_edit": SimulatedModelsLabOperation(fields: [
            .required("prompt", .text), .required("init_image", .photos(4)), .optional("safety_checker", .flag),
            .optional("base64", .flag), .optional("model_id", .choice(["qwen-edit-2509", "qwen-edit-2511"])),
        ]),
        "image_editing/fashion": SimulatedModelsLabOperation(fields: [
            .required("init_image", .photo), .required("cloth_image", .photo),
            .required("cloth_type", .choice(["upper_body", "lower_body", "dresses"])), .optional("prompt", .text),
            .optional("negative_prompt", .text), .optional("num_inference_steps", .numbers([21, 31, 41])),
            .optional("temp", .choice(["yes", "no"])), .optional("guidance_scale", .number(1...20)),
            .optional("seed", anyInteger),
        ]),
        "image_editing/outpaint": SimulatedModelsLabOperation(fields: [
            .required("image", .photo), .optional("prompt", .text), .optional("negative_prompt", .text),
            .optional("width", .integer(1...1_440)), .optional("height", .integer(1...1_440)),
            .optional("overlap_width", .integer(0...42)), .optional("num_inference_steps", .integer(1...30)),
            .optional("guidance_scale", .number(0...1_000)), .optional("seed", anyInteger), .optional("temp", .flag),
            .optional("base64", .flag),
        ]),
        "faceswap/single_face_swap": SimulatedModelsLabOperation(
            needsFace: true,
            fields: [.required("reference_image", .photo)] + faceSwapFields
        ),
        "faceswap/multiple_face_swap": SimulatedModelsLabOperation(needsFace: true, fields: faceSwapFields),
    ]

    private static let anyInteger = Values.integer(-9_007_199_254_740_991...9_007_199_254_740_991)

    private static let faceSwapFields: [Field] = [
        .required("init_image", .photo), .required("target_image", .photo), .optional("watermark", .flag),
        .optional("base64", .flag),
    ]

    private static func headshotFields(guidanceScale: ClosedRange<Double>) -> [Field] {
        [
            .required("prompt", .text), .required("face_image", .photo), .optional("width", .side(512)),
            .optional("height", .side(768)), .optional("num_inference_steps", .numbers([21, 31, 41])),
            .optional("guidance_scale", .number(guidanceScale)), .optional("s_scale", .number(0...2)),
            .optional("negative_prompt", .text), .optional("safety_checker", .flag),
            .optional("safety_checker_type", .choice(["black", "blur", "sensitive_content_text", "pixelate"])),
            .optional("style", .text), .optional("seed", anyInteger), .optional("samples", .integer(1...2)),
            .optional("base64", .flag),
        ]
    }
}

// The create operations.
extension SimulatedState {
    mutating func createModelsLab(_ body: Fields, _ request: IncomingRequest) throws -> CannedResponse {
        guard let operation = SimulatedModelsLabOperation.all[request.id] else {
            throw Rejection(404, ["message": "Not Found"])
        }
        let photos = try operation.fields.flatMap { try check($0, in: body) }
        let webhook = try body.url("webhook")
        let trackID = try body.identifier("track_id")
        let prompt = operation.accepts("prompt") ? try body.string("prompt") : nil
        let samples = operation.accepts("samples") ? try body.integer("samples") ?? 1 : 1
        let seed = try body.integer("seed") ?? 1_234_567

        guard modelsLabQueue < configuration.queueLimit else {
            let message = "Your queue of \(configuration.queueLimit) requests is full, try again later"
            throw Rejection(429, ["status": "error", "message": .string(message), "retry_after": 5])
        }
        let cost = configuration.modelsLabImageCents * samples
        guard walletCents >= cost else { throw Self.error("Your wallet balance is too low") }

        let times = schedule(request.route)
        let marker = configuration.noFaceMarker
        let hasNoFace = photos.contains(where: \.hasNoFace) || !marker.isEmpty && prompt?.contains(marker) == true
        let job = SimulatedJob(
            id: String(100_000_001 + jobs.count),
            operation: request.route,
            prompt: prompt,
            createdAt: now,
            beginsAt: times.begins,
            finishesAt: times.ends,
            cost: cost,
            failure: hasNoFace && operation.needsFace ? .noFace : nil,
            media: photos.compactMap(\.url),
            outputCount: samples,
            outputToken: Self.token(32),
            isBase64: try operation.accepts("base64") && body.bool("base64") ?? false,
            webhook: webhook,
            trackID: trackID,
            meta: [
                "prompt": prompt.map { .string($0) } ?? .null, "width": .number(try body.number("width") ?? 512),
                "height": .number(try body.number("height") ?? 512), "samples": .number(Double(samples)),
                "seed": .number(Double(seed)),
            ],
            collection: request.id.components(separatedBy: "/").first
        )
        start(job)
        for index in 0..<samples {
            let path = outputPath(of: job, index)
            let expiry = job.finishesAt + configuration.outputLinkLifetime
            links[path] = Link(path: path, target: .output(jobID: job.id, index: index), expiresAt: expiry)
        }
        return try created(job, path: request.path)
    }

    /// Checks a field, and returns its photos.
    private func check(_ field: SimulatedModelsLabOperation.Field, in body: Fields) throws -> [Photo] {
        let name = field.name
        var photos: [Photo] = []
        var isPresent = true
        switch field.values {
        case .text: isPresent = try body.string(name) != nil
        case .flag: isPresent = try body.bool(name) != nil
        case .choice(let allowed): isPresent = try body.string(name, oneOf: allowed) != nil
        case .integer(let range): isPresent = try body.integer(name, in: range) != nil
        case .number(let range): isPresent = try body.number(name, in: range) != nil
        case .numbers(let allowed):
            let number = try body.integer(name)
            if let number, !allowed.contains(number) {
                throw body.error(name, "must be one of \(allowed.map(String.init).joined(separator: ", "))")
            }
            isPresent = number != nil
        case .side(let maximum):
            let pixels = try body.integer(name, in: 8...maximum)
            if let pixels, !pixels.isMultiple(of: 8) { throw body.error(name, "must be divisible by 8") }
            isPresent = pixels != nil
        case .photo:
            photos = try body.string(name).map { [try photo($0, in: body, named: name)] } ?? []
            isPresent = !photos.isEmpty
        case .photos(let maximum):
            photos = try (body.list(name) ?? []).map { try photo($0, in: body, named: name) }
            guard photos.count <= maximum else { throw body.error(name, "must have at most \(maximum) items") }
            isPresent = !photos.isEmpty
        }
        if field.isRequired { _ = try body.required(name) { _ in isPresent ? true : nil } }
        return photos
    }
}
