import Foundation
import HeadshotKit
import XCTest

/// The files of `Fixtures/`: the documentation of the services and their responses.
enum Fixture {
    static func data(_ path: String) throws -> Data {
        let root = try XCTUnwrap(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
        return try Data(contentsOf: root.appendingPathComponent(path))
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: data(path))
    }

    /// Returns the names of the files in a directory.
    static func names(in directory: String) throws -> [String] {
        let root = try XCTUnwrap(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(directory)")
        return try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    }
}

extension JSONValue {
    /// Creates the JSON value that an encodable value is encoded to.
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
