import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// A documented operation and the call of the library that performs it.
struct DocumentedOperation {
    /// Calls the operation with a request that is decoded from JSON.
    typealias Call = @Sendable (TestClients, JSONValue) async throws -> Exchange

    /// The request and the response of a call.
    struct Exchange {
        var request: Any?
        var response: (any Encodable)?
    }

    let name: String
    let method: String
    let path: String
    var request: Schema?
    var response: Schema?
    /// A response that makes the call succeed.
    var goodResponse: JSONValue
    /// Whether IDs and lists may change their JSON type.
    var isTolerant = false
    let call: Call

    /// Returns every value of a request or a response that the library loses or changes.
    func faults() async -> [String] {
        var faults: [String] = []
        for body in request?.bodies ?? [Schema.Body(path: "", json: .null)] {
            faults += await loss(sending: body)
        }
        for body in response?.bodies ?? [] {
            faults += await loss(receiving: body)
        }
        return faults.map { "\(name): \($0)" }
    }

    /// Returns the properties of the request that no field of the full body sets.
    func undocumentedFields() async throws -> [String] {
        guard let request else { return [] }
        let clients = TestClients()
        clients.mock.on(method, path, response: .json(try goodResponse.text))
        let exchange = try await call(clients, request.full)
        return exchange.request.map { JSONValue(reflecting: $0).nullPaths } ?? []
    }

    private func loss(sending body: Schema.Body) async -> [String] {
        let clients = TestClients()
        do {
            clients.mock.on(method, path, response: .json(try goodResponse.text))
            let exchange = try await call(clients, body.json)
            try clients.mock.verify()
            guard let sent = clients.mock.bodies.first, !sent.isEmpty else {
                return request == nil ? [] : ["body\(body.path): no body was sent"]
            }
            let losses = body.json.differences(to: try JSONDecoder().decode(JSONValue.self, from: sent))
            guard let request = exchange.request else { return losses }
            // The client adds the key.
            let fields = JSONValue.object(body.json.members.filter { $0.key != "key" })
            return losses + fields.differences(to: JSONValue(reflecting: request), at: "property of request")
        } catch {
            return ["body\(body.path) was not sent: \(error)"]
        }
    }

    private func loss(receiving body: Schema.Body) async -> [String] {
        let clients = TestClients()
        do {
            clients.mock.on(method, path, response: .json(try body.json.text))
            guard let response = try await call(clients, request?.minimal ?? .null).response else {
                return ["response\(body.path) was not read"]
            }
            let written = try JSONValue(encoding: response)
            let properties = JSONValue(reflecting: response)
            return body.json.differences(to: written, at: "response", isTolerant: isTolerant)
                + body.json.differences(to: properties, at: "property of response", isTolerant: isTolerant)
        } catch {
            return ["response\(body.path) was not read: \(error)"]
        }
    }
}
