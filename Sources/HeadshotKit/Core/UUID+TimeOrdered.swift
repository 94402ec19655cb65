import Foundation

extension UUID {
    /// Returns a UUID of version 7 (RFC 9562), which begins with the time. Its text therefore sorts by time.
    ///
    /// - Parameter date: The time. A time before 1970 counts as 1970.
    static func timeOrdered(at date: Date) -> UUID {
        // 48 bits of milliseconds, then 12 bits of a fraction of a millisecond.
        let milliseconds = date.timeIntervalSince1970 * 1_000
        let time = UInt64(exactly: (milliseconds * 4_096).rounded(.down)) ?? 0
        var bytes = UUID().uuid
        bytes.0 = UInt8(truncatingIfNeeded: time >> 52)
        bytes.1 = UInt8(truncatingIfNeeded: time >> 44)
        bytes.2 = UInt8(truncatingIfNeeded: time >> 36)
        bytes.3 = UInt8(truncatingIfNeeded: time >> 28)
        bytes.4 = UInt8(truncatingIfNeeded: time >> 20)
        bytes.5 = UInt8(truncatingIfNeeded: time >> 12)
        bytes.6 = 0x70 | UInt8(truncatingIfNeeded: time >> 8) & 0x0f
        bytes.7 = UInt8(truncatingIfNeeded: time)
        return UUID(uuid: bytes)
    }
}
