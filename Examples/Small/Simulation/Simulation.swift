public import Foundation
public import HeadshotKit
public import HeadshotKitTesting

/// The simulated services in place of the real ones, so that an example needs no key, no network, and no time.
///
/// In your program, write `try MagicHour()` in place of `try simulation.magicHour()`.
public struct Simulation: Sendable {
    /// The services, with their ledger and the faults to inject.
    public let service: SimulatedService
    /// A directory that is new in each run.
    public let directory: URL
    // The clock skips the waits for a job. Deadlines are longer.
    private let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))

    /// Creates services without jobs.
    public init() {
        service = SimulatedService(clock: clock)
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("headshots-\(UUID().uuidString)")
    }

    /// Returns a client of the simulated Magic Hour.
    ///
    /// - Parameters:
    ///   - transport: The transport of the client. Defaults to the simulated services.
    ///   - store: The job store of the client. Defaults to none.
    public func magicHour(through transport: (any Transport)? = nil, store: (any JobStore)? = nil) throws -> MagicHour {
        let configuration = ClientConfiguration(transport: transport ?? service, clock: clock, jobStore: store)
        return try MagicHour(apiKey: service.configuration.magicHourKey, configuration: configuration)
    }
}
