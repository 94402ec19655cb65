import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The sessions of a transport, which are one shared session and, on Linux, several exclusive ones. The exclusive sessions serve
/// requests with a body, and all requests to a host that uses HTTP/1.1 over TLS.
///
/// An exclusive session serves one request with a body to a host at a time. libcurl would otherwise put two such requests on one
/// HTTP/2 connection and then abandon requests that the server accepted. Other exclusive sessions serve one request without a body to a
/// host with HTTP/1.1 at a time. In the shared session, libcurl closes connections whenever fewer requests are in flight, and a
/// new TLS connection is expensive. `docs/transport.md` explains both causes.
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
        /// Whether each request has a session to itself.
        let isExclusive: Bool
    }

    /// The requests of a queue that are in flight or waiting.
    private struct Users {
        let semaphore: AsyncSemaphore
        var requests = 0
        /// The indices of the rotations that serve a request. Only an exclusive queue uses them.
        var busy: Set<Int> = []
    }

    private struct State {
        var rotations: [Rotation] = []
        var users: [Queue: Users] = [:]
        /// The hosts that speak HTTP/1.1 over TLS.
        var http1Hosts: Set<String> = []
    }

    /// The maximum number of concurrent requests of an exclusive queue. A TLS connection costs about 1 MB and 20 ms of processor
    /// time, because each one reads the system's certificates again. With 16, a thousand concurrent jobs are not faster and use
    /// 10 MB more.
    private static let maximumExclusive = 12
    /// The maximum number of requests with a body that start while the process has more requests than it can handle. Such requests
    /// create jobs and thereby more polls. With fewer of them, the end of an existing job is found in time.
    private static let maximumBodiesIfBehind = 2
    /// The maximum number of hosts to remember. A long-running process may contact many.
    private static let maximumHosts = 1_000

    private let shared: Rotation
    private let makeRotation: @Sendable () -> Rotation
    private let configuration: URLSessionConfiguration
    /// The queue for the events of all sessions. The order of an exchange's events depends on this queue running one event at a
    /// time.
    private let events: DelegateQueue
    private let control: TaskControl
    private let bodiesIfBehind = AsyncSemaphore(permits: maximumBodiesIfBehind)
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
        shared = makeRotation()
    }

    /// Returns a lease of a session for a request, after waiting for a permit.
    ///
    /// - Throws: `CancellationError` if the caller is canceled.
    func lease(for request: TransportRequest) async throws -> Lease {
        #if canImport(FoundationNetworking)
        let (host, hasBody) = (Self.host(of: request), request.body != .none)
        let isExclusive = hasBody || state.withLock { $0.http1Hosts.contains(host) }
        return try await lease(from: Queue(host: host, hasBody: hasBody, isExclusive: isExclusive))
        #else
        return Lease(shared, of: self)
        #endif
    }

    /// Remembers the host of a request if its response shows that the host speaks HTTP/1.1 over TLS. `HTTPURLResponse` does not
    /// contain the version. HTTP/2 forbids these headers.
    func learn(from response: TransportResponse, to request: TransportRequest) {
        guard request.url.scheme == "https",
            ["Connection", "Keep-Alive", "Transfer-Encoding"].contains(where: { response.headers[$0] != nil })
        else { return }
        state.withLock { state in
            if state.http1Hosts.count >= Self.maximumHosts { state.http1Hosts = [] }
            state.http1Hosts.insert(Self.host(of: request))
        }
    }

    private static func host(of request: TransportRequest) -> String {
        "\(request.url.scheme ?? "")://\(request.url.host ?? ""):\(request.url.port ?? 0)"
    }

    private func lease(from queue: Queue) async throws -> Lease {
        let maximum = max(1, configuration.httpMaximumConnectionsPerHost)
        let limit = queue.isExclusive ? min(Self.maximumExclusive, maximum) : maximum
        let semaphore = state.withLock { state in
            var users = state.users[queue] ?? Users(semaphore: AsyncSemaphore(permits: limit))
            users.requests += 1
            state.users[queue] = users
            return users.semaphore
        }
        do {
            let permit = try await semaphore.acquire()
            let turn = queue.hasBody && control.isBehind ? try await takeTurn() : nil
            let (index, rotation) = queue.isExclusive ? state.withLock { take(for: queue, &$0) } : (nil, shared)
            return Lease(rotation, of: self) { [self] in
                leave(queue, index)
                turn?.release()
                permit.release()
            }
        } catch {
            leave(queue, nil)
            throw error
        }
    }

    /// Waits for one of the turns of requests with a body while the process is behind. Returns `nil` after half a second, because a
    /// long upload may have the turn.
    private func takeTurn() async throws -> AsyncSemaphore.Permit? {
        let turn = try await result(of: bodiesIfBehind.acquire) { try await Task.sleep(for: .milliseconds(500)) }
        try Task.checkCancellation()
        return turn
    }

    /// Claims the first free rotation, because its connection was used recently and is still open. Requests with a body use the even
    /// indices and others the odd ones, so that a create never shares a connection.
    private func take(for queue: Queue, _ state: inout State) -> (Int, Rotation) {
        let busy = state.users[queue]?.busy ?? []
        let parity = queue.hasBody ? 0 : 1
        let indices = (0...busy.count).map { 2 * $0 + parity }
        let index = indices.first { !busy.contains($0) } ?? 2 * busy.count + parity
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
