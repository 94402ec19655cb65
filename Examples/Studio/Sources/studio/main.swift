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
}
