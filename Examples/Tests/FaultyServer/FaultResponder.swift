import Foundation
import HeadshotKit
import SimulatorServer

/// A sender of one ``FaultResponse`` on a connection.
struct FaultResponder {
    let head: RequestHead
    let connection: LoopbackConnection

    /// Sends a response, if any. Returns `false` if the connection must be closed.
    func respond(with response: FaultResponse) async throws -> Bool {
        switch response {
        case .response(let status, let headers, let body):
            try await send(status, headers, declaring: body.count, body)
            return true
        case .truncated(let status, let headers, let body, let declaredLength):
            try await send(status, headers, declaring: declaredLength, body)
        case .file(let data, let tag, let breakingAfter):
            return try await serve(data, tag: tag, breakingAfter: breakingAfter)
        case .raw(let data):
            try await connection.write(data)
        case .closeBeforeBody, .closeAfterRequest:
            break
        case .reset:
            try await connection.resetOnClose()
        case .silence:
            // Wait until the client closes the connection.
            while try await connection.read() != nil { continue }
        case .drip(let data, let pause):
            try await send(200, [:], declaring: data.count, Data())
            for byte in data {
                try await connection.write(Data([byte]))
                try await Task.sleep(for: pause)
            }
            return true
        case .endless(let pause):
            try await connection.write(ResponseHead(status: 200, headers: ["Connection": "close"]).data)
            let piece = Data(repeating: UInt8(ascii: "x"), count: 1 << 16)
            while true {
                try await connection.write(piece)
                try await Task.sleep(for: pause)
            }
        }
        return false
    }

    private func send(_ status: Int, _ headers: [String: String], declaring length: Int, _ body: Data) async throws {
        var fields = TransportHeaders(headers)
        if status != 204 { fields["Content-Length"] = fields["Content-Length"] ?? String(length) }
        try await connection.write(ResponseHead(status: status, headers: fields).data + body)
    }

    private func serve(_ data: Data, tag: String?, breakingAfter limit: Int?) async throws -> Bool {
        var headers: [String: String] = [:]
        headers["ETag"] = tag
        var status = 200
        var part = data
        let condition = head.headers["if-range"]
        if let range = head.headers["range"].flatMap(ByteRange.init), condition == nil || condition == tag {
            guard range.first < data.count else {
                headers["Content-Range"] = "bytes */\(data.count)"
                try await send(416, headers, declaring: 0, Data())
                return true
            }
            let last = min(range.last ?? data.count - 1, data.count - 1)
            headers["Content-Range"] = "bytes \(range.first)-\(last)/\(data.count)"
            status = 206
            part = Data(data[range.first...last])
        }
        try await send(status, headers, declaring: part.count, Data(part.prefix(limit ?? part.count)))
        return limit == nil
    }
}

/// The value of a `Range` field, such as `bytes=100-199` or `bytes=100-`.
private struct ByteRange {
    let first: Int
    let last: Int?

    init?(_ field: String) {
        let ends = field.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard field.hasPrefix("bytes="), ends.count == 2, let first = Int(ends[0]) else { return nil }
        self.first = first
        last = Int(ends[1])
    }
}
