import Foundation

/// The checksums that PNG requires.
enum Checksum {
    /// Returns the CRC-32 checksum of the bytes.
    ///
    /// - Parameter before: The checksum of the preceding bytes, for data that is processed in parts.
    static func crc32(_ bytes: Data, before: UInt32 = 0) -> UInt32 {
        let table = crcTable
        return bytes.withUnsafeBytes { bytes in
            var crc = ~before
            for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
            return ~crc
        }
    }

    static func adler32(_ bytes: Data) -> UInt32 {
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return b << 16 | a
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
    }
}

/// A 64-bit FNV-1a hash over eight-byte words that identifies files. It is fast enough for files of any size.
struct Digest {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    // The bytes at the end of the last part that do not fill a word.
    private var rest = Data()

    mutating func update(_ part: Data) {
        let bytes = rest + part
        let wordsEnd = bytes.count / 8 * 8
        bytes.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: wordsEnd, by: 8) {
                mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            }
        }
        rest = bytes.suffix(bytes.count - wordsEnd)
    }

    var value: UInt64 {
        var digest = self
        for byte in rest { digest.mix(UInt64(byte)) }
        return digest.hash
    }

    private mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x100_0000_01B3
        // FNV mixes single bytes. Without this shift, the high bits of a word never affect the low bits of the hash.
        hash ^= hash >> 32
    }

    static func of(_ data: Data) -> UInt64 {
        var digest = Digest()
        digest.update(data)
        return digest.value
    }
}
