import Foundation

/// A transfer without an API key, for uploads to and downloads from the hosts that a service specifies. It follows redirects.
struct KeylessTransfer: Sendable {
    let transport: any Transport
    /// Whether plain http to this machine is allowed. `true` only if the service itself runs on this machine.
    let allowsLoopback: Bool

    private static let maximumRedirects = 5

    /// Sends a request and follows up to five redirects. The body is sent again only for 307 and 308.
    ///
    /// - Parameter send: A closure that sends one request.
    /// - Returns: The first response that is not a redirect, or a redirect that cannot be followed.
    func run(
        _ request: TransportRequest,
        by send: (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        var request = request
        for _ in 0..<Self.maximumRedirects {
            try check(request.url)
            let response = try await send(request)
            guard let next = redirected(request, by: response) else { return response }
            request = next
        }
        try check(request.url)
        return try await send(request)
    }

    private func redirected(_ request: TransportRequest, by response: TransportResponse) -> TransportRequest? {
        guard [301, 302, 303, 307, 308].contains(response.status),
            let url = response.headers["Location"].flatMap({ URL(serverText: $0, relativeTo: request.url) })
        else { return nil }
        var next = request
        next.url = url
        if request.method != "GET", response.status != 307, response.status != 308 {
            guard response.status == 303 else { return nil }
            next.method = "GET"
            next.body = .none
        }
        return next
    }

    private func check(_ url: URL) throws {
        guard url.scheme?.lowercased() == "https" || url.isSecureOrLoopback && allowsLoopback else {
            throw TransportError(
                .insecureURL,
                "Refused to connect to \(url.redacted): only https is allowed.",
                mayHaveBeenReceived: false
            )
        }
    }
}

extension APIClient {
    /// The transfer for uploads and downloads.
    var keyless: KeylessTransfer {
        KeylessTransfer(transport: transport, allowsLoopback: baseURL.isLoopback)
    }
}
