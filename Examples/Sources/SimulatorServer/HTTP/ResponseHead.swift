package import Foundation
package import HeadshotKit

/// The status line and header fields of a response.
package struct ResponseHead: Sendable {
    /// The encoded head, including the empty line that ends it.
    package let data: Data

    /// Creates a response head.
    ///
    /// - Parameters:
    ///   - keepsAlive: Whether the connection stays open after the response. `nil` adds no `Connection` field.
    package init(status: Int, headers: TransportHeaders, keepsAlive: Bool? = nil) {
        var fields = headers.fields
        if let keepsAlive { fields["connection"] = keepsAlive ? "keep-alive" : "close" }
        // The reason phrase is optional, and clients ignore it.
        var text = "HTTP/1.1 \(status) \r\n"
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        data = Data((text + "\r\n").utf8)
    }
}
