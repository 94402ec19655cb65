// Makes the headshots of a team, several at the same time. A photo that fails does not stop the others.
import Foundation
import HeadshotKit
import HeadshotKitTesting
import Simulation

let simulation = Simulation()
let store = try FileJobStore(directory: simulation.directory.appendingPathComponent("jobs"))
let magicHour = try simulation.magicHour(store: store)

let team = [
    (name: "Ada", photo: MediaSource(SampleMedia.portraitPNG(seed: 1))),
    (name: "Bob", photo: MediaSource(SampleMedia.portraitPNG(seed: 2))),
    (name: "The lake", photo: MediaSource(SampleMedia.landscapePNG())),  // has no face
]

/// Runs the batch. A second run returns what the first one made, because the reference names the photo.
func makeHeadshots() async throws {
    var requests: [(request: MagicHour.HeadshotRequest, options: GenerationOptions)] = []
    for person in team {
        let options = GenerationOptions(
            downloadDirectory: simulation.directory,
            faceCheck: .atLeastOne,
            reference: try await person.photo.contentDigest(),
            referencePolicy: .once(for: .seconds(30 * 86_400))
        )
        requests.append((.init(photo: person.photo), options))
    }
    for try await (index, result) in magicHour.headshots.results(for: requests, maximumConcurrency: 8) {
        switch result {
        case .success(let headshot): print("\(team[index].name): \(headshot.files[0].lastPathComponent)")
        case .failure(let error): print("\(team[index].name): \(error)")
        }
    }
}

try await makeHeadshots()
print("Charges after the first run: \(simulation.service.ledger.count)")
try await makeHeadshots()
print("Charges after the second run: \(simulation.service.ledger.count)")
