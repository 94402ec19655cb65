import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

/// The built executable in an isolated environment with a directory, a photo and simulated services.
struct Tool: Sendable {
    let service: SimulatedService
    let server: SimulatorServer
    let directory: URL
    /// The complete environment of the executable.
    var environment: [String: String]

    /// The exit status and the output of the executable.
    struct Output: Equatable {
        var status: Int32
        var out: String
        var err: String
    }

    /// Creates a tool whose jobs complete quickly by default. With a manual clock, jobs complete when the test advances the clock.
    init(
        clock: any Clock<Duration> = ContinuousClock(),
        _ configure: (inout SimulatedService.Configuration) -> Void = { _ in }
    ) async throws {
        var configuration = SimulatedService.Configuration()
        configuration.queueDuration = .zero
        configuration.jobDuration = .milliseconds(100)
        configure(&configuration)
        service = SimulatedService(configuration: configuration, clock: clock)
        server = try await SimulatorServer.start(service)
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("headshot-tool-\(UUID().uuidString)")
        let spool = directory.appendingPathComponent("tmp")
        try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
        environment = [
            "PATH": "/usr/bin:/bin:\(Self.executable.deletingLastPathComponent().path)",
            "HOME": directory.appendingPathComponent("home").path,
            "TMPDIR": spool.path,
            "HEADSHOT_STORE": directory.appendingPathComponent("store").path,
            "MAGIC_HOUR_API_KEY": configuration.magicHourKey,
            "MAGIC_HOUR_BASE_URL": server.magicHourURL.absoluteString,
            "MODELSLAB_API_KEY": configuration.modelsLabKey,
            "MODELSLAB_BASE_URL": server.modelsLabURL.absoluteString,
            "HEADSHOT_JOB_TIME": "0.1s",
        ]
        try Self.photoData.write(to: directory.appendingPathComponent("me.png"))
    }

    static let photoData = SampleMedia.portraitPNG(width: 64, height: 64)

    func close() async throws {
        await server.stop()
        try FileManager.default.removeItem(at: directory)
    }

    /// The ID of the only job.
    var jobID: String {
        get throws { try XCTUnwrap(service.jobs.first).id }
    }

    /// Writes photos of different people to the directory `team`.
    func addPhotos(_ names: [String]) throws {
        let team = directory.appendingPathComponent("team")
        try FileManager.default.createDirectory(at: team, withIntermediateDirectories: true)
        for (index, name) in names.enumerated() {
            try SampleMedia.portraitPNG(width: 64, height: 64, seed: UInt64(index + 1))
                .write(to: team.appendingPathComponent(name))
        }
    }

    func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    /// The names of the new files in the directory.
    var newFiles: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: directory.path)
                .filter { !["me.png", "home", "tmp", "store", "stdout", "stderr"].contains($0) }.sorted()
        }
    }

    /// The contents of the records in the store.
    var storedRecords: [String] {
        get throws {
            guard FileManager.default.fileExists(atPath: path("store")) else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: path("store")).sorted()
                .filter { !$0.hasSuffix(".lock") && !$0.hasPrefix(".") }.map {
                    try String(contentsOfFile: path("store/\($0)"), encoding: .utf8)
                }
        }
    }

    /// The requests in the records, with sorted keys.
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

    /// Runs the executable until it ends.
    func run(_ arguments: String..., input: String? = nil) async throws -> Output {
        try await start(arguments, input: input).end()
    }

    func start(
        _ arguments: [String],
        input: String? = nil,
        output: FileHandle? = nil,
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

/// The running executable.
final class RunningTool: @unchecked Sendable {
    // Unchecked because `Process` is not `Sendable`. Only the task of the test uses the process.
    private let process = Process()
    private let out: URL
    private let err: URL
    private let ended: AsyncStream<Void>

    init(
        _ tool: Tool,
        _ arguments: [String],
        input: String?,
        output: FileHandle?,
        errors: FileHandle?,
        executable: String?,
        name: String
    ) throws {
        // Concurrent processes need distinct names.
        out = tool.directory.appendingPathComponent("\(name)out")
        err = tool.directory.appendingPathComponent("\(name)err")
        // A file never blocks the process, unlike a full pipe.
        for file in [out, err] { try Data().write(to: file) }
        process.executableURL = executable.map { URL(fileURLWithPath: $0) } ?? Tool.executable
        process.arguments = arguments
        process.environment = tool.environment
        process.currentDirectoryURL = tool.directory
        process.standardInput = FileHandle(forReadingAtPath: input ?? "/dev/null")
        process.standardOutput = if let output { output } else { try FileHandle(forWritingTo: out) }
        process.standardError = if let errors { errors } else { try FileHandle(forWritingTo: err) }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        ended = stream
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
    }

    /// Waits for the end of the process without blocking a thread, which the simulated services need.
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
    /// Kills the process without any cleanup.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits at most ten seconds until a condition is true.
    func wait(until condition: () throws -> Bool) async throws {
        for _ in 0..<500 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        XCTFail("The condition did not become true: \(try String(contentsOf: err, encoding: .utf8))")
    }

    /// Waits until a text appears on standard error, or on standard output if `inResults` is true.
    func wait(for text: String, inResults: Bool = false) async throws {
        try await wait { try String(contentsOf: inResults ? out : err, encoding: .utf8).contains(text) }
    }
}
