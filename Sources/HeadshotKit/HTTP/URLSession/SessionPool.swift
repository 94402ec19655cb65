import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The sessions of a transport. One session is common. On Linux, other sessions serve requests with a body.
///
/// Each of the other sessions serves one request to a host at a time, so that no connection carries two. libcurl would otherwise
/// put both on one HTTP/2 connection and then abandon requests that the server accepted. `docs/transport.md` explains the cause.
final class SessionPool: Sendable {
    /// A session that a request uses until the lease is deinitialized.
    final class Lease: Sendable {
        let session: URLSession
        let delegate: SessionDelegate
        let events: DelegateQueue
        let control: TaskControl
        /// A closure that reports that a request of the session got no response in time. Later requests get another session.
        let reportSilence: @Sendable () -> Void
        private let end: (@Sendable () -> Void)?

        fileprivate init(_ rotation: Rotation, of pool: SessionPool, end: (@Sendable () -> Void)? = nil) {
            let (member, position) = rotation.current
            session = member.session
            delegate = member.delegate
            events = pool.events
            control = pool.control
            reportSilence = { rotation.advance(from: position) }
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

    /// A group of sessions that are used in rotation. A session is used until one of its requests gets no response. Its
    /// connections may then be dead without either side knowing, and libcurl would send the next request over them. They are
    /// closed by the time the session is used again.
    fileprivate final class Rotation: Sendable {
        private static let count = 4

        private let makeMember: @Sendable () -> Member
        private let state: Locked<(members: [Member], position: Int)>

        init(_ makeMember: @escaping @Sendable () -> Member) {
            self.makeMember = makeMember
            state = Locked((members: [makeMember()], position: 0))
        }

        var current: (Member, position: Int) { state.withLock { ($0.members[$0.position % Self.count], $0.position) } }

        /// Switches to the next session, unless another request has already done so.
        func advance(from position: Int) {
            state.withLock { state in
                guard state.position == position else { return }
                state.position += 1
                if state.members.count < Self.count { state.members.append(makeMember()) }
            }
        }
    }

    /// A queue in which requests wait. A host has one queue for requests with a body and one for requests without.
    private struct Queue: Hashable {
        let host: String
        let hasBody: Bool

        init(_ request: TransportRequest) {
            host = "\(request.url.scheme ?? "")://\(request.url.host ?? ""):\(request.url.port ?? 0)"
            hasBody = request.body != .none
        }
    }

    /// The requests of a queue that are in flight or waiting.
    private struct Users {
        let semaphore: AsyncSemaphore
        var requests = 0
        /// The indices of the rotations that serve a request. Only requests with a body use them.
        var busy: Set<Int> = []
    }

    private struct State {
        var rotations: [Rotation] = []
        var users: [Queue: Users] = [:]
    }

    /// The maximum number of concurrent requests with a body to a host. A TLS connection costs about 1 MB and 20 ms of processor
    /// time, because each one reads the system's certificates again. With 16, a thousand concurrent jobs are not faster and use
    /// 10 MB more.
    private static let maximumCount = 12

    private let common: Rotation
    private let makeRotation: @Sendable () -> Rotation
    private let configuration: URLSessionConfiguration
    /// The queue for the events of all sessions. The order of an exchange's events depends on this queue running one event at a
    /// time.
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

    /// Returns a lease of a session for a request, after waiting for a permit.
    ///
    /// - Throws: `CancellationError` if the caller is canceled.
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
        let semaphore = state.withLock { state in
            var users = state.users[queue] ?? Users(semaphore: AsyncSemaphore(permits: limit))
            users.requests += 1
            state.users[queue] = users
            return users.semaphore
        }
        do {
            let permit = try await semaphore.acquire()
            let (index, rotation) = queue.hasBody ? state.withLock { take(for: queue, &$0) } : (nil, common)
            return Lease(rotation, of: self) { [self] in
                leave(queue, index)
                permit.release()
            }
        } catch {
            leave(queue, nil)
            throw error
        }
    }

    private var maximumWithoutBody: Int { max(1, configuration.httpMaximumConnectionsPerHost) }
    private var maximumWithBody: Int { min(Self.maximumCount, maximumWithoutBody) }

    /// Claims the first free rotation, because its connection was used recently and is still open.
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
            // A long-running process may contact many hosts.
            if state.users[queue]?.requests == 0 { state.users[queue] = nil }
        }
    }
}
