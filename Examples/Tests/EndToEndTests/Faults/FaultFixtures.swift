import FaultyServer
import Foundation
import HeadshotKit
import SimulatorServer

/// What all trials of the fault table share.
struct FaultSurroundings: Sendable {
    /// Secrets that have to stay where they are.
    enum Secret {
        static let magicHourKey = "mhk_live_PLANTED0magichour0123456789"
        static let modelsLabKey = "PLANTED0modelslab0123456789abcdef"
        static let signature = "PLANTED0signature"

        /// What a careless server writes into its errors.
        static func echo(isModelsLab: Bool) -> String {
            (isModelsLab ? modelsLabKey : magicHourKey)
                + " https://storage.example/me.png?expires=1&signature=\(signature)"
                + " https:\\/\\/storage.example\\/me.png?expires=1&signature=\(signature)"
        }
    }

    /// A port on which nothing listens. One that was free a moment ago would be given to another trial.
    let refusing: URL
    let refusingTLS: URL
    /// A port that is asked for TLS and does not speak it.
    let plain: URL
    /// Where redirects lead.
    let elsewhere: FaultyServer
    /// A transport whose timeouts come soon.
    let hurried: URLSessionTransport

    private let plainListener: LoopbackListener

    static func open() async throws -> FaultSurroundings {
        let listener = try await LoopbackListener.start(port: 0) { connection in
            // As web servers answer what is no HTTP.
            guard try await connection.read() != nil else { return }
            try await connection.write(ResponseHead(status: 400, headers: ["Content-Length": "0"]).data)
        }
        guard let plain = URL(string: "https://127.0.0.1:\(listener.port)"),
            let refusing = URL(string: "http://127.0.0.1:1"), let refusingTLS = URL(string: "https://127.0.0.1:1")
        else { throw URLError(.badURL) }
        return FaultSurroundings(
            refusing: refusing,
            refusingTLS: refusingTLS,
            plain: plain,
            elsewhere: try await FaultyServer.start(),
            hurried: URLSessionTransport(clock: HurriedClock()),
            plainListener: listener
        )
    }

    func close() async {
        await plainListener.stop()
        await elsewhere.stop()
    }
}
