import Dispatch
import Foundation
import HeadshotKit

/// A measurement of how late another task in the process runs while many jobs with a store are in progress.
///
/// The network responds immediately, so that only the library's own work can delay the task.
enum Heartbeat {
    struct Report: Encodable {
        var seconds: Double
        var delivered: Int
        var beats: Int
        var latestMilliseconds: Double
        var firstError: String?
    }

    static func run(jobs count: Int, directory path: String) async throws -> Report {
        let directory = URL(fileURLWithPath: path, isDirectory: true)
        let configuration = ClientConfiguration(
            transport: InstantTransport(),
            jobStore: try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        )
        let headshots = try MagicHour(apiKey: "bench", configuration: configuration).headshots
        let requests = (0..<count).map {
            MagicHour.HeadshotRequest(assets: .init(imageFilePath: "api-assets/\($0).png"))
        }
        let options = GenerationOptions(
            downloadDirectory: directory.appendingPathComponent("outputs"),
            polling: .backoff(initial: .milliseconds(10))
        )
        let heart = Task { try await beat() }
        var report = Report(seconds: 0, delivered: 0, beats: 0, latestMilliseconds: 0)
        report.seconds = try await Timing.of {
            for outcome in try await headshots.generate(requests, maximumConcurrency: count, options: options) {
                switch outcome {
                case .success(let result): report.delivered += result.files.count
                case .failure(let error): report.firstError = report.firstError ?? "\(error)"
                }
            }
        }.seconds
        heart.cancel()
        (report.beats, report.latestMilliseconds) = try await heart.value
        return report
    }

    /// Wakes every 10 milliseconds until the task is canceled.
    private static func beat() async throws -> (beats: Int, latestMilliseconds: Double) {
        let interval = Duration.milliseconds(10)
        var (beats, latest) = (0, Duration.zero)
        while !Task.isCancelled {
            let due = ContinuousClock.now + interval
            do { try await Task.sleep(for: interval) } catch is CancellationError { break }
            latest = max(latest, ContinuousClock.now - due)
            beats += 1
        }
        return (beats, latest / .milliseconds(1))
    }
}

/// An in-memory service whose jobs are complete at the first poll.
struct InstantTransport: Transport {
    /// A complete image of one pixel.
    private static let portrait =
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        ) ?? Data()

    private static let network = DispatchQueue(label: "network")

    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        let id = request.method == "POST" ? UUID().uuidString : request.url.lastPathComponent
        let text =
            request.method == "POST"
            ? #"{"id":"\#(id)","credits_charged":50}"#
            : #"{"id":"\#(id)","status":"complete","downloads":[{"url":"https://outputs.example/\#(id).png"}]}"#
        return TransportResponse(status: 200, headers: ["Content-Type": "application/json"], body: Data(text.utf8))
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        // A real transport does not write on a thread of the cooperative pool either.
        try await withCheckedThrowingContinuation { continuation in
            Self.network.async { continuation.resume(with: Result { try Self.portrait.write(to: file) }) }
        }
        return TransportResponse(status: 200, headers: ["Content-Length": "\(Self.portrait.count)"])
    }
}
