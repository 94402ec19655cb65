import Foundation
import HeadshotKit
import HeadshotKitTesting

/// A request for an output that may be too large for memory. The service writes the output to a file, and the response is
/// sent from there.
struct SimulatorDownload {
    private let request: TransportRequest
    private let service: SimulatedService
    /// The offset of the first requested byte. `nil` if the request has no range.
    private let start: UInt64?

    private static let pieceSize = 1 << 18

    /// Creates a download. The result is `nil` for any other request, and for a suffix range such as `bytes=-100`, which is
    /// small.
    init?(_ request: TransportRequest, _ service: SimulatedService) {
        guard request.method == "GET", request.url.path.hasPrefix("/outputs/") else { return nil }
        let range = request.headers["Range"]?.split(separator: "=").last ?? "0-"
        guard let first = range.split(separator: "-", omittingEmptySubsequences: false).first, !first.isEmpty else {
            return nil
        }
        start = request.headers["Range"] == nil ? nil : UInt64(first)
        self.request = request
        self.service = service
    }

    func run(on connection: LoopbackConnection, keepsAlive: Bool) async throws -> Bool {
        try await TemporaryFile().removedAfter { file in
            let handle = try FileHandle(forUpdating: file)
            defer { handle.closeFile() }
            // The service appends a partial response to the file. The bytes before it are a hole, which uses no disk space.
            try handle.truncate(atOffset: start ?? 0)
            do {
                let response = try await service.download(request, to: file, onProgress: nil)
                let isInFile = response.status == 200 || response.status == 206
                let offset = response.status == 206 ? start ?? 0 : 0
                let length = isInFile ? try handle.seekToEnd() - offset : UInt64(response.body.count)
                var fields = response.headers
                fields["Content-Length"] = fields["Content-Length"] ?? String(length)
                let lines = ResponseHead(status: response.status, headers: fields, keepsAlive: keepsAlive)
                try await connection.write(lines.data + response.body)
                if isInFile { try await send(handle, from: offset, on: connection) }
                return keepsAlive
            } catch let error as TransportError {
                if let head = error.responseHead { try await sendBeginning(handle, of: head, on: connection) }
                throw error
            }
        }
    }

    /// Sends the available part of an interrupted response, with its original head, which announces more bytes than follow.
    private func sendBeginning(_ handle: FileHandle, of head: TransportResponse, on connection: LoopbackConnection)
        async throws
    {
        guard head.status == 200 || head.status == 206 else { return }
        try await connection.write(ResponseHead(status: head.status, headers: head.headers).data)
        try await send(handle, from: head.status == 206 ? start ?? 0 : 0, on: connection)
    }

    private func send(_ handle: FileHandle, from offset: UInt64, on connection: LoopbackConnection) async throws {
        try handle.seek(toOffset: offset)
        while let piece = try handle.read(upToCount: Self.pieceSize), !piece.isEmpty {
            try await connection.write(piece)
        }
    }
}
