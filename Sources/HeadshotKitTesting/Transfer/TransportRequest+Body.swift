public import Foundation
public import HeadshotKit

extension TransportRequest {
    /// Reads what the request carries into memory.
    ///
    /// - Returns: The bytes; empty where the request carries nothing.
    /// - Throws: Foundation's error when a file cannot be read.
    public func bodyData() throws -> Data {
        switch body {
        case .none: Data()
        case .data(let data): data
        case .file(let file): try Data(contentsOf: file)
        }
    }
}
