import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy
import XCTest

/// Responses that attempt to exhaust the memory of the client.
class HostileResponseTests: NetworkTestCase {
    override func setUp() async throws {
        try await super.setUp()
        try XCTSkipUnless(PeakMemory.isKnown, "Only Linux reports the peak memory of a process.")
    }

    func testEndlessResponseUsesBoundedMemory() async throws {
        try await assertRejected(.endless(every: .zero))
    }

    func testCompressedResponseUsesBoundedMemory() async throws {
        try await assertRejected(
            .response(200, headers: ["Content-Encoding": "gzip"], body: Self.gzip(ofMegabytes: 512))
        )
    }

    func testFastHostIsThrottledToReceiver() async throws {
        try await withFaultyServer { server in
            await server.on("/fast", .endless(every: .zero))
            let route = try await network.open(to: server.baseURL)
            try await withTemporaryDirectory { directory in
                try PeakMemory.reset()
                let before = try PeakMemory.bytes()
                let download = Task {
                    try await transportUnderTest.download(
                        TransportRequest(url: route.url(server.url("fast"))),
                        to: directory.appendingPathComponent("fast.part"),
                        onProgress: { _ in usleep(1_000) }
                    )
                }
                try await Task.sleep(for: .seconds(2))
                download.cancel()
                _ = try await failure(CancellationError.self) { try await download.value }
                XCTAssertLessThan(try PeakMemory.bytes() - before, 100 << 20)
            }
            await route.close()
        }
    }

    /// Fails unless the response is rejected, memory stays bounded and the transport still works.
    private func assertRejected(_ response: FaultResponse) async throws {
        try await withFaultyServer { server in
            await server.on("/hostile", response)
            await server.on("/small", .json("{}"))
            let route = try await network.open(to: server.baseURL)
            let transport = transportUnderTest
            _ = try await transport.send(TransportRequest(url: route.url(server.url("small"))))
            try PeakMemory.reset()
            let before = try PeakMemory.bytes()
            for body in [TransportRequest.Body.none, .data(Data("{}".utf8))] {
                let request = TransportRequest(
                    method: body == .none ? "GET" : "POST",
                    url: route.url(server.url("hostile")),
                    body: body,
                    maximumResponseBytes: 1 << 20
                )
                let error = try await failure(TransportError.self) { try await transport.send(request) }
                XCTAssertEqual(error.kind, .responseTooLarge)
                // The session must still serve other requests.
                let after = try await transport.send(TransportRequest(url: route.url(server.url("small"))))
                XCTAssertEqual(after.status, 200)
            }
            XCTAssertLessThan(try PeakMemory.bytes() - before, 100 << 20)
            await route.close()
        }
    }

    /// Returns a gzip file of zeros.
    private static func gzip(ofMegabytes count: Int) -> Data {
        // A deflate block of 1 MiB of zeros, followed by an empty block.
        let code: [UInt8] = [0xEC, 0xC1, 0x31, 0x01, 0, 0, 0, 0xC2, 0xA0, 0xF5, 0x4F, 0x6D, 0x08, 0x5F, 0xA0]
        let block = Data(code) + Data(count: 1_016) + Data([0x3E, 0x03, 0, 0, 0xFF, 0xFF])
        return (0..<count).reduce(into: Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3])) { file, _ in file += block }
    }
}

final class HostileResponseOverTLSTests: HostileResponseTests {
    override var network: Network { .tls }
    func testRequestsGoOverTLS() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class HostileResponseOverHTTP2Tests: HostileResponseTests {
    override var network: Network { .http2 }
    func testRequestsGoOverHTTP2() async throws { try await assertRequestsGoOverTheNetwork() }
}

/// The peak memory of this process on Linux.
private enum PeakMemory {
    static var isKnown: Bool { FileManager.default.fileExists(atPath: "/proc/self/clear_refs") }

    /// Resets the peak to the current memory.
    static func reset() throws { try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs")) }

    static func bytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try XCTUnwrap(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try XCTUnwrap(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 1_024
    }
}
