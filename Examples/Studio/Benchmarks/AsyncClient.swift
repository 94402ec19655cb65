import Foundation
import HeadshotKit
import StudioTransport

/// Returns the measured client, with `AsyncHTTPClientTransport`.
func makeMagicHour() throws -> MagicHour {
    let baseURL = ProcessInfo.processInfo.environment["MAGIC_HOUR_BASE_URL"].flatMap { URL(string: $0) }
    return try MagicHour(
        baseURL: baseURL,
        configuration: ClientConfiguration(transport: AsyncHTTPClientTransport.shared)
    )
}
