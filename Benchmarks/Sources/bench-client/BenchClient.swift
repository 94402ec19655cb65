import Dispatch
import Foundation
import HeadshotKit

/// The client that runs one measurement against the stand-in server and prints the result as a line of JSON.
///
/// `Benchmarks/run` starts the client, and measures its processor time and memory from outside.
@main
struct BenchClient {
    /// Runs the measurement and blocks the main thread. An async `main` leaves the main thread to Dispatch, which valgrind
    /// cannot handle.
    static func main() {
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            await run()
            done.signal()
        }
        done.wait()
    }

    private static func run() async {
        var arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
        do {
            let mode = try arguments.next("a mode")
            let report: any Encodable =
                switch mode {
                case "idle": try await Transfers.idle()
                case "upload": try await Transfers.upload(arguments.next("a file"))
                case "upload-bare": try await Transfers.uploadBare(arguments.next("a file"), to: arguments.url())
                case "download": try await Transfers.download(into: arguments.next("a directory"))
                case "download-bare": try await Transfers.downloadBare(arguments.url(), to: arguments.next("a file"))
                case "jobs":
                    try await Jobs.run(
                        arguments.integer("a count"),
                        photo: arguments.next("a photo"),
                        directory: arguments.next("a directory"),
                        median: .milliseconds(arguments.integer("a median in ms")),
                        minimum: .milliseconds(arguments.integer("a shortest delay in ms"))
                    )
                case "heartbeat":
                    try await Heartbeat.run(
                        jobs: arguments.integer("a count"),
                        directory: arguments.next("a directory")
                    )
                case "store":
                    try await Store.run(jobs: arguments.integer("a count"), directory: arguments.next("a directory"))
                case "simulate": Simulation.run(jobs: try arguments.integer("a count"))
                case "micro": try await Micro.run(arguments.next("an operation"), arguments.integer("a count"))
                default: throw Arguments.Missing(what: "a mode that exists, not \(mode)")
                }
            try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(report) + Data("\n".utf8))
        } catch {
            FileHandle.standardError.write(Data("bench-client: \(error)\n".utf8))
            exit(1)
        }
    }
}

/// The command-line arguments, read in order.
struct Arguments {
    struct Missing: Error, CustomStringConvertible {
        let what: String
        var description: String { "Missing: \(what)." }
    }

    private var rest: ArraySlice<String>

    init(_ words: [String]) { rest = words[...] }

    mutating func next(_ what: String) throws -> String {
        guard let word = rest.popFirst() else { throw Missing(what: what) }
        return word
    }

    mutating func integer(_ what: String) throws -> Int {
        guard let number = Int(try next(what)) else { throw Missing(what: what) }
        return number
    }

    mutating func url() throws -> URL {
        guard let url = URL(string: try next("a URL")) else { throw Missing(what: "a URL") }
        return url
    }
}

/// The duration of a measurement, excluding the start of the process.
struct Timing: Encodable {
    var seconds: Double

    static func of(_ body: () async throws -> Void) async rethrows -> Timing {
        let duration = try await ContinuousClock().measure { try await body() }
        return Timing(seconds: duration / .seconds(1))
    }
}
