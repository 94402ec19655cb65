import FaultyServer
import Foundation
import HeadshotKit
import StudioTransport
import TLSProxy
import XCTest

/// Requests that a server refuses over HTTP/2 before it processes them.
final class RefusedRequestTests: XCTestCase {
    func testRefusedCreateIsKnownNotToBeReceived() async throws {
        try XCTSkipUnless(Network.http2.isAvailable, Network.advice)
        let faults: [(name: String, fault: StreamFault, mayHaveBeenReceived: Bool)] = [
            ("REFUSED_STREAM", .resetBeforeProcessing(7), false),
            ("RST_STREAM with CANCEL", .resetBeforeProcessing(8), true),
            ("RST_STREAM after processing", .resetAfterProcessing(2), true),
            // The client does not report that the GOAWAY excludes the request.
            ("GOAWAY without the stream", .goAwayWithoutStream, true),
            ("close after processing", .closeAfterProcessing, true),
        ]
        for (name, fault, mayHaveBeenReceived) in faults {
            try await withFaultyServer { server in
                await server.on("/account", .json("{}"))
                await server.on("/create", .json("{}"))
                let route = try await Network.http2.open(to: server.baseURL) { $0.target == "/create" ? fault : nil }
                _ = try await transportUnderTest.send(TransportRequest(url: route.url(server.url("account"))))
                let error = try await failure(TransportError.self) {
                    try await transportUnderTest.send(
                        TransportRequest(
                            method: "POST",
                            url: route.url(server.url("create")),
                            body: .data(Data(#"{"prompt":"navy suit"}"#.utf8))
                        )
                    )
                }
                XCTAssertEqual(error.kind, .connectionLost, name)
                XCTAssertEqual(error.mayHaveBeenReceived, mayHaveBeenReceived, "\(name): \(error)")
                await route.close()
            }
        }
    }
}
