package import Foundation
package import HeadshotKit

/// The first lines of a response.
package struct ResponseHead: Sendable {
    /// The lines, with the empty one that ends them.
    package let data: Data

    /// The first lines of a response.
    ///
    /// - Parameters:
    ///   - keepsAlive: Whether the connection stays open behind the response; nil says nothing about it.
    package init(status: Int, headers: TransportHeaders, keepsAlive: Bool? = nil) {
        var fields = headers.fields
        if let keepsAlive { fields["connection"] = keepsAlive ? "keep-alive" : "close" }
        // The words behind the status are optional, and nobody reads them.
        var text = "HTTP/1.1 \(status) \r\n"
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        data = Data((text + "\r\n").utf8)
    }
}
