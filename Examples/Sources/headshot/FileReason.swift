import Foundation

extension Error {
    /// The operating system's description of a failed file operation, such as “No such file or directory”. Foundation's own is vague on
    /// Linux.
    var fileReason: String {
        var error: (any Error)? = self
        while let current = error {
            let bridged = current as NSError
            if bridged.domain == NSPOSIXErrorDomain {
                return String(cString: strerror(Int32(truncatingIfNeeded: bridged.code)))
            }
            error = bridged.userInfo[NSUnderlyingErrorKey] as? any Error
        }
        return localizedDescription.hasSuffix(".") ? String(localizedDescription.dropLast()) : localizedDescription
    }
}
