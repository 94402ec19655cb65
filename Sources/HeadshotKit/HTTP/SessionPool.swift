import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The sessions of a transport: a common one, and on Linux others for requests with a body.
///
/// Of those, each serves one request to a host at a time, so that no connection carries two. libcurl, underneath, would put them on one
/// HTTP/2 connection, and then gives up requests that the server has taken; `docs/transport.md` tells how that comes.
final class SessionPool: Sendable {
    /// A session, until it is let go of.
    final class Lease: Sendable {
        let session: URLSession
        let delegate: SessionDelegate
        let events: DelegateQueue
        let control: TaskControl
        /// Says that a request of the session got no response in time. Later requests get another session.
        let reportSilence: @Sendable () -> Void
        private let end: (@Sendable () -> Void)?

        fileprivate init(_ rotation: Rotation, of pool: SessionPool, end: (@Sendable () -> Void)? = nil) {
            let (member, turn) = rotation.current
            session = member.session
            delegate = member.delegate
            events = pool.events
            control = pool.control
            reportSilence = { rotation.advance(from: turn) }
            self.end = end
        }

        deinit { end?() }
    }

    fileprivate struct Member {
        let session: URLSession
        let delegate: SessionDelegate
    }

    /// Sessions that take turns. One serves until a request of it gets no response: its connections may be dead without either side
    /// knowing, and libcurl would send the next request over them. By the time of its next turn, they are closed.
    fileprivate final class Rotation: Sendable {
        private static let count = 4

        private let makeMember: @Sendable () -> Member
        private let state: Locked<(members: [Member], turn: Int)>

        init(_ makeMember: @escaping @Sendable () -> Member) {
            self.makeMember = makeMember
            state = Locked((members: [makeMember()], turn: 0))
        }

        var current: (Member, turn: Int) { state.withLock { ($0.members[$0.turn % Self.count], $0.turn) } }

        /// Ends a turn, unless another request has ended it before.
        func advance(from turn: Int) {
            state.withLock { state in
                guard state.turn == turn else { return }
                state.turn += 1
                if state.members.count < Self.count { state.members.append(makeMember()) }
            }
        }
    }

    /// The requests with a body that are under way to one host, or wait to be.
    private struct Host {
        let limiter: Limiter
        var requests = 0
        /// The indices of the rotations that serve one.
        var busy: Set<Int> = []
    }

    private struct State {
        var rotations: [Rotation] = []
        var hosts: [String: Host] = [:]
    }

    /// A connection over TLS costs some 1 MB and 20 ms of processor time: each reads the system's certificates anew. Twice as many serve a
    /// thousand jobs at once a seventh faster where each response is 50 ms late, and hold 35 MB more.
    private static let maximumCount = 16

    private let common: Rotation
    private let makeRotation: @Sendable () -> Rotation
    private let configuration: URLSessionConfiguration
    /// One for all sessions, and one event at a time: the order of an exchange's events rests on it.
    private let events: DelegateQueue
    private let control: TaskControl
    private let state = Locked(State())

    init(_ configuration: URLSessionConfiguration) {
        self.configuration = configuration
        let (events, control) = (DelegateQueue(), TaskControl())
        makeRotation = {
            Rotation {
                let delegate = SessionDelegate()
                let session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: events)
                control.add(session)
                return Member(session: session, delegate: delegate)
            }
        }
        (self.events, self.control) = (events, control)
        common = makeRotation()
    }

    /// Waits for a session that may serve a request.
    ///
    /// - Throws: `CancellationError`.
    func lease(for request: TransportRequest) async throws -> Lease {
        #if canImport(FoundationNetworking)
        if request.body != .none { return try await leaseAlone(for: request.url) }
        #endif
        return Lease(common, of: self)
    }

    private func leaseAlone(for url: URL) async throws -> Lease {
        let host = "\(url.scheme ?? "")://\(url.host ?? ""):\(url.port ?? 0)"
        let limiter = state.withLock { state in
            var entry = state.hosts[host] ?? Host(limiter: Limiter(places: limit))
            entry.requests += 1
            state.hosts[host] = entry
            return entry.limiter
        }
        do {
            let place = try await limiter.enter()
            let (index, rotation) = state.withLock { take(for: host, &$0) }
            return Lease(rotation, of: self) { [self] in
                leave(host, index)
                place.release()
            }
        } catch {
            leave(host, nil)
            throw error
        }
    }

    private var limit: Int { min(Self.maximumCount, configuration.httpMaximumConnectionsPerHost) }

    /// The first that is free: its connection was used a moment ago, and is alive.
    private func take(for host: String, _ state: inout State) -> (Int, Rotation) {
        let busy = state.hosts[host]?.busy ?? []
        let index = (0...busy.count).first { !busy.contains($0) } ?? busy.count
        state.hosts[host]?.busy.insert(index)
        while state.rotations.count <= index { state.rotations.append(makeRotation()) }
        return (index, state.rotations[index])
    }

    private func leave(_ host: String, _ index: Int?) {
        state.withLock { state in
            if let index { state.hosts[host]?.busy.remove(index) }
            state.hosts[host]?.requests -= 1
            // A server meets many hosts in its life.
            if state.hosts[host]?.requests == 0 { state.hosts[host] = nil }
        }
    }
}
