import Foundation
import HeadshotKit

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The upload or download of one large file, through HeadshotKit and through `URLSession` alone.
enum Transfers {
    /// Measures a client that sends a single request to the service.
    static func idle() async throws -> Timing {
        let magicHour = try makeMagicHour()
        return try await Timing.of { _ = try await magicHour.imageProjects.get("idle") }
    }

    static func upload(_ file: String) async throws -> Timing {
        let magicHour = try makeMagicHour()
        return try await Timing.of { _ = try await magicHour.files.upload(.file(file), as: .video) }
    }

    static func download(into directory: String) async throws -> Timing {
        let headshots = try makeMagicHour().headshots
        let job = try await headshots.submit(.init(assets: .init(imageFilePath: "api-assets/photo.jpg")))
        return try await Timing.of {
            _ = try await headshots.resume(
                job,
                options: GenerationOptions(downloadDirectory: URL(fileURLWithPath: directory))
            )
        }
    }

    static func uploadBare(_ file: String, to url: URL) async throws -> Timing {
        var request = URLRequest(url: url)
        request.httpMethod = "PUT"
        let transfer = BareTransfer()
        let session = URLSession(configuration: .ephemeral, delegate: transfer, delegateQueue: nil)
        let task = session.uploadTask(with: request, fromFile: URL(fileURLWithPath: file))
        return try await Timing.of { try await transfer.run(task) }
    }

    static func downloadBare(_ url: URL, to file: String) async throws -> Timing {
        let transfer = BareTransfer(target: URL(fileURLWithPath: file))
        let session = URLSession(configuration: .ephemeral, delegate: transfer, delegateQueue: nil)
        let task = session.downloadTask(with: url)
        return try await Timing.of { try await transfer.run(task) }
    }
}

/// A `URLSession` task, used as its documentation shows.
private final class BareTransfer: NSObject, URLSessionDataDelegate, URLSessionDownloadDelegate, Sendable {
    private let target: URL?
    private let completion = AsyncStream.makeStream(of: (any Error)?.self)

    init(target: URL? = nil) {
        self.target = target
    }

    func run(_ task: URLSessionTask) async throws {
        task.resume()
        for await error in completion.stream {
            if let error { throw error }
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        completion.continuation.yield(error)
        completion.continuation.finish()
    }

    func urlSession(_ session: URLSession, downloadTask: URLSessionDownloadTask, didFinishDownloadingTo location: URL) {
        guard let target else { return }
        do {
            try FileManager.default.moveItem(at: location, to: target)
        } catch {
            completion.continuation.yield(error)
        }
    }
}
