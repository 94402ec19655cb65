import Foundation
import HeadshotKit

/// A client that requests a URL repeatedly, one request at a time.
///
/// The client prints a number before each request and the outcome after it. If the process ends unexpectedly, the last
/// number printed identifies the response that ended it.
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
