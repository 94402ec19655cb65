// Makes a headshot as an app does: through a server that has the API key and a budget for the user. Examples/Studio is such a server.
import Foundation
import HeadshotKit
import HeadshotKitTesting

let environment = ProcessInfo.processInfo.environment
guard let url = environment["STUDIO_URL"], let studio = URL(string: url), let token = environment["STUDIO_TOKEN"] else {
    print("Set STUDIO_URL and STUDIO_TOKEN to the URL and the token that the studio prints.")
    exit(2)
}
let directory = URL(fileURLWithPath: environment["OUTPUT_DIRECTORY"] ?? "headshots", isDirectory: true)
let magicHour = try MagicHour(
    credential: { token },  // in your app: a short-lived token from your log-in, which is asked for again after a 401
    baseURL: studio,
    configuration: ClientConfiguration(jobStore: try FileJobStore(directory: directory.appendingPathComponent("jobs")))
)

// The jobs that an earlier run left behind are finished first. They are not charged again.
for try await (record, result) in magicHour.jobs.resumeAll() {
    print("Earlier job \(record.job?.id ?? "without an id"): \(result)")
}

let request = MagicHour.HeadshotRequest(
    photo: MediaSource(SampleMedia.portraitPNG()),  // in your app: the data from a PhotosPicker
    prompt: "navy suit, soft light"
)
let options = GenerationOptions(
    downloadDirectory: directory,
    faceCheck: .exactlyOne,
    photoMetadata: .remove,
    correlation: .name  // GET /api/relayed-jobs shows the tag of a job whose response was lost
)
do {
    for try await update in magicHour.headshots.events(for: request, options: options) {
        print("\(Int(update.fractionCompleted * 100)) %")
        guard case .finished(let result) = update else { continue }
        print("Saved \(result.files[0].path)")
        print("Charged \(result.project.creditsCharged ?? 0) credits")
    }
} catch let error as HeadshotKitError {
    switch error.code {
    case .insufficientCredits: print("The budget has too few credits.")
    case .submissionUnconfirmed: print("The headshot may be in progress. GET /api/relayed-jobs shows whether it is.")
    default: print(error)
    }
    exit(1)
}
