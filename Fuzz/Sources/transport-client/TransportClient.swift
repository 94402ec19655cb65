import Foundation
import HeadshotKit

/// Asks an address many times, one after another, and says which time it is before each: the last number printed is the response that
/// ended the process.
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
                maximumReplyBytes: 1 << 20
            )
            do { _ = try await transport.send(request) } catch is TransportError {}
        }
        FileHandle.standardOutput.write(Data("done\n".utf8))
    }
}
