import Foundation
import HeadshotKit

/// Complete headshot jobs, from the upload of the photo to the download of the portrait, run concurrently through one
/// client.
enum Jobs {
    struct Report: Encodable {
        var seconds: Double
        var delivered: Int
        var firstError: String?
    }

    static func run(
        _ count: Int,
        photo: String,
        directory: String,
        median: Duration,
        minimum: Duration
    ) async throws -> Report {
        let magicHour = try makeMagicHour()
        let requests = [MagicHour.HeadshotRequest](
            repeating: .init(assets: .init(imageFilePath: .file(photo))),
            count: count
        )
        let options = GenerationOptions(
            downloadDirectory: URL(fileURLWithPath: directory),
            polling: .adaptive(median: median, minimum: minimum)
        )
        var report = Report(seconds: 0, delivered: 0)
        report.seconds = try await Timing.of {
            for outcome in try await magicHour.headshots.generate(
                requests,
                maximumConcurrency: count,
                options: options
            ) {
                switch outcome {
                case .success(let result): report.delivered += result.files.count
                case .failure(let error): report.firstError = report.firstError ?? "\(error)"
                }
            }
        }.seconds
        return report
    }
}
