import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

extension TransportResponse {
    init?(_ response: URLResponse) {
        guard let response = response as? HTTPURLResponse else { return nil }
        self.init(response)
    }

    init(_ response: HTTPURLResponse) {
        var fields: [String: String] = [:]
        for case let (name as String, value as String) in response.allHeaderFields { fields[name] = value }
        self.init(status: response.statusCode, headers: TransportHeaders(fields))
    }

    /// The required length of the body in bytes. `nil` if the server did not send a length, the body is compressed, or the status
    /// allows no body.
    var contentLength: Int64? {
        guard headers["Content-Encoding"] == nil || headers["Content-Encoding"] == "identity" else { return nil }
        guard status != 204, status != 304 else { return nil }
        return headers["Content-Length"].flatMap { Int64($0) }
    }
}
