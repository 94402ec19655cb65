import Foundation
import HeadshotKit

/// A measurement of a `FileJobStore` with many jobs. The network responds immediately.
enum Store {
    struct Report: Encodable {
        var jobs: Int
        /// The median time of one call that finishes a job by its handle.
        var resumeMilliseconds = 0.0
        var firstPageMilliseconds = 0.0
        var allSeconds = 0.0
        var resumeAllSeconds = 0.0
        var delivered = 0
        var firstError: String?
    }

    /// The number of jobs in the first page, and of jobs that are resumed one by one.
    private static let few = 100

    static func run(jobs count: Int, directory path: String) async throws -> Report {
        let directory = URL(fileURLWithPath: path, isDirectory: true)
        let configuration = ClientConfiguration(
            transport: InstantTransport(),
            jobStore: try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        )
        let magicHour = try MagicHour(apiKey: "bench", configuration: configuration)
        let options = GenerationOptions(downloadDirectory: directory.appendingPathComponent("outputs"))
        let handles = try await submit(count + few, to: magicHour, options)
        var report = Report(jobs: count)
        var calls: [Double] = []
        for handle in handles.prefix(few) {
            calls.append(try await Timing.of { _ = try await magicHour.jobs.resume(handle, options: options) }.seconds)
        }
        calls.sort()
        report.resumeMilliseconds = 1_000 * calls[calls.count / 2]
        report.firstPageMilliseconds =
            1_000 * (try await Timing.of { _ = try await magicHour.jobs.unfinished(limit: few) }).seconds
        var listed = 0
        report.allSeconds = try await Timing.of { listed = try await magicHour.jobs.unfinished().count }.seconds
        if listed != count { report.firstError = "\(listed) of \(count) jobs are listed." }
        report.resumeAllSeconds = try await Timing.of {
            for try await (_, result) in magicHour.jobs.resumeAll() {
                switch result {
                case .success(let job): report.delivered += job.files.count
                case .failure(let error): report.firstError = report.firstError ?? "\(error)"
                }
            }
        }.seconds
        return report
    }

    private static func submit(
        _ count: Int,
        to magicHour: MagicHour,
        _ options: GenerationOptions
    ) async throws -> [JobHandle] {
        try await withThrowingTaskGroup(of: JobHandle.self) { group in
            var handles: [JobHandle] = []
            for number in 0..<count {
                if number >= 16, let handle = try await group.next() { handles.append(handle) }
                group.addTask {
                    let photo = MediaSource(stringLiteral: "api-assets/\(number).png")
                    return try await magicHour.headshots.submit(.init(photo: photo), options: options)
                }
            }
            for try await handle in group { handles.append(handle) }
            return handles
        }
    }
}
