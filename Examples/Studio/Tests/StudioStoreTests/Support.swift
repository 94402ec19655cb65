import Foundation
import HeadshotKit
import XCTest

extension JobRecord {
    /// Returns the record of an intent, decoded from its JSON.
    static func intent(_ id: UUID = UUID(), reference: String? = nil) throws -> JobRecord {
        try record(id, state: "intended", reference: reference)
    }

    /// Returns the record of a job, decoded from its JSON.
    static func accepted(_ job: String, id: UUID = UUID(), reference: String? = nil) throws -> JobRecord {
        let handle = """
            {"version":2,"service":"magic-hour","operation":"ai-headshot-generator","id":"\(job)",\
            "createdAt":"2026-01-02T03:04:06.000Z"}
            """
        return try record(id, state: "accepted", job: handle, reference: reference)
    }

    private static func record(_ id: UUID, state: String, job: String = "null", reference: String?) throws -> JobRecord
    {
        let json = """
            {"version":2,"id":"\(id.uuidString)","service":"magic-hour","operation":"ai-headshot-generator",\
            "reference":\(reference.map { "\"\($0)\"" } ?? "null"),"request":{"prompt":"a headshot"},\
            "createdAt":"2026-01-02T03:04:05.000Z","state":"\(state)","job":\(job),"directory":"/outputs","files":{},"parts":{}}
            """
        return try JSONDecoder().decode(JobRecord.self, from: Data(json.utf8))
    }
}

/// Returns the error that a closure throws.
func storeError(
    file: StaticString = #filePath,
    line: UInt = #line,
    _ body: () async throws -> Void
) async throws -> HeadshotKitError {
    do { try await body() } catch let error as HeadshotKitError { return error }
    XCTFail("Expected an error.", file: file, line: line)
    throw XCTSkip("The failure is reported above.")
}

/// Claims a job, and fails if another worker has the claim.
func claim(
    _ id: UUID,
    in store: any JobStore,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws -> any JobClaim {
    let claim = try await store.claim(id)
    return try XCTUnwrap(claim, file: file, line: line)
}

/// Claims a job whose claim ends soon.
func eventualClaim(_ id: UUID, in store: any JobStore) async throws -> any JobClaim {
    // The limit is for a claim that never ends.
    for _ in 0..<1_200 {
        if let claim = try await store.claim(id) { return claim }
        try await Task.sleep(for: .milliseconds(50))
    }
    return try await claim(id, in: store)
}

func assertNil<Value>(
    _ value: @autoclosure () async throws -> Value?,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws {
    let value = try await value()
    XCTAssertNil(value, file: file, line: line)
}

/// Returns the next line that another process prints. `FileHandle.availableData` may return less.
func readLine(from handle: FileHandle) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while true {
        let count = read(handle.fileDescriptor, &byte, 1)
        if count < 0, errno == EINTR { continue }
        guard count == 1, byte != UInt8(ascii: "\n") else { return String(decoding: bytes, as: UTF8.self) }
        bytes.append(byte)
    }
}

/// A flag that several tasks may change.
final class LockedFlag: @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state.
    private let lock = NSLock()
    private var value = false

    func toggle() -> Bool {
        lock.withLock {
            value.toggle()
            return value
        }
    }
}
