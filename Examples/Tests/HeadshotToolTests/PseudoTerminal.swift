import Foundation

/// A pseudoterminal.
final class PseudoTerminal {
    private let primary: Int32
    /// The end that a process writes to.
    let secondary: FileHandle

    struct Failure: Error {
        let number = errno
    }

    init(columns: UInt16) throws {
        let name: String
        (primary, name) = try Self.open()
        let descriptor = Foundation.open(name, O_RDWR | O_NOCTTY)
        guard descriptor >= 0 else { throw Failure() }
        secondary = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure() }
        // Reads must not wait for more output.
        guard fcntl(primary, F_SETFL, O_NONBLOCK) == 0 else { throw Failure() }
    }

    deinit { close(primary) }

    private static func open() throws -> (descriptor: Int32, otherEnd: String) {
        #if canImport(Darwin)
        let descriptor = posix_openpt(O_RDWR | O_NOCTTY)
        guard descriptor >= 0, grantpt(descriptor) == 0, unlockpt(descriptor) == 0, let name = ptsname(descriptor)
        else {
            throw Failure()
        }
        return (descriptor, String(cString: name))
        #else
        // The functions above are not available to Swift here, so their ioctl requests are sent by number:
        // TIOCSPTLCK unlocks the terminal, and TIOCGPTN returns the number of the other end.
        let descriptor = Foundation.open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var lock: Int32 = 0
        var number: UInt32 = 0
        guard descriptor >= 0, ioctl(descriptor, 0x4004_5431, &lock) == 0, ioctl(descriptor, 0x8004_5430, &number) == 0
        else { throw Failure() }
        return (descriptor, "/dev/pts/\(number)")
        #endif
    }

    /// Returns the output since the last call.
    func readOutput() throws -> String {
        var text = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 12)
        while true {
            let count = read(primary, &buffer, buffer.count)
            guard count > 0 else { break }
            text += buffer.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
