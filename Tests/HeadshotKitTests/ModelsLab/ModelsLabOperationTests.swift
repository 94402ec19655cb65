import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The bodies and the paths of ModelsLab's typed operations, from a local photo to a file.
final class ModelsLabOperationTests: MockTestCase {
    private let me = MediaSource.data(pngBytes)

    /// Runs an operation whose photos are uploaded, and asserts its path, its body, and its file name.
    ///
    /// - Parameters:
    ///   - photos: The number of local photos in the request. `{0}` in the body is the URL of the first one.
    ///   - body: The expected body, with sorted keys.
    private func assertRun<Request>(
        _ operation: (ModelsLab) -> GenerationOperation<Request, ModelsLab.ImageResult, ModelsLab.ImageResult>,
        _ request: Request,
        photos: Int,
        path: String,
        body: String,
        prefix: String,
        line: UInt = #line
    ) async throws {
        let clients = makeClients()
        let mock = clients.mock
        var body = body
        for index in 0..<photos {
            let url = "https://assets.example/\(index).png"
            mock.on(
                "POST",
                "/api/v6/image_editing/base64_to_url",
                response: .json(#"{"status":"success","id":7,"output":["\#(url)"]}"#)
            )
            body = body.replacingOccurrences(of: "{\(index)}", with: url)
        }
        let collection = path.split(separator: "/").first ?? ""
        mock.on(
            "POST",
            "/api/v6\(path)",
            response: .json(#"{"status":"processing","id":123,"eta":1,"output":[],"future_links":[]}"#)
        )
        mock.on(
            "POST",
            "/api/v6/\(collection)/fetch/123",
            response: .json(#"{"status":"success","id":123,"output":["https://out.example/1.png"]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let result = try await operation(clients.modelsLab()).generate(request, options: clients.options)
        XCTAssertEqual(clients.body(photos), body, line: line)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["\(prefix)-123-1.png"], line: line)
        XCTAssertEqual(result.job.operation, path.split(separator: "/").last.map(String.init), line: line)
    }

    func testFacePortrait() async throws {
        try await assertRun(
            \.facePortraits,
            .init(prompt: "as a comic", faceImage: me, guidanceScale: 20, sScale: 0.5, style: .comic),
            photos: 1,
            path: "/image_editing/face_gen",
            body: #"{"face_image":"{0}","guidance_scale":20,"key":"ml-secret","prompt":"as a comic","s_scale":0.5,"#
                + #""style":"comic"}"#,
            prefix: "portrait"
        )
    }

    func testUpscale() async throws {
        try await assertRun(
            \.imageUpscales,
            .init(initImage: me, modelID: .ultraResolution, scale: 4, faceEnhance: true, trackID: 7),
            photos: 1,
            path: "/image_editing/super_resolution",
            body: #"{"face_enhance":true,"init_image":"{0}","key":"ml-secret","model_id":"ultra_resolution","scale":4,"#
                + #""track_id":7}"#,
            prefix: "upscaled"
        )
    }

    func testBackgroundRemoval() async throws {
        try await assertRun(
            \.backgroundRemovals,
            .init(
                image: me,
                alphaMatting: true,
                alphaMattingForegroundThreshold: 240,
                alphaMattingBackgroundThreshold: 20,
                alphaMattingErodeSize: 5,
                postProcessMask: true,
                onlyMask: false,
                inverseMask: false,
                seed: 1,
                base64: false
            ),
            photos: 1,
            path: "/image_editing/removebg_mask",
            body: #"{"alpha_matting":true,"alpha_matting_background_threshold":20,"alpha_matting_erode_size":5,"#
                + #""alpha_matting_foreground_threshold":240,"base64":false,"image":"{0}","inverse_mask":false,"#
                + #""key":"ml-secret","only_mask":false,"post_process_mask":true,"seed":1}"#,
            prefix: "cutout"
        )
    }

    func testQwenEdit() async throws {
        try await assertRun(
            \.qwenEdits,
            .init(
                prompt: "Add a library.",
                initImages: [me, "https://a.example/library.jpg", me],
                modelID: .edit2511,
                safetyChecker: true
            ),
            photos: 2,
            path: "/image_editing/qwen_edit",
            body: #"{"init_image":["{0}","https://a.example/library.jpg","{1}"],"key":"ml-secret","#
                + #""model_id":"qwen-edit-2511","prompt":"Add a library.","safety_checker":true}"#,
            prefix: "edited"
        )
    }

    func testFashionTryOn() async throws {
        try await assertRun(
            \.fashionTryOns,
            .init(
                initImage: me,
                clothImage: me,
                clothType: .upperBody,
                prompt: "a suit",
                negativePrompt: "hats",
                numInferenceSteps: 21,
                guidanceScale: 7.5,
                temp: .no,
                webhook: "https://hooks.example/s3cret",
                trackID: "order_12345"
            ),
            photos: 2,
            path: "/image_editing/fashion",
            body: #"{"cloth_image":"{1}","cloth_type":"upper_body","guidance_scale":7.5,"init_image":"{0}","#
                + #""key":"ml-secret","negative_prompt":"hats","num_inference_steps":21,"prompt":"a suit","temp":"no","#
                + #""track_id":"order_12345","webhook":"https://hooks.example/s3cret"}"#,
            prefix: "fashion"
        )
    }

    func testOutpainting() async throws {
        try await assertRun(
            \.outpaintings,
            .init(
                image: me,
                prompt: "a library",
                width: 1_440,
                height: 720,
                overlapWidth: 42,
                numInferenceSteps: 30,
                guidanceScale: 8,
                temp: true
            ),
            photos: 1,
            path: "/image_editing/outpaint",
            body: #"{"guidance_scale":8,"height":720,"image":"{0}","key":"ml-secret","num_inference_steps":30,"#
                + #""overlap_width":42,"prompt":"a library","temp":true,"width":1440}"#,
            prefix: "outpainted"
        )
    }

    func testSingleFaceSwap() async throws {
        try await assertRun(
            \.singleFaceSwaps,
            .init(initImage: me, targetImage: me, referenceImage: "https://a.example/r.png", watermark: false),
            photos: 2,
            path: "/faceswap/single_face_swap",
            body: #"{"init_image":"{0}","key":"ml-secret","reference_image":"https://a.example/r.png","#
                + #""target_image":"{1}","watermark":false}"#,
            prefix: "swapped"
        )
    }

    func testMultipleFaceSwap() async throws {
        try await assertRun(
            \.multipleFaceSwaps,
            .init(initImage: me, targetImage: me, base64: false),
            photos: 2,
            path: "/faceswap/multiple_face_swap",
            body: #"{"base64":false,"init_image":"{0}","key":"ml-secret","target_image":"{1}"}"#,
            prefix: "swapped"
        )
    }

    // MARK: The number of requests in process

    private let countPath = "/api/v6/processing/request_count"

    func testRequestCountIsReadInEveryFormat() async throws {
        for (body, count) in [
            (#"{"status":"success","processing_count":3,"message":"m"}"#, 3), (#"{"processing_count":"4"}"#, 4),
            (#"{"status":"success","processing_count":0}"#, 0),
        ] {
            mock.on("POST", "//modelslab.com\(countPath)", response: .json(body))
            try await assertEqual(await clients.modelsLab().processing.requestCount(), count)
        }
        XCTAssertEqual(Set(mock.bodies.map { String(decoding: $0, as: UTF8.self) }), [#"{"key":"ml-secret"}"#])
    }

    func testRequestCountOfAnEnterpriseAccountHasTheSamePath() async throws {
        let modelsLab = try ModelsLab(
            apiKey: "ml-secret",
            baseURL: URL(string: "https://modelslab.com/api/v1/enterprise"),
            configuration: clients.configuration
        )
        mock.on("POST", countPath, response: .json(#"{"status":"success","processing_count":15}"#))
        try await assertEqual(await modelsLab.processing.requestCount(), 15)
    }

    func testResponseWithoutACountIsAnError() async throws {
        for (body, code) in [
            (#"{"status":"error","message":"Invalid API key ml-secret"}"#, HeadshotKitError.Code.unauthorized),
            (#"{"status":"error","messege":"Rate limit exceeded"}"#, .rateLimited),
            (#"{"status":"success"}"#, .invalidResponse),
            (#"{"status":"success","processing_count":[]}"#, .invalidResponse),
            (#"{"status":"success","processing_count":1e400}"#, .invalidResponse),
        ] {
            let clients = makeClients()
            clients.mock.on("POST", countPath, times: 1...20, response: .json(body))
            let error = try await failure { try await clients.modelsLab().processing.requestCount() }
            XCTAssertEqual(error.code, code, body)
            XCTAssertFalse(error.description.contains("ml-secret"), error.description)
        }
    }
}
