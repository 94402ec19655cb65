import Foundation
import HeadshotKit
import StudioStores

// Claims a job in an SQLite file or a PostgreSQL database, and holds the claim until the process is killed:
// claim-holder FILE_OR_URL ID LEASE_SECONDS
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 3, let id = UUID(uuidString: arguments[1]), let seconds = Double(arguments[2]) else {
    FileHandle.standardError.write(Data("Usage: claim-holder FILE_OR_URL ID LEASE_SECONDS\n".utf8))
    exit(2)
}

func makeStore(in location: String, lease: Duration) async throws -> any JobStore {
    #if Postgres
    if location.hasPrefix("postgresql://") { return try await PostgresJobStore(url: location, lease: lease) }
    #endif
    return try await SQLiteJobStore(file: URL(fileURLWithPath: location), lease: lease)
}

let claim = try await makeStore(in: arguments[0], lease: .seconds(seconds)).claim(id)
print(claim == nil ? "in use" : "claimed")
fflush(nil)
// Reading ends if the process that started this one ends.
_ = FileHandle.standardInput.readDataToEndOfFile()
