package import Foundation

#if canImport(CryptoKit)
import CryptoKit
#endif

/// The message authentication code HMAC-SHA256 (RFC 2104).
package enum HMACSHA256 {
    /// Returns the code of a message that consists of parts, in 32 bytes.
    package static func code(of parts: [Data], key: Data) -> [UInt8] {
        #if canImport(CryptoKit)
        var hmac = HMAC<CryptoKit.SHA256>(key: SymmetricKey(data: key))
        for part in parts { hmac.update(data: part) }
        return Array(hmac.finalize())
        #else
        return portableCode(of: parts, key: key)
        #endif
    }

    /// Returns the same code without CryptoKit.
    static func portableCode(of parts: [Data], key: Data) -> [UInt8] {
        let short = key.count > SHA256.blockSize ? SHA256.hash(key) : Array(key)
        let padded = short + [UInt8](repeating: 0, count: SHA256.blockSize - short.count)
        var inner = SHA256()
        inner.update(padded.map { $0 ^ 0x36 })
        for part in parts { inner.update(part) }
        return SHA256.hash(padded.map { $0 ^ 0x5c } + inner.finalize())
    }

    /// Returns whether two codes are equal. The time depends only on their lengths, so that it reveals no byte of a code.
    static func isEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        guard first.count == second.count else { return false }
        return zip(first, second).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
