import Foundation

extension Error {
    /// Why the system refused, in its own words: "No space left on device". Foundation's words for the same are vague on Linux.
    var systemReason: String {
        var error: (any Error)? = self
        while let current = error {
            let bridged = current as NSError
            if bridged.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(bridged.code))) }
            error = bridged.userInfo[NSUnderlyingErrorKey] as? any Error
        }
        let words = localizedDescription
        return words.hasSuffix(".") ? String(words.dropLast()) : words
    }
}
