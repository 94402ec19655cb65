import HeadshotKit
import StudioTransport

/// The transport of the shared tests.
let transportUnderTest: any Transport = AsyncHTTPClientTransport.shared
