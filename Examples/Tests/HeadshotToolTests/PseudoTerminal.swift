import Foundation

/// A terminal without a screen.
final class PseudoTerminal {
    private let ours: Int32
    /// The end that a program writes to.
    let theirs: FileHandle

    struct Failure: Error {
        let number = errno
    }

    init(columns: UInt16) throws {
        let name: String
        (ours, name) = try Self.open()
        let descriptor = Foundation.open(name, O_RDWR | O_NOCTTY)
        guard descriptor >= 0 else { throw Failure() }
        theirs = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure() }
        // What has been written is to be read, without waiting for more.
        guard fcntl(ours, F_SETFL, O_NONBLOCK) == 0 else { throw Failure() }
    }

    deinit { close(ours) }

    private static func open() throws -> (descriptor: Int32, otherEnd: String) {
        #if canImport(Darwin)
        let descriptor = posix_openpt(O_RDWR | O_NOCTTY)
        guard descriptor >= 0, grantpt(descriptor) == 0, unlockpt(descriptor) == 0, let name = ptsname(descriptor)
        else {
            throw Failure()
        }
        return (descriptor, String(cString: name))
        #else
        // The functions above are hidden from Swift here, so what they ask of the system is asked by number:
        // TIOCSPTLCK, to unlock it, and TIOCGPTN, for the number of the other end.
        let descriptor = Foundation.open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var lock: Int32 = 0
        var number: UInt32 = 0
        guard descriptor >= 0, ioctl(descriptor, 0x4004_5431, &lock) == 0, ioctl(descriptor, 0x8004_5430, &number) == 0
        else { throw Failure() }
        return (descriptor, "/dev/pts/\(number)")
        #endif
    }

    /// What has been written so far, and not been read.
    func written() throws -> String {
        var text = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 12)
        while true {
            let count = read(ours, &buffer, buffer.count)
            guard count > 0 else { break }
            text += buffer.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
