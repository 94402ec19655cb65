// Tests a function of an app against the simulated service, with the faults that are hard to cause for real.
import Foundation
import HeadshotKit
import HeadshotKitTesting

/// The function under test. It takes the client, so that a test can pass a simulated one.
func profilePicture(of photo: MediaSource, with magicHour: MagicHour, in directory: URL) async -> String {
    do {
        let result = try await magicHour.headshots.generate(
            .init(photo: photo),
            options: .init(downloadDirectory: directory)
        )
        return "saved \(result.files.count) file"
    } catch let error as HeadshotKitError {
        return error.code.rawValue
    } catch {
        return "canceled"
    }
}

func check(_ condition: Bool, _ name: String) {  // in a test: XCTAssert or #expect
    print("\(condition ? "passed" : "FAILED"): \(name)")
    if !condition { exit(1) }
}

let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
let service = SimulatedService(clock: clock)
let magicHour = try MagicHour(
    apiKey: service.configuration.magicHourKey,
    configuration: .init(transport: service, clock: clock)
)
let directory = FileManager.default.temporaryDirectory.appendingPathComponent("test-\(UUID().uuidString)")
let portrait = MediaSource(SampleMedia.portraitPNG())

service.inject(.badGateway, on: .getImageProject)
var outcome = await profilePicture(of: portrait, with: magicHour, in: directory)
check(outcome == "saved 1 file", "a failed poll is repeated")

service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
outcome = await profilePicture(of: portrait, with: magicHour, in: directory)
check(outcome == "submissionUnconfirmed", "a create without a response is not sent again")

outcome = await profilePicture(of: MediaSource(SampleMedia.landscapePNG()), with: magicHour, in: directory)
check(outcome == "jobFailed", "a photo without a face fails")
check(service.ledger.map(\.kind) == [.charge, .charge, .charge, .refund], "three charges, one refund")
check(service.faultsLeft == 0, "every fault happened")
