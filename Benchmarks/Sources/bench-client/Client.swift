import HeadshotKit

/// Returns the measured client. The default transport is `URLSessionTransport`.
func makeMagicHour() throws -> MagicHour { try MagicHour() }
