import Foundation
import HeadshotKit
import XCTest

/// Files of `Fixtures/`: what the services document, and what they send.
enum Fixture {
    static func data(_ path: String) throws -> Data {
        let root = try XCTUnwrap(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
        return try Data(contentsOf: root.appendingPathComponent(path))
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: data(path))
    }

    /// The names of the files in a folder.
    static func names(in folder: String) throws -> [String] {
        let root = try XCTUnwrap(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(folder)")
        return try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    }
}

extension JSONValue {
    /// The value of an encoded value, as a server would read it.
    init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }

    var text: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }

    func read<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
    }

    var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }
}
