import Foundation
import XCTest

@testable import HeadshotKit

/// The vectors of FIPS 180-4 and RFC 4231, for the portable implementation and for the one that the platform uses.
final class HMACSHA256Tests: XCTestCase {
    func testHashIsThatOfPublishedVectors() {
        let vectors: [(message: String, hash: String)] = [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
                    + "nopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ]
        for (message, hash) in vectors {
            XCTAssertEqual(hex(SHA256.hash(Data(message.utf8))), hash, String(message.prefix(20)))
        }
    }

    func testHashDoesNotDependOnHowTheMessageIsSplit() {
        let message = (0..<300).map { UInt8($0 * 37 % 251) }
        for length in 0...300 {
            let whole = SHA256.hash(message.prefix(length))
            for split in [0, 1, 55, 56, 63, 64, 65, 128] where split <= length {
                var hash = SHA256()
                hash.update(Data(message)[..<split])
                hash.update(Data(message)[split..<length])
                XCTAssertEqual(hash.finalize(), whole, "\(split) of \(length)")
            }
        }
    }

    func testCodeIsThatOfPublishedVectors() throws {
        let vectors: [(key: Data, message: Data, code: String)] = [
            (
                repeated(0x0b, 20), Data("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Data("Jefe".utf8), Data("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                repeated(0xaa, 20), repeated(0xdd, 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                Data(1...25), repeated(0xcd, 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            // The RFC truncates this code to 128 bits.
            (repeated(0x0c, 20), Data("Test With Truncation".utf8), "a3b6167473100ee06e0c796c2955552b"),
            (
                repeated(0xaa, 131), Data("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                repeated(0xaa, 131),
                Data(
                    ("This is a test using a larger than block-size key and a larger than block-size data. "
                        + "The key needs to be hashed before being used by the HMAC algorithm.").utf8
                ),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
        ]
        for (index, vector) in vectors.enumerated() {
            let count = vector.code.count
            let portable = HMACSHA256.portableCode(of: [vector.message], key: vector.key)
            XCTAssertEqual(hex(portable).prefix(count), vector.code[...], "case \(index + 1)")
            let code = HMACSHA256.code(of: [vector.message.prefix(3), vector.message.dropFirst(3)], key: vector.key)
            XCTAssertEqual(code, portable, "case \(index + 1)")
        }
    }

    func testCodesAreEqualOnlyIfAllBytesAreEqual() {
        let code = HMACSHA256.code(of: [], key: Data("key".utf8))
        XCTAssertTrue(HMACSHA256.isEqual(code, code))
        XCTAssertTrue(HMACSHA256.isEqual([], []))
        for index in code.indices {
            var other = code
            other[index] ^= 0x80
            XCTAssertFalse(HMACSHA256.isEqual(code, other))
        }
        XCTAssertFalse(HMACSHA256.isEqual(code, code.dropLast()))
        XCTAssertFalse(HMACSHA256.isEqual([], code))
    }

    private func repeated(_ byte: UInt8, _ count: Int) -> Data { Data(repeating: byte, count: count) }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
