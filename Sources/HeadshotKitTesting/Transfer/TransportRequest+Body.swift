public import Foundation
public import HeadshotKit

extension TransportRequest {
    /// Reads the request body into memory.
    ///
    /// - Returns: The bytes of the body. Empty if the request has no body.
    /// - Throws: Foundation's error if the body is a file that cannot be read.
    public func bodyData() throws -> Data {
        switch body {
        case .none: Data()
        case .data(let data): data
        case .file(let file): try Data(contentsOf: file)
        }
    }
}
