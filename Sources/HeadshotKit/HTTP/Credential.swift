/// A closure that returns a token of limited lifetime for API requests.
public typealias TokenProvider = @Sendable () async throws -> String

/// The source of the key for a service's requests: a constant key, or a closure that returns tokens of limited lifetime.
final class Credential: Sendable {
    private let service: String
    private let provider: TokenProvider?
    private let latest: Locked<APIKey>
    /// The lock for the closure, so that many requests wait for one new token.
    private let renewalLock = AsyncSemaphore(permits: 1)

    init(_ key: APIKey, service: String) {
        self.service = service
        provider = nil
        latest = Locked(key)
    }

    init(_ provider: @escaping TokenProvider, service: String) {
        self.service = service
        self.provider = provider
        latest = Locked(.none)
    }

    /// The latest key, which is removed from texts. Empty before the first token arrives.
    var key: APIKey { latest.withLock { $0 } }

    /// Returns the key for the next request.
    func current() async throws -> APIKey {
        let key = key
        return key.secret.isEmpty ? try await renewed(from: key) ?? key : key
    }

    /// Returns a new key after the service rejected one. Returns `nil` if the key is constant.
    func renewed(from rejected: APIKey) async throws -> APIKey? {
        guard let provider else { return nil }
        let permit = try await renewalLock.acquire()
        defer { permit.release() }
        // Another request may have renewed the key in the meantime.
        let current = key
        guard current.secret == rejected.secret else { return current }
        let token: String
        let tooLate = TransportError(.timedOut, "It did not return within 60 s.", mayHaveBeenReceived: false)
        do {
            token = try await Deadline(in: .seconds(60), clock: ContinuousClock()).run(orThrow: { tooLate }, provider)
        } catch {
            try Task.checkCancellation()
            throw unavailable("returned no token: \(error.systemReason).", error)
        }
        guard let key = APIKey(validating: token) else {
            throw unavailable("returned a text that is empty or contains a space or an invalid character.", nil)
        }
        latest.withLock { $0 = key }
        return key
    }

    private func unavailable(_ reason: String, _ cause: (any Error)?) -> HeadshotKitError {
        HeadshotKitError(
            .credentialUnavailable,
            "The credential closure for \(service) \(reason)",
            advice: "Check the closure that you passed as credential, then try again.",
            underlyingError: cause
        )
    }
}
