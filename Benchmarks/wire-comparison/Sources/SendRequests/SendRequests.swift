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

    private static func send(_ line: Data, with client: MagicHour) async throws {
        func values<Request: Decodable>(_ type: Request.Type) throws -> Request {
            try JSONDecoder().decode(Values<Request>.self, from: line).values
        }
        switch try JSONDecoder().decode(Operation.self, from: line).operation {
        case "ai_headshot_generator": _ = try await client.headshots.create(values(MagicHour.HeadshotRequest.self))
        case "ai_image_generator": _ = try await client.images.create(values(MagicHour.ImageRequest.self))
        case "ai_talking_photo": _ = try await client.talkingPhotos.create(values(MagicHour.TalkingPhotoRequest.self))
        case "face_detection": _ = try await client.faceDetection.create(values(MagicHour.FaceDetectionRequest.self))
        case "files.upload_urls": _ = try await client.files.uploadURLs(values(Uploads.self).items)
        case let name: throw UnknownOperation(name: name)
        }
    }

    private static func printLine(_ text: String) {
        FileHandle.standardOutput.write(Data((text.split(separator: "\n").joined(separator: " ") + "\n").utf8))
    }
}
