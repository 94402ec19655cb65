// Runs an operation that HeadshotKit has no type for: Magic Hour's photo colorizer, for 10 credits.
import Foundation
import HeadshotKit
import HeadshotKitTesting
import Simulation

let simulation = Simulation()
let magicHour = try simulation.magicHour()  // in your program: try MagicHour()

/// The body of the request, as in the service's documentation.
struct Colorizer: Encodable, Sendable {
    struct Assets: Encodable, Sendable {
        var photo: MediaSource

        enum CodingKeys: String, CodingKey { case photo = "image_file_path" }
    }

    var assets: Assets
}

let endpoint = Endpoint<Colorizer>(
    "photo-colorizer",  // POST /v1/photo-colorizer
    filePrefix: "colorized",
    media: [.init("assets.image_file_path", \.assets.photo)]  // uploaded before the job is created
) { _ in .exactly(10) }

let request = Colorizer(assets: .init(photo: MediaSource(SampleMedia.portraitPNG())))
let options = GenerationOptions(downloadDirectory: simulation.directory, maximumCredits: 10)
let result = try await magicHour.operation(endpoint).generate(request, options: options)
print("Saved \(result.files[0].lastPathComponent)")
print("Charged \(result.project.creditsCharged ?? 0) credits")
