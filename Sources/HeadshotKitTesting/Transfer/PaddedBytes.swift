import Foundation

/// A sequence of bytes with a fixed head, a pattern of any length and a fixed tail.
///
/// The pattern is generated on demand, so a half-gigabyte response needs almost no memory.
struct PaddedBytes: Sendable {
    let head: Data
    let tail: Data
    let count: Int

    /// Creates a sequence of the head and the tail, with a pattern between them if `count` exceeds their total size.
    init(_ head: Data, paddedTo count: Int = 0, tail: Data = Data()) {
        self.head = head
        self.tail = tail
        self.count = max(head.count + tail.count, count)
    }

    /// Returns the bytes in a range. Positions beyond the end are ignored.
    func bytes(in range: Range<Int>) -> Data {
        let range = range.clamped(to: 0..<count)
        let fromHead = range.clamped(to: 0..<head.count)
        var result = head.dropFirst(fromHead.lowerBound).prefix(fromHead.count)
        let tailStart = count - tail.count
        var position = max(range.lowerBound, head.count)
        while position < min(range.upperBound, tailStart) {
            let start = position % Self.pattern.count
            let length = min(Self.pattern.count - start, min(range.upperBound, tailStart) - position)
            result.append(Self.pattern.dropFirst(start).prefix(length))
            position += length
        }
        let fromTail = range.clamped(to: tailStart..<count)
        result.append(tail.dropFirst(fromTail.lowerBound - tailStart).prefix(fromTail.count))
        return Data(result)
    }

    // A prime length never aligns with a block size, so a part written at the wrong offset is detectable.
    private static let pattern: Data = {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return Data(
            (0..<65_521).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
        )
    }()
}
