import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

/// The built executable, in an environment of its own: a folder, a photo, and simulated services.
struct Tool: Sendable {
    let service: SimulatedService
    let server: SimulatorServer
    let folder: URL
    /// The variables that the executable sees, and no others.
    var environment: [String: String]

    /// What the executable left behind.
    struct Output: Equatable {
        var status: Int32
        var out: String
        var err: String
    }

    /// A tool whose jobs are done at once, unless configured otherwise.
    init(_ configure: (inout SimulatedService.Configuration) -> Void = { _ in }) async throws {
        var configuration = SimulatedService.Configuration()
        configuration.queueDuration = .zero
        configuration.jobDuration = .milliseconds(100)
        configure(&configuration)
        service = SimulatedService(configuration: configuration)
        server = try await SimulatorServer.start(service)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("headshot-tool-\(UUID().uuidString)")
        let spool = folder.appendingPathComponent("tmp")
        try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
        environment = [
            "PATH": "/usr/bin:/bin",
            "HOME": folder.appendingPathComponent("home").path,
            "TMPDIR": spool.path,
            "HEADSHOT_STORE": folder.appendingPathComponent("store").path,
            "MAGIC_HOUR_API_KEY": configuration.magicHourKey,
            "MAGIC_HOUR_BASE_URL": server.magicHourURL.absoluteString,
            "MODELSLAB_API_KEY": configuration.modelsLabKey,
            "MODELSLAB_BASE_URL": server.modelsLabURL.absoluteString,
        ]
        try Self.photoData.write(to: folder.appendingPathComponent("me.png"))
    }

    static let photoData = SampleMedia.portraitPNG(width: 64, height: 64)

    func close() async throws {
        await server.stop()
        try FileManager.default.removeItem(at: folder)
    }

    /// The id of the only job.
    var jobID: String {
        get throws { try XCTUnwrap(service.jobs.first).id }
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// The files that have come into the folder, besides the photo.
    var newFiles: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { !["me.png", "home", "tmp", "store", "stdout", "stderr"].contains($0) }.sorted()
        }
    }

    /// The files in the store, by what they are, with what is in them; locks and what is hidden are left out.
    var storedRecords: [String] {
        get throws {
            guard FileManager.default.fileExists(atPath: path("store")) else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: path("store")).sorted()
                .filter { !$0.hasSuffix(".lock") && !$0.hasPrefix(".") }.map {
                    try String(contentsOfFile: path("store/\($0)"), encoding: .utf8)
                }
        }
    }

    /// The requests of the jobs in the store, as they went to the service: the keys are sorted.
    var storedRequests: [String] {
        get throws {
            try storedRecords.map { record in
                let fields = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(record.utf8)) as? [String: Any])
                let request = try XCTUnwrap(fields["request"])
                let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
                return String(
                    decoding: try JSONSerialization.data(withJSONObject: request, options: options),
                    as: UTF8.self
                )
            }
        }
    }

    /// Runs it to its end.
    func run(_ arguments: String..., input: String? = nil) async throws -> Output {
        try await start(arguments, input: input).end()
    }

    func start(
        _ arguments: [String],
        input: String? = nil,
        output: Pipe? = nil,
        errors: FileHandle? = nil,
        executable: String? = nil,
        name: String = "std"
    ) throws -> RunningTool {
        try RunningTool(
            self,
            arguments,
            input: input,
            output: output,
            errors: errors,
            executable: executable,
            name: name
        )
    }

    static var executable: URL {
        #if os(macOS)
        let products = Bundle(for: RunningTool.self).bundleURL.deletingLastPathComponent()
        #else
        let products = Bundle.main.bundleURL
        #endif
        return products.appendingPathComponent("headshot")
    }
}

/// The executable while it runs.
final class RunningTool: @unchecked Sendable {
    // Unchecked, because `Process` is not marked: only the test's own task touches it.
    private let process = Process()
    private let out: URL
    private let err: URL
    private let ended: AsyncStream<Void>

    init(
        _ tool: Tool,
        _ arguments: [String],
        input: String?,
        output: Pipe?,
        errors: FileHandle?,
        executable: String?,
        name: String
    ) throws {
        // Two that run at the same time need two names.
        out = tool.folder.appendingPathComponent("\(name)out")
        err = tool.folder.appendingPathComponent("\(name)err")
        // Files take whatever comes; a pipe that nobody reads would fill up.
        for file in [out, err] { try Data().write(to: file) }
        process.executableURL = executable.map { URL(fileURLWithPath: $0) } ?? Tool.executable
        process.arguments = arguments
        process.environment = tool.environment
        process.currentDirectoryURL = tool.folder
        process.standardInput = FileHandle(forReadingAtPath: input ?? "/dev/null")
        process.standardOutput = if let output { output as Any } else { try FileHandle(forWritingTo: out) as Any }
        process.standardError = if let errors { errors } else { try FileHandle(forWritingTo: err) }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        ended = stream
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
    }

    /// Waits without holding a thread: the simulated services need it.
    func end() async throws -> Tool.Output {
        let number = process.processIdentifier
        let watchdog = Task {
            try await Task.sleep(for: .seconds(60))
            Foundation.kill(number, SIGKILL)
        }
        defer { watchdog.cancel() }
        for await _ in ended {}
        return Tool.Output(
            status: process.terminationStatus,
            out: try String(contentsOf: out, encoding: .utf8),
            err: try String(contentsOf: err, encoding: .utf8)
        )
    }

    var isRunning: Bool { process.isRunning }
    func interrupt() { process.interrupt() }
    func terminate() { process.terminate() }
    /// Ends it as the system does that has no memory left: without a word.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits until something is true, for ten seconds at most.
    func wait(until condition: () throws -> Bool) async throws {
        for _ in 0..<500 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        XCTFail("It did not come to that: \(try String(contentsOf: err, encoding: .utf8))")
    }

    /// Waits until it has said something on standard error, or printed it with `inResults`.
    func wait(for text: String, inResults: Bool = false) async throws {
        try await wait { try String(contentsOf: inResults ? out : err, encoding: .utf8).contains(text) }
    }
}
