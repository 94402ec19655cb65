import Foundation
import HeadshotKit

/// Sends one request with `create` for each input line, `{"operation": ..., "values": {...}}`, and prints `ok` or the error.
///
/// The environment variables of the client set the key and the base URL.
@main
struct SendRequests {
    private struct Operation: Decodable {
        let operation: String
    }

    private struct Values<Request: Decodable>: Decodable {
        let values: Request
    }

    private struct Uploads: Decodable {
        let items: [MagicHour.UploadItem]
    }

    private struct UnknownOperation: Error {
        let name: String
    }

    static func main() async throws {
        let client = try MagicHour(configuration: ClientConfiguration(retry: .never))
        while let line = readLine() {
            do {
                try await send(Data(line.utf8), with: client)
                printLine("ok")
            } catch {
                printLine("error: \(error)")
            }
        }
    }

    /// Sends the request of an input line.
    private typealias Send = @Sendable (Data, MagicHour) async throws -> Void

    private static let operations: [String: Send] = [
        "ai_clothes_changer": create { $0.clothesChanges },
        "ai_face_editor": create { $0.faceEdits },
        "ai_headshot_generator": create { $0.headshots },
        "ai_image_editor": create { $0.imageEdits },
        "ai_image_generator": create { $0.images },
        "ai_image_upscaler": create { $0.imageUpscales },
        "ai_talking_photo": create { $0.talkingPhotos },
        "ai_voice_generator": create { $0.speech },
        "body_swap": create { $0.bodySwaps },
        "face_detection": create { $0.faceDetection },
        "face_swap_photo": create { $0.photoFaceSwaps },
        "files.upload_urls": { line, client in
            _ = try await client.files.uploadURLs(values(Uploads.self, in: line).items)
        },
        "head_swap": create { $0.headSwaps },
        "image_background_remover": create { $0.backgroundRemovals },
        "image_to_video": create { $0.imageToVideo },
        "photo_colorizer": create { $0.photoColorizations },
    ]

    private static func create<Request: Codable & Sendable, Project>(
        _ operation: @escaping @Sendable (MagicHour) -> GenerationOperation<Request, MagicHour.CreatedProject, Project>
    ) -> Send {
        { line, client in _ = try await operation(client).create(values(Request.self, in: line)) }
    }

    private static func values<Request: Decodable>(_ type: Request.Type, in line: Data) throws -> Request {
        try JSONDecoder().decode(Values<Request>.self, from: line).values
    }

    private static func send(_ line: Data, with client: MagicHour) async throws {
        let name = try JSONDecoder().decode(Operation.self, from: line).operation
        guard let send = operations[name] else { throw UnknownOperation(name: name) }
        try await send(line, client)
    }

    private static func printLine(_ text: String) {
        FileHandle.standardOutput.write(Data((text.split(separator: "\n").joined(separator: " ") + "\n").utf8))
    }
}
