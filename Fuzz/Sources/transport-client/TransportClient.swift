import Foundation
import HeadshotKit

/// Asks an address many times, one after another. Before each it prints which time it is, and after it what came: when the process
/// ends, the last number printed is that of the response that ended it.
@main
struct TransportClient {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let base = URL(string: arguments[1]), let count = Int(arguments[2]) else {
            fatalError("transport-client URL COUNT")
        }
        let transport = URLSessionTransport()
        for number in 0..<max(0, count) {
            FileHandle.standardOutput.write(Data("\(number)\n".utf8))
            let request = TransportRequest(
                url: base.appendingPathComponent("\(number)"),
                timeout: .total(.seconds(2)),
                maximumResponseBytes: 1 << 20
            )
            let outcome: String
            do {
                let response = try await transport.send(request)
                outcome = "\(response.status), \(response.body.count) bytes"
            } catch let error as TransportError {
                outcome = "\(error.kind.rawValue)"
            }
            FileHandle.standardOutput.write(Data("-> \(outcome)\n".utf8))
        }
        FileHandle.standardOutput.write(Data("done\n".utf8))
    }
}
