import Foundation
import HeadshotKit
import StudioStores

// Claims a job in an SQLite file, and holds the claim until the process is killed: claim-holder FILE ID LEASE_SECONDS
let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 3, let file = arguments.first, let id = UUID(uuidString: arguments[2]),
    let lease = Double(arguments[3])
else {
    FileHandle.standardError.write(Data("Usage: claim-holder FILE ID LEASE_SECONDS\n".utf8))
    exit(2)
}
let store = try await SQLiteJobStore(file: URL(fileURLWithPath: file), lease: .seconds(lease))
let claim = try await store.claim(id)
print(claim == nil ? "in use" : "claimed")
fflush(nil)
// Reading ends if the process that started this one ends.
_ = FileHandle.standardInput.readDataToEndOfFile()
