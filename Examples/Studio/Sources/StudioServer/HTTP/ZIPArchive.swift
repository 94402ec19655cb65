import Foundation
import NIOCore

/// A ZIP archive of files that are stored without compression, because pictures are compressed already.
///
/// The archive is written in pieces of bounded size. Its length is known before the first byte.
struct ZIPArchive: Sendable {
    struct Entry: Sendable {
        let name: String
        let file: URL
    }

    private struct Stored: Sendable {
        let name: [UInt8]
        let file: URL
        let size: UInt32
        let checksum: UInt32
        let offset: UInt32
    }

    private let entries: [Stored]
    private let directoryOffset: UInt32
    private let directorySize: UInt32

    /// The size of the archive.
    var byteCount: Int { Int(directoryOffset) + Int(directorySize) + 22 }

    private static let pieceSize = 1 << 18

    /// Creates an archive, and reads its files once for their checksums.
    ///
    /// - Throws: ``StudioError`` with the status 413 if the archive would have more than 4 GiB.
    init(_ entries: [Entry]) async throws {
        var stored: [Stored] = []
        var offset = 0
        for entry in entries {
            let (size, checksum) = try await Self.checksum(of: entry.file)
            let name = Array(entry.name.utf8)
            guard let size = UInt32(exactly: size), let start = UInt32(exactly: offset) else { throw Self.tooLarge }
            stored.append(Stored(name: name, file: entry.file, size: size, checksum: checksum, offset: start))
            offset += 30 + name.count + Int(size)
        }
        let directory = stored.reduce(0) { $0 + 46 + $1.name.count }
        guard let start = UInt32(exactly: offset), let size = UInt32(exactly: directory), stored.count <= UInt16.max
        else {
            throw Self.tooLarge
        }
        self.entries = stored
        (directoryOffset, directorySize) = (start, size)
    }

    private static var tooLarge: StudioError {
        .tooLarge("The archive would have more than 4 GiB. Download the headshots one by one.")
    }

    /// Passes the archive to a closure.
    func write(_ body: (ByteBuffer) async throws -> Void) async throws {
        for entry in entries {
            var header = ByteBuffer()
            header.writeInteger(0x0403_4b50, endianness: .little, as: UInt32.self)
            writeFields(of: entry, to: &header)
            header.writeBytes(entry.name)
            try await body(header)
            var count = 0
            try await Self.forEachPiece(of: entry.file) { piece in
                count += piece.readableBytes
                try await body(piece)
            }
            // The client sees a response that ends early instead of a damaged archive.
            guard count == Int(entry.size) else { throw CocoaError(.fileReadCorruptFile) }
        }
        try await body(directory)
    }

    private var directory: ByteBuffer {
        var buffer = ByteBuffer()
        for entry in entries {
            buffer.writeInteger(0x0201_4b50, endianness: .little, as: UInt32.self)
            buffer.writeInteger(20, endianness: .little, as: UInt16.self)
            writeFields(of: entry, to: &buffer)
            // The comment, the disk, and the attributes.
            buffer.writeRepeatingByte(0, count: 10)
            buffer.writeInteger(entry.offset, endianness: .little)
            buffer.writeBytes(entry.name)
        }
        buffer.writeInteger(0x0605_4b50, endianness: .little, as: UInt32.self)
        buffer.writeInteger(0, endianness: .little, as: UInt32.self)
        for _ in 0..<2 { buffer.writeInteger(UInt16(truncatingIfNeeded: entries.count), endianness: .little) }
        buffer.writeInteger(directorySize, endianness: .little)
        buffer.writeInteger(directoryOffset, endianness: .little)
        buffer.writeInteger(0, endianness: .little, as: UInt16.self)
        return buffer
    }

    /// Writes the fields that both headers of an entry have.
    private func writeFields(of entry: Stored, to buffer: inout ByteBuffer) {
        // Version 2.0, names in UTF-8, no compression, and the date 1980-01-01.
        for field: UInt16 in [20, 0x0800, 0, 0, 0x0021] { buffer.writeInteger(field, endianness: .little) }
        for field in [entry.checksum, entry.size, entry.size] { buffer.writeInteger(field, endianness: .little) }
        buffer.writeInteger(UInt16(truncatingIfNeeded: entry.name.count), endianness: .little)
        buffer.writeInteger(0, endianness: .little, as: UInt16.self)
    }

    private static func checksum(of file: URL) async throws -> (size: Int, checksum: UInt32) {
        var size = 0
        var checksum = CRC32()
        try await forEachPiece(of: file) { piece in
            size += piece.readableBytes
            piece.withUnsafeReadableBytes { checksum.add($0) }
        }
        return (size, checksum.value)
    }

    private static func forEachPiece(of file: URL, _ body: (ByteBuffer) async throws -> Void) async throws {
        let descriptor = try await offPool {
            let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw CocoaError(.fileReadNoSuchFile) }
            return descriptor
        }
        defer { close(descriptor) }
        while true {
            let piece = try await offPool {
                var buffer = ByteBuffer()
                let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: pieceSize) { bytes in
                    let count = read(descriptor, bytes.baseAddress, min(bytes.count, pieceSize))
                    guard count >= 0 else { throw CocoaError(.fileReadUnknown) }
                    return count
                }
                return count == 0 ? nil : buffer
            }
            guard let piece else { return }
            try await body(piece)
        }
    }
}

/// The checksum of ZIP archives.
struct CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }

    private var state: UInt32 = 0xffff_ffff

    var value: UInt32 { ~state }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        state = Self.table.withUnsafeBufferPointer { table in
            bytes.reduce(state) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
        }
    }
}

/// File names that are unique, also in a file system that ignores case.
struct UniqueNames {
    private var used: Set<String> = []

    /// Returns a name that was not returned before.
    mutating func add(_ base: String, _ fileExtension: String) -> String {
        var name = "\(base).\(fileExtension)"
        var number = 2
        while !used.insert(name.lowercased()).inserted {
            name = "\(base) \(number).\(fileExtension)"
            number += 1
        }
        return name
    }
}
