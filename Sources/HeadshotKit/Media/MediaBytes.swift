import Foundation

/// The bytes of a file or of memory, with random access.
///
/// A read outside the bytes returns nothing, so an offset in an untrusted file is harmless.
final class MediaBytes {
    private enum Storage {
        case data(Data)
        case file(FileHandle)
    }

    let size: Int64
    private let storage: Storage
    private var window: (start: Int64, bytes: [UInt8]) = (0, [])

    /// The number of bytes read from a file at a time.
    private static let windowLength = 1 << 16

    init(_ data: Data) {
        storage = .data(data)
        size = Int64(data.count)
    }

    /// Creates a reader of a regular file that this package owns, without following a symbolic link.
    init(ownFile file: URL) throws {
        let descriptor = try check(open(file.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK))
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        size = Int64(clamping: try handle.seekToEnd())
        storage = .file(handle)
    }

    /// Creates a reader of a file that the user named.
    init(_ file: URL) throws {
        let handle = try FileHandle(forReadingFrom: file)
        size = Int64(clamping: try handle.seekToEnd())
        storage = .file(handle)
    }

    /// Returns `count` bytes from `offset`, or fewer at the end.
    func read(_ offset: Int64, _ count: Int) throws -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        let count = Int(clamping: min(Int64(count), size - offset))
        switch storage {
        case .data(let data):
            return [UInt8](data.dropFirst(Int(clamping: offset)).prefix(count))
        case .file(let handle):
            let known = offset - window.start
            if known >= 0, known + Int64(count) <= window.bytes.count {
                return Array(window.bytes[Int(known)..<Int(known) + count])
            }
            try handle.seek(toOffset: UInt64(offset))
            let bytes = [UInt8](try handle.read(upToCount: max(count, Self.windowLength)) ?? Data())
            window = (offset, bytes)
            return Array(bytes.prefix(count))
        }
    }

    /// Returns exactly `count` bytes from `offset`, or `nil` if there are fewer.
    func exactly(_ offset: Int64, _ count: Int) throws -> [UInt8]? {
        let bytes = try read(offset, count)
        return bytes.count == count ? bytes : nil
    }

    /// Returns a number of at most eight bytes, or `nil` if there are fewer bytes.
    ///
    /// The number is capped at a bound that exceeds every file size, so sums and products of offsets cannot overflow.
    func number(_ offset: Int64, _ count: Int, littleEndian: Bool = false) throws -> Int64? {
        guard let bytes = try exactly(offset, count) else { return nil }
        let value = (littleEndian ? bytes.reversed() : bytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(min(value, 1 << 60))
    }

    /// Returns four bytes as a string.
    func name(_ offset: Int64) throws -> String {
        String(decoding: try read(offset, 4), as: UTF8.self)
    }
}
