import FaultyServer
import Foundation
import HeadshotKit
import SimulatorServer

/// The servers and transports that all trials of the fault table share.
struct FaultFixtures: Sendable {
    /// Secrets that must not be revealed.
    enum Secret {
        static let magicHourKey = "mhk_live_PLANTED0magichour0123456789"
        static let modelsLabKey = "PLANTED0modelslab0123456789abcdef"
        static let signature = "PLANTED0signature"

        /// Returns an error text of a server that repeats secrets.
        static func echo(isModelsLab: Bool) -> String {
            (isModelsLab ? modelsLabKey : magicHourKey)
                + " https://storage.example/me.png?expires=1&signature=\(signature)"
                + " https:\\/\\/storage.example\\/me.png?expires=1&signature=\(signature)"
        }
    }

    /// A reserved port on which no server listens. A free port could be taken by another trial.
    let refusing: URL
    let refusingTLS: URL
    /// An https URL of a port that does not support TLS.
    let plain: URL
    /// The target of redirects.
    let elsewhere: FaultyServer
    /// A transport with short timeouts.
    let acceleratedTransport: URLSessionTransport

    private let plainListener: LoopbackListener

    static func open() async throws -> FaultFixtures {
        let listener = try await LoopbackListener.start(port: 0) { connection in
            // Web servers respond with 400 to bytes that are not HTTP.
            guard try await connection.read() != nil else { return }
            try await connection.write(ResponseHead(status: 400, headers: ["Content-Length": "0"]).data)
            // A close with unread bytes would reset the connection, and the client might never see the response.
            while try await connection.read() != nil {}
        }
        guard let plain = URL(string: "https://127.0.0.1:\(listener.port)"),
            let refusing = URL(string: "http://127.0.0.1:1"), let refusingTLS = URL(string: "https://127.0.0.1:1")
        else { throw URLError(.badURL) }
        return FaultFixtures(
            refusing: refusing,
            refusingTLS: refusingTLS,
            plain: plain,
            elsewhere: try await FaultyServer.start(),
            acceleratedTransport: URLSessionTransport(clock: AcceleratedClock()),
            plainListener: listener
        )
    }

    func close() async {
        await plainListener.stop()
        await elsewhere.stop()
    }
}
