import Foundation
import HeadshotKit
import XCTest

/// A response of a service, the type that decodes it, and the expected values.
struct ResponseRow {
    let file: String
    /// Some of the expected property values as JSON. `null` means that a property must be `nil`.
    let expected: String
    private let read: (JSONValue) throws -> (value: JSONValue, again: JSONValue)

    init<Value: Codable & Equatable>(_ file: String, _ type: Value.Type, _ expected: String) {
        self.file = file
        self.expected = expected
        read = { json in
            let value = try json.read(as: Value.self)
            let again = try JSONValue(encoding: value).read(as: Value.self)
            XCTAssertEqual(value, again, "\(file) changed when it was encoded and decoded.")
            return (JSONValue(reflecting: value), JSONValue(reflecting: again))
        }
    }

    func check(line: UInt = #line) throws {
        let (value, again) = try read(try Fixture.json("responses/\(file)"))
        let expected = try JSONDecoder().decode(JSONValue.self, from: Data(expected.utf8))
        for read in [value, again] {
            let differences = expected.differences(to: read, at: file).filter { !$0.hasSuffix("was added") }
            XCTAssertEqual(differences, [], line: line)
        }
    }
}
