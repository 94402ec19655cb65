// Makes a photo speak a recording. The price is known as a minimum before anything is sent.
import Foundation
import HeadshotKit
import HeadshotKitTesting
import Simulation

let simulation = Simulation()
let magicHour = try simulation.magicHour()  // in your program: try MagicHour()

let request = MagicHour.TalkingPhotoRequest(
    photo: MediaSource(SampleMedia.portraitPNG()),  // in your program: .file("me.jpg")
    audio: MediaSource(SampleMedia.speechWAV(seconds: 3)),  // in your program: .file("hello.wav")
    endSeconds: 3
)
if let cost = magicHour.talkingPhotos.estimatedCost(of: request) {
    print("Price: \(cost.isExact ? "" : "at least ")\(cost.minimum) credits")
}
let options = GenerationOptions(downloadDirectory: simulation.directory, maximumCredits: 500)
let result = try await magicHour.talkingPhotos.generate(request, options: options)
print("Saved \(result.files[0].lastPathComponent)")
print("Charged \(result.project.creditsCharged ?? 0) credits")
