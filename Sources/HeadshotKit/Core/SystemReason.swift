import Foundation

extension Error {
    /// The operating system's description of the error, such as "No space left on device". Foundation's own is vague on Linux.
    var systemReason: String {
        var error: (any Error)? = self
        while let current = error {
            let bridged = current as NSError
            if bridged.domain == NSPOSIXErrorDomain {
                return String(cString: strerror(Int32(truncatingIfNeeded: bridged.code)))
            }
            error = bridged.userInfo[NSUnderlyingErrorKey] as? any Error
        }
        // Foundation describes a Swift error without a description of its own only by its type and a number.
        let isPlain = !(self is any LocalizedError) && (self as NSError).domain == String(reflecting: type(of: self))
        let text = isPlain ? "\(self)" : localizedDescription
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}
