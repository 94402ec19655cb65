import Foundation
import HeadshotKit
import HeadshotKitTesting
import Hummingbird
import Logging
import StudioServer
import StudioStores
import StudioTransport

let environment = ProcessInfo.processInfo.environment
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
