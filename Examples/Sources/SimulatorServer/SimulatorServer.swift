import FlyingSocks
public import Foundation
public import HeadshotKitTesting

/// An HTTP server for a ``SimulatedService``, for clients with their own network stack: other processes, `curl`, or an SDK.
///
/// ```swift
/// let server = try await SimulatorServer.start(SimulatedService())
/// let magicHour = try MagicHour(apiKey: server.service.configuration.magicHourKey, baseURL: server.magicHourURL)
/// ```
/// The server listens on 127.0.0.1, which other machines cannot reach. It keeps bodies larger than 1 MiB in a temporary
/// file while they are needed, and sends downloads from one. If the service throws a `TransportError`, the server closes
/// the connection without a response, because a network client cannot distinguish a refused connection from a lost one any
/// earlier.
public final class SimulatorServer: Sendable {
    /// The simulated service that responds to requests.
    public let service: SimulatedService
    /// The server's URL, without a path.
    public let baseURL: URL
    /// The base URL for a client of Magic Hour.
    public var magicHourURL: URL { baseURL }
    /// The base URL for a client of ModelsLab.
    public let modelsLabURL: URL

    private let listener: LoopbackListener

    /// Starts a server that runs until ``stop()`` is called.
    ///
    /// - Parameters:
    ///   - service: The service that responds to requests. Its ``SimulatedService/publicURL`` is set to the server's URL.
    ///   - port: The port to listen on, or 0 for any free port. Defaults to 0.
    /// - Throws: ``SimulatorServerError`` if the server cannot listen on the port.
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
        let text = "http://127.0.0.1:\(listener.port)"
        guard let baseURL = URL(string: text), let modelsLabURL = URL(string: text + "/api/v6") else {
            throw SimulatorServerError("\(text) is not a URL.")
        }
        self.service = service
        self.baseURL = baseURL
        self.modelsLabURL = modelsLabURL
        self.listener = listener
        service.publicURL = baseURL
    }

    /// Closes all connections and the port.
    public func stop() async {
        await listener.stop()
    }
}

/// The error thrown if a server cannot be started.
public struct SimulatorServerError: Error, LocalizedError, CustomStringConvertible {
    /// The description of the failure and its remedy.
    public let description: String
    /// The same text as ``description``.
    public var errorDescription: String? { description }

    init(_ description: String) { self.description = description }
}
