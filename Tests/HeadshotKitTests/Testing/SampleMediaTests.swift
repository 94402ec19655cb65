import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class SampleMediaTests: XCTestCase {
    func testPortraitIsValidPNG() throws {
        let file = SampleMedia.portraitPNG(width: 40, height: 30)
        XCTAssertEqual(file.prefix(8), Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        XCTAssertEqual(file[8..<33].prefix(8), Data([0, 0, 0, 13]) + Data("IHDR".utf8))
        XCTAssertEqual(file[16..<26], Data([0, 0, 0, 40, 0, 0, 0, 30, 8, 2]))
        // The IEND chunk with its documented checksum.
        XCTAssertEqual(file.suffix(12), Data([0, 0, 0, 0]) + Data("IEND".utf8) + Data([0xAE, 0x42, 0x60, 0x82]))
    }

    func testSeedDeterminesColors() {
        let first = SampleMedia.portraitPNG(width: 16, height: 16, seed: 1)
        XCTAssertEqual(first, SampleMedia.portraitPNG(width: 16, height: 16, seed: 1))
        XCTAssertNotEqual(first, SampleMedia.portraitPNG(width: 16, height: 16, seed: 2))
    }

    func testHeadshotShowsPersonOfPhoto() async throws {
        let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
        var simulation = SimulatedService.Configuration()
        simulation.outputPixels = 64
        let service = SimulatedService(configuration: simulation, clock: clock)
        let client = try MagicHour(
            apiKey: simulation.magicHourKey,
            configuration: ClientConfiguration(transport: service, clock: clock)
        )
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("looks-\(UUID().uuidString)")
        defer { XCTAssertNoThrow(try FileManager.default.removeItem(at: directory)) }
        var faces: Set<Data> = []
        for seed in 1...2 as ClosedRange<UInt64> {
            let photo = SampleMedia.portraitPNG(width: 64, height: 64, seed: seed)
            let result = try await client.headshots.generate(
                .init(photo: .data(photo)),
                options: .init(downloadDirectory: directory)
            )
            let headshot = try Data(contentsOf: result.files[0])
            XCTAssertEqual(centralPixel(headshot), centralPixel(photo))
            XCTAssertNotEqual(headshot, photo)
            faces.insert(centralPixel(headshot))
        }
        XCTAssertEqual(faces.count, 2)
    }

    /// Returns the pixel in the middle of an uncompressed PNG file of 64 by 64 pixels, which is in the face.
    private func centralPixel(_ file: Data) -> Data {
        // The rows begin after the headers, and each begins with a byte for its filter.
        let start = 48 + 32 * (1 + 64 * 3) + 1 + 32 * 3
        return Data(file[start..<start + 3])
    }

    func testLandscapeIsMarkedAsFaceless() {
        let file = SampleMedia.landscapePNG(width: 16, height: 16)
        XCTAssertNotNil(file.range(of: Data("no-face".utf8)))
    }

    func testSpeechIsWAVFileOfRequestedLength() {
        let file = SampleMedia.speechWAV(seconds: 0.5)
        XCTAssertEqual(file.count, 44 + 8_000)
        XCTAssertEqual(file.prefix(4), Data("RIFF".utf8))
        XCTAssertEqual(file[4..<8], Data([0x64, 0x1F, 0, 0]))  // 8,036
        XCTAssertEqual(file[8..<16], Data("WAVEfmt ".utf8))
    }
}
