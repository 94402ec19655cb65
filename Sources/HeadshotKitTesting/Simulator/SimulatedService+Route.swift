import Foundation

extension SimulatedService {
    /// An operation of the simulated services. Faults are injected and requests are counted per operation.
    public enum Route: String, Sendable, Hashable, CaseIterable {
        /// `POST /v1/files/upload-urls`
        case createUploadURLs
        /// `PUT` to an upload URL
        case upload
        /// `POST /v1/ai-headshot-generator`
        case createHeadshot
        /// `POST /v1/ai-image-generator`
        case createImage
        /// `POST /v1/ai-talking-photo`
        case createTalkingPhoto
        /// `POST` to any other create operation of Magic Hour, such as `/v1/photo-colorizer`
        case createOtherJob
        /// `GET /v1/image-projects/{id}`
        case getImageProject
        /// `DELETE /v1/image-projects/{id}`
        case deleteImageProject
        /// `GET /v1/video-projects/{id}`
        case getVideoProject
        /// `DELETE /v1/video-projects/{id}`
        case deleteVideoProject
        /// `GET /v1/audio-projects/{id}`
        case getAudioProject
        /// `DELETE /v1/audio-projects/{id}`
        case deleteAudioProject
        /// `POST /v1/face-detection`
        case createFaceDetection
        /// `GET /v1/face-detection/{id}`
        case getFaceDetection
        /// `GET /v1/account`
        case getAccount
        /// ModelsLab's `POST .../image_editing/head_shot`
        case createModelsLabHeadshot
        /// ModelsLab's `POST .../image_editing/flux_headshot`
        case createModelsLabFluxHeadshot
        /// ModelsLab's `POST` to any other create operation, such as `.../image_editing/qwen_edit`
        case createOtherModelsLabJob
        /// ModelsLab's `POST .../image_editing/fetch/{id}` or `POST .../faceswap/fetch/{id}`
        case fetchModelsLab
        /// ModelsLab's `POST .../image_editing/base64_to_url`
        case uploadModelsLabImage
        /// ModelsLab's `POST /api/wallet_balance`
        case getModelsLabWallet
        /// ModelsLab's `POST /api/v6/assets_generated`
        case listModelsLabAssets
        /// ModelsLab's `POST /api/v6/processing/request_count`
        case countModelsLabRequests
        /// `GET` from an output URL of either service
        case download
        /// Any other request, which receives a 404 response
        case unknown

        /// Returns the operation of a request and the ID in its path.
        static func find(method: String, path: String) -> (route: Route, id: String) {
            var parts = path.split(separator: "/").map(String.init)
            if parts.starts(with: ["api", "v1", "enterprise"]) { parts.replaceSubrange(0..<3, with: ["api", "v6"]) }
            let id = parts.last ?? ""
            if method == "PUT", parts.first == "upload" { return (.upload, id) }
            if method == "GET", parts.first == "outputs" { return (.download, id) }
            if method == "POST", parts.count == 2, parts.first == "v1", SimulatedOperation.all[id] != nil {
                return (.createOtherJob, id)
            }
            if method == "POST", parts.starts(with: ["api", "v6"]) {
                let name = parts.dropFirst(2).joined(separator: "/")
                if let operation = SimulatedModelsLabOperation.all[name] { return (operation.route, name) }
            }
            if let route = fixed["\(method) \(parts.joined(separator: "/"))"] { return (route, "") }
            let route = withID["\(method) \(parts.dropLast().joined(separator: "/"))"]
            return (route ?? .unknown, id)
        }

        private static let fixed: [String: Route] = [
            "POST v1/files/upload-urls": .createUploadURLs,
            "POST v1/ai-headshot-generator": .createHeadshot,
            "POST v1/ai-image-generator": .createImage,
            "POST v1/ai-talking-photo": .createTalkingPhoto,
            "POST v1/face-detection": .createFaceDetection,
            "GET v1/account": .getAccount,
            "POST api/v6/image_editing/base64_to_url": .uploadModelsLabImage,
            "POST api/wallet_balance": .getModelsLabWallet,
            "POST api/v6/assets_generated": .listModelsLabAssets,
            "POST api/v6/processing/request_count": .countModelsLabRequests,
        ]

        private static let withID: [String: Route] = [
            "GET v1/image-projects": .getImageProject,
            "DELETE v1/image-projects": .deleteImageProject,
            "GET v1/video-projects": .getVideoProject,
            "DELETE v1/video-projects": .deleteVideoProject,
            "GET v1/audio-projects": .getAudioProject,
            "DELETE v1/audio-projects": .deleteAudioProject,
            "GET v1/face-detection": .getFaceDetection,
            "POST api/v6/image_editing/fetch": .fetchModelsLab,
            "POST api/v6/faceswap/fetch": .fetchModelsLab,
        ]
    }
}
