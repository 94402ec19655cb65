import Foundation
import HeadshotKit
import HeadshotKitTesting
import Hummingbird
import Logging
import StudioServer
import StudioStores
import StudioTransport

let environment = ProcessInfo.processInfo.environment
guard CommandLine.arguments.count == 1 else {
    let text =
        "The studio takes no arguments. Its settings are environment variables: Examples/Studio/README.md lists them.\n"
    FileHandle.standardError.write(Data(text.utf8))
    exit(2)
}
do {
    try await StudioProgram(environment).run()
} catch let error as ConfigurationError {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(2)
} catch {
    let text = "\(error)".replacing("\n", with: " ")
    FileHandle.standardError.write(Data("The studio failed: \(text)\n".utf8))
    exit(1)
}
