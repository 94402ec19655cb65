import Foundation
import HeadshotKit
import StudioTransport

/// The transport of the shared tests. It trusts the authority that `scripts/test` creates.
let transportUnderTest: any Transport = AsyncHTTPClientTransport(
    trustedAuthorities: ProcessInfo.processInfo.environment["HEADSHOTKIT_TEST_CERTIFICATE"].map {
        URL(fileURLWithPath: $0).appendingPathComponent("ca.crt")
    }
)
