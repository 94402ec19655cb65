import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// An operation as its service documents it, and the call of the library that carries it out.
struct DocumentedOperation {
    /// Makes the call with a request read from JSON, and returns the reply as the library writes it.
    typealias Call = @Sendable (TestClients, JSONValue) async throws -> JSONValue?

    let name: String
    let method: String
    let path: String
    var request: Schema?
    var reply: Schema?
    /// A reply with which the call ends well.
    var goodReply: JSONValue
    /// Whether ids and lists may come back in another form.
    var isTolerant = false
    let call: Call

    /// What the library loses or changes of any body that can be sent, and of any reply that can come.
    func faults() async -> [String] {
        var faults: [String] = []
        for body in request?.bodies ?? [Schema.Body(path: "", json: .null)] {
            faults += await loss(sending: body)
        }
        for body in reply?.bodies ?? [] {
            faults += await loss(receiving: body)
        }
        return faults.map { "\(name): \($0)" }
    }

    private func loss(sending body: Schema.Body) async -> [String] {
        let clients = TestClients()
        do {
            clients.mock.on(method, path, reply: .json(try goodReply.text))
            _ = try await call(clients, body.json)
            try clients.mock.verify()
            guard let sent = clients.mock.bodies.first, !sent.isEmpty else {
                return request == nil ? [] : ["body\(body.path): no body was sent"]
            }
            return body.json.differences(to: try JSONDecoder().decode(JSONValue.self, from: sent))
        } catch {
            return ["body\(body.path) was not sent: \(error)"]
        }
    }

    private func loss(receiving body: Schema.Body) async -> [String] {
        let clients = TestClients()
        do {
            clients.mock.on(method, path, reply: .json(try body.json.text))
            let read = try await call(clients, request?.minimal ?? .null)
            return body.json.differences(to: read ?? .null, at: "reply", isTolerant: isTolerant)
        } catch {
            return ["reply\(body.path) was not read: \(error)"]
        }
    }
}
