import XCTest

@testable import HeadshotKit

final class PhotoMetadataRobustnessTests: XCTestCase {
    private let photos: [(name: String, photo: Data)] = [
        ("JPEG", PhotoSample.privateJPEG()), ("PNG", PhotoSample.privatePNG()), ("WebP", PhotoSample.privateWebP()),
        ("GIF", PhotoSample.privateGIF()), ("HEIC", HEIFSample().data),
    ]

    /// A generator of the same numbers in every run (SplitMix64).
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
            return value ^ value >> 31
        }
    }

    /// Removes metadata, and checks the result if the photo is not rejected.
    private func check(_ photo: Data, _ name: String) -> Data? {
        do {
            let result = try PhotoMetadata.remove(from: photo)
            XCTAssertEqual(try PhotoMetadata.remove(from: result), result, "\(name): \(photo.base64EncodedString())")
            return result
        } catch {
            XCTAssertEqual((error as? HeadshotKitError)?.code, .invalidMedia, "\(name): \(error)")
            return nil
        }
    }

    func testTruncatedPhotoIsRejectedOrLosesOnlyPrivateBytes() throws {
        for (name, photo) in photos {
            let whole = try PhotoMetadata.remove(from: photo)
            var accepted = 0
            for length in 0..<photo.count {
                guard let result = check(photo.prefix(length), name) else { continue }
                accepted += 1
                XCTAssertTrue(name == "HEIC" ? whole.starts(with: result) : result == whole, "\(name), \(length) bytes")
            }
            // A HEIC file is whole without its last box. The other photos end with six private bytes.
            XCTAssertEqual(accepted, name == "HEIC" ? 1 : 6, name)
        }
    }

    func testMutatedPhotoIsRejectedOrHasAStableResult() {
        for (index, (name, photo)) in photos.enumerated() {
            var random = Generator(state: UInt64(index + 1))
            var accepted = 0
            for _ in 0..<1_500 {
                var mutated = [UInt8](photo)
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let position = Int.random(in: 0..<mutated.count, using: &random)
                    switch Int.random(in: 0..<6, using: &random) {
                    case 0: mutated[position] = 0xff
                    case 1: mutated[position] = 0
                    case 2: mutated[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    case 3: mutated.insert(UInt8.random(in: 0...255, using: &random), at: position)
                    case 4 where mutated.count > 1: mutated.remove(at: position)
                    default: mutated[position] = UInt8.random(in: 0...255, using: &random)
                    }
                }
                if check(Data(mutated), name) != nil { accepted += 1 }
            }
            XCTAssertGreaterThan(accepted, 100, name)
            XCTAssertLessThan(accepted, 1_400, name)
        }
    }

    func testDataWithAnotherStartIndexIsRead() throws {
        for (_, photo) in photos {
            let slice = (Data([1, 2, 3]) + photo).dropFirst(3)
            XCTAssertEqual(try PhotoMetadata.remove(from: slice), try PhotoMetadata.remove(from: photo))
        }
    }

    func testPrivateTextIsNowhereInTheResult() throws {
        for (name, photo) in photos {
            XCTAssertNotNil(photo.range(of: Data("SECRET".utf8)), name)
            XCTAssertNil(try PhotoMetadata.remove(from: photo).range(of: Data("SECRET".utf8)), name)
        }
    }

    func testOtherFormatsAreRejected() {
        assertRejected(Data(), "it is empty")
        assertRejected(Data("hello, this is text".utf8), "its format is unknown")
        assertRejected(Data([0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8]), "its format is image/tiff")
        assertRejected(Data([0xff, 0x4f, 0xff, 0x51, 0]), "its format is image/jp2")
    }

    func testPhotoWithTooManyPartsIsRejected() {
        let blocks = [[UInt8]](repeating: PhotoSample.control + [0x21, 0xfe, 0], count: 70_000).flatMap { $0 }
        assertRejected(PhotoSample.gif(blocks), "it has too many parts")
    }
}
