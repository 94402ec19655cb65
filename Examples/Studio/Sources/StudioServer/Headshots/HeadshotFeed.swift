import Foundation
import HeadshotKit
import Logging
import ServiceLifecycle

/// The latest states of the headshots that clients of this process watch.
///
/// A worker of this process publishes a state immediately. States from other processes are read from the database, with one query for
/// all clients. A slow client receives the latest state and not every state, so the memory for the client is bounded.
actor HeadshotFeed: Service {
    /// The latest state of a headshot, with its event. All clients share the event, which is encoded once.
    struct Update: Sendable {
        let id: UUID
        let revision: Int
        let isFinal: Bool
        let event: String
    }

    private struct Watcher {
        let ids: [UUID]
        let signal: AsyncStream<Void>.Continuation
    }

    private let table: HeadshotTable
    private let clock: any Clock<Duration>
    private let logger: Logger
    private var watchers: [UUID: Watcher] = [:]
    /// The watchers of each headshot.
    private var watchersByHeadshot: [UUID: Set<UUID>] = [:]
    private var latest: [UUID: Update] = [:]

    private static let pollInterval: Duration = .milliseconds(500)
    /// The number of polls after which a watcher without a change is woken.
    private static let pollsPerHeartbeat = 30

    init(_ table: HeadshotTable, clock: any Clock<Duration>, logger: Logger) {
        self.table = table
        self.clock = clock
        self.logger = logger
    }

    /// The number of clients.
    var watcherCount: Int { watchers.count }

    // MARK: Watching

    /// Starts watching headshots, and reads their states. The sequence has an element after a change and every 15 s. It ends with
    /// ``end(_:)``.
    func watch(_ ids: [UUID]) async throws -> (id: UUID, signals: AsyncStream<Void>) {
        let id = UUID()
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        watchers[id] = Watcher(ids: ids, signal: signal)
        for headshot in ids { watchersByHeadshot[headshot, default: []].insert(id) }
        do {
            // A state that was read earlier may be outdated.
            for headshot in try await table.headshots(ids) { publish(headshot) }
        } catch {
            end(id)
            throw error
        }
        return (id, signals)
    }

    /// Stops watching headshots.
    func end(_ watcher: UUID) {
        guard let ended = watchers.removeValue(forKey: watcher) else { return }
        ended.signal.finish()
        for id in ended.ids {
            watchersByHeadshot[id]?.remove(watcher)
            guard watchersByHeadshot[id]?.isEmpty == true else { continue }
            watchersByHeadshot[id] = nil
            latest[id] = nil
        }
    }

    /// Returns the latest states of headshots that are being watched. A headshot that was removed is absent.
    func updates(of ids: [UUID]) -> [Update] { ids.compactMap { latest[$0] } }

    /// Passes the state of a headshot to its watchers, unless they have a newer one.
    func publish(_ headshot: Headshot) {
        guard let interested = watchersByHeadshot[headshot.id] else { return }
        if let known = latest[headshot.id], known.revision >= headshot.revision { return }
        do {
            let json = String(decoding: try jsonData(headshot), as: UTF8.self)
            latest[headshot.id] = Update(
                id: headshot.id,
                revision: headshot.revision,
                isFinal: headshot.state.isFinal,
                event: "event: update\nid: \(headshot.revision)\ndata: \(json)\n\n"
            )
        } catch {
            logger.error("The state of a headshot cannot be encoded.", metadata: ["error": "\(error)"])
            return
        }
        for id in interested { watchers[id]?.signal.yield() }
    }

    /// Forgets a headshot that was removed.
    func remove(_ id: UUID) {
        guard latest.removeValue(forKey: id) != nil else { return }
        for id in watchersByHeadshot[id] ?? [] { watchers[id]?.signal.yield() }
    }

    // MARK: Polling

    /// Reads the states of the watched headshots from the database until the studio shuts down.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.poll() }
    }

    private func poll() async {
        var count = 0
        while !Task.isCancelled {
            do { try await clock.sleep(for: Self.pollInterval) } catch { return }
            await refresh()
            count += 1
            guard count.isMultiple(of: Self.pollsPerHeartbeat) else { continue }
            for watcher in watchers.values { watcher.signal.yield() }
        }
    }

    /// Reads the states of the watched headshots from the database once.
    func refresh() async {
        let ids = latest.values.filter { !$0.isFinal }.map(\.id)
        do {
            let headshots = try await table.headshots(ids)
            for headshot in headshots { publish(headshot) }
            for id in Set(ids).subtracting(headshots.map(\.id)) { remove(id) }
        } catch {
            // The next poll reads the states again.
            logger.warning("The states of headshots cannot be read.", metadata: ["error": "\(error)"])
        }
    }
}
