// Makes one headshot, shows its progress, and handles the errors that a user can do something about.
import Foundation
import HeadshotKit
import HeadshotKitTesting
import Simulation

let simulation = Simulation()
let magicHour = try simulation.magicHour()  // in your program: try MagicHour()
let photo = MediaSource(SampleMedia.portraitPNG())  // in your program: .file("me.jpg")

do {
    let result = try await magicHour.headshots.generate(
        .init(photo: photo, prompt: "navy suit, soft light"),
        options: .init(downloadDirectory: simulation.directory)
    ) { event in
        if case .submitted = event { print(event) }  // others are the upload, the status, and the download
    }
    print("Saved \(result.files[0].lastPathComponent)")
    print("Charged \(result.project.creditsCharged ?? 0) credits")
} catch let error as HeadshotKitError {
    switch error.reason {
    case .noFaceDetected: print("Choose a photo in which one face is large and well lit.")
    case .insufficientCredits: print("The account has too few credits.")
    default: print(error)  // says what failed, what was charged, and what to do next
    }
    exit(1)
}
