import Foundation
import StudioServer

/// A reader of ZIP archives with stored entries, by their central directory.
struct ZIPReader {
    struct Malformed: Error { let reason: String }

    private(set) var entries: [(name: String, content: Data)] = []

    init(_ archive: Data) throws {
        let bytes = [UInt8](archive)
        func number(_ offset: Int, _ count: Int) throws -> Int {
            guard offset >= 0, offset + count <= bytes.count else { throw Malformed(reason: "It ends early.") }
            return bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let end = bytes.count - 22
        guard try number(end, 4) == 0x0605_4b50 else { throw Malformed(reason: "It has no end.") }
        var offset = try number(end + 16, 4)
        for _ in 0..<(try number(end + 10, 2)) {
            guard try number(offset, 4) == 0x0201_4b50 else { throw Malformed(reason: "An entry is missing.") }
            guard try number(offset + 10, 2) == 0 else { throw Malformed(reason: "An entry is compressed.") }
            let (size, nameLength) = (try number(offset + 24, 4), try number(offset + 28, 2))
            let start = try number(offset + 42, 4)
            guard try number(start, 4) == 0x0403_4b50, try number(start + 26, 2) == nameLength,
                try number(start + 14, 4) == number(offset + 16, 4), start + 30 + nameLength + size <= bytes.count
            else { throw Malformed(reason: "The headers of an entry differ.") }
            let name = String(decoding: bytes[start + 30..<start + 30 + nameLength], as: UTF8.self)
            let content = Data(bytes[start + 30 + nameLength..<start + 30 + nameLength + size])
            guard Self.checksum(content) == UInt32(try number(offset + 16, 4)) else {
                throw Malformed(reason: "A checksum is wrong.")
            }
            entries.append((name, content))
            offset += 46 + nameLength
        }
    }

    /// Returns the CRC-32 of bytes, bit by bit.
    static func checksum(_ data: Data) -> UInt32 {
        ~data.reduce(UInt32.max) { state, byte in
            (0..<8).reduce(state ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
        }
    }
}
