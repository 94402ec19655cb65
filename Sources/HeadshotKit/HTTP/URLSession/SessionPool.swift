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
            control.requestBegins()
        }

        deinit {
            control.requestEnds()
            end?()
        }
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

    /// Where requests wait: those with a body to one host, or those without.
    private struct Queue: Hashable {
        let host: String
        let hasBody: Bool

        init(_ request: TransportRequest) {
            host = "\(request.url.scheme ?? "")://\(request.url.host ?? ""):\(request.url.port ?? 0)"
            hasBody = request.body != .none
        }
    }

    /// The requests of a queue that are under way, or wait to be.
    private struct Users {
        let limiter: AsyncSemaphore
        var requests = 0
        /// The indices of the rotations that serve one. Of requests with a body alone.
        var busy: Set<Int> = []
    }

    private struct State {
        var rotations: [Rotation] = []
        var users: [Queue: Users] = [:]
    }

    /// A connection over TLS costs some 1 MB and 20 ms of processor time: each reads the system's certificates anew. With 16, a thousand
    /// jobs at once are not faster, and 10 MB more.
    private static let maximumCount = 12

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
        return try await lease(
            from: Queue(request),
            limit: request.body == .none ? maximumWithoutBody : maximumWithBody
        )
        #else
        return Lease(common, of: self)
        #endif
    }

    private func lease(from queue: Queue, limit: Int) async throws -> Lease {
        let limiter = state.withLock { state in
            var users = state.users[queue] ?? Users(limiter: AsyncSemaphore(places: limit))
            users.requests += 1
            state.users[queue] = users
            return users.limiter
        }
        do {
            let place = try await limiter.enter()
            let (index, rotation) = queue.hasBody ? state.withLock { take(for: queue, &$0) } : (nil, common)
            return Lease(rotation, of: self) { [self] in
                leave(queue, index)
                place.release()
            }
        } catch {
            leave(queue, nil)
            throw error
        }
    }

    private var maximumWithoutBody: Int { max(1, configuration.httpMaximumConnectionsPerHost) }
    private var maximumWithBody: Int { min(Self.maximumCount, maximumWithoutBody) }

    /// The first that is free: its connection was used a moment ago, and is alive.
    private func take(for queue: Queue, _ state: inout State) -> (Int, Rotation) {
        let busy = state.users[queue]?.busy ?? []
        let index = (0...busy.count).first { !busy.contains($0) } ?? busy.count
        state.users[queue]?.busy.insert(index)
        while state.rotations.count <= index { state.rotations.append(makeRotation()) }
        return (index, state.rotations[index])
    }

    private func leave(_ queue: Queue, _ index: Int?) {
        state.withLock { state in
            if let index { state.users[queue]?.busy.remove(index) }
            state.users[queue]?.requests -= 1
            // A server meets many hosts in its life.
            if state.users[queue]?.requests == 0 { state.users[queue] = nil }
        }
    }
}
