import FlyingSocks
public import Foundation
public import HeadshotKitTesting

/// A ``SimulatedService`` behind a real HTTP server, for clients that bring their own network: other processes, `curl`, an SDK.
///
/// ```swift
/// let server = try await SimulatorServer.start(SimulatedService())
/// let magicHour = try MagicHour(apiKey: server.service.configuration.magicHourKey, baseURL: server.magicHourURL)
/// ```
/// It listens on 127.0.0.1, which no other machine reaches. Bodies of more than a megabyte are kept in a temporary file while
/// they are needed, and downloads are sent from one. Where the service throws a `TransportError`, the connection is closed
/// without a response: over a network, a refused connection cannot be told from a lost one any earlier.
public final class SimulatorServer: Sendable {
    /// What answers.
    public let service: SimulatedService
    /// The server's address, without a path.
    public let baseURL: URL
    /// The base URL for a client of Magic Hour.
    public var magicHourURL: URL { baseURL }
    /// The base URL for a client of ModelsLab.
    public let modelsLabURL: URL

    private let listener: LoopbackListener

    /// Starts a server, which runs until ``stop()``.
    ///
    /// - Parameters:
    ///   - service: What answers. Its ``SimulatedService/publicURL`` becomes the server's address.
    ///   - port: Where to listen; 0 takes a free port.
    /// - Throws: ``SimulatorServerError`` when nothing can listen there.
    public static func start(_ service: SimulatedService, port: UInt16 = 0) async throws -> SimulatorServer {
        do {
            let listener = try await LoopbackListener.start(port: port) { connection in
                try await SimulatorConversation(connection: connection, service: service).run()
            }
            return try SimulatorServer(service, listener)
        } catch SocketError.failed(_, EADDRINUSE, _) {
            throw SimulatorServerError("Port \(port) is in use on this machine. Choose another one, or 0 for any.")
        } catch let error as SocketError {
            throw SimulatorServerError("Cannot listen on port \(port): \(error.localizedDescription)")
        }
    }

    private init(_ service: SimulatedService, _ listener: LoopbackListener) throws {
        let address = "http://127.0.0.1:\(listener.port)"
        guard let baseURL = URL(string: address), let modelsLabURL = URL(string: address + "/api/v6") else {
            throw SimulatorServerError("\(address) is not an address.")
        }
        self.service = service
        self.baseURL = baseURL
        self.modelsLabURL = modelsLabURL
        self.listener = listener
        service.publicURL = baseURL
    }

    /// Closes every connection and the port.
    public func stop() async {
        await listener.stop()
    }
}

/// Why a server could not be started.
public struct SimulatorServerError: Error, LocalizedError, CustomStringConvertible {
    /// What happened, and what to do.
    public let description: String
    /// What happened, and what to do.
    public var errorDescription: String? { description }

    init(_ description: String) { self.description = description }
}
