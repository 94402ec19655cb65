import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// The length of recordings by their headers.
final class MediaDurationTests: XCTestCase {
    private typealias Bytes = [UInt8]

    private func seconds(
        _ bytes: [UInt8],
        as kind: MediaKind = .audio,
        file: StaticString = #filePath,
        line: UInt = #line
    ) throws -> Double? {
        let source = MediaSource.data(Data(bytes))
        let info = try XCTUnwrap(try source.check(as: kind), file: file, line: line)
        return info.duration.map { Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18 }
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }
    private func big(_ value: Int, _ width: Int = 4) -> [UInt8] { PhotoSample.bigEndian(value, width) }
    private func little(_ value: Int, _ width: Int = 4) -> [UInt8] { PhotoSample.bigEndian(value, width).reversed() }
    private func silence(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    // MARK: WAV and AIFF

    /// A WAV file with one channel and 8,000 bytes per second.
    private func wav(
        _ count: Int,
        stated: Int? = nil,
        form: String = "RIFF",
        before: [UInt8] = [],
        after: [UInt8] = []
    ) -> [UInt8] {
        let format = text("fmt ") + little(16) + little(1, 2) + little(1, 2) + little(8_000) + little(8_000)
        let chunks = format + little(1, 2) + little(8, 2) + before + text("data") + little(stated ?? count)
        return text(form) + little(0xffff_ffff) + text("WAVE") + (form == "RF64" ? before + chunks : chunks)
            + silence(count)
            + after
    }

    func testWAV() throws {
        XCTAssertEqual(try seconds(wav(20_000)), 2.5)
        // An odd size needs a byte of padding.
        XCTAssertEqual(try seconds(wav(20_001, before: text("LIST") + little(3) + text("abc\0"))), 2.500_125)
        XCTAssertEqual(try seconds(wav(8_000, after: text("LIST") + little(4) + text("abcd"))), 1)
        XCTAssertEqual(
            try seconds(wav(8_000, stated: 0xffff_ffff)),
            1,
            "A recorder that writes to a pipe does not know the size."
        )
        XCTAssertEqual(try seconds(wav(8_000, stated: 0)), 1)
        XCTAssertEqual(try seconds(wav(8_000, stated: 800_000)), 1, "The file is truncated.")
    }

    func testLongWAVHasItsSizeInAnotherChunk() throws {
        let sizes = text("ds64") + little(28) + little(0, 8) + little(4_000, 8) + little(0, 8) + little(0)
        XCTAssertEqual(try seconds(wav(8_000, stated: 0xffff_ffff, form: "RF64", before: sizes)), 0.5)
    }

    func testCompressedWAVStatesItsSamples() throws {
        // Microsoft's ADPCM, whose byte rate says little.
        func adpcm(_ samples: Int?, stated: Int? = nil) -> [UInt8] {
            let fact = samples.map { text("fact") + little(4) + little($0) } ?? []
            var bytes = wav(4_000, stated: stated, before: fact)
            bytes.replaceSubrange(20..<22, with: little(2, 2))
            return bytes
        }
        XCTAssertEqual(try seconds(adpcm(12_000)), 1.5)
        XCTAssertNil(try seconds(adpcm(nil)))
        XCTAssertNil(try seconds(adpcm(12_000, stated: 8_000)), "The file is truncated.")
    }

    func testWAVWithoutRateHasUnknownLength() throws {
        var bytes = wav(8_000)
        bytes.replaceSubrange(28..<32, with: silence(4))
        XCTAssertNil(try seconds(bytes))
        XCTAssertNil(try seconds(text("RIFF") + little(0) + text("WAVE") + silence(100)))
    }

    /// An AIFF file with two channels of 16 bits and 44,100 samples per second.
    private func aiff(_ frames: Int, stated: Int? = nil, form: String = "AIFF", compression: String = "") -> [UInt8] {
        let rate: [UInt8] = [0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]
        let common = big(2, 2) + big(stated ?? frames) + big(16, 2) + rate + text(compression)
        let sound = text("SSND") + big(frames * 4 + 8) + silence(8) + silence(frames * 4)
        let chunks = text(form) + text("COMM") + big(common.count) + common + sound
        return text("FORM") + big(chunks.count) + chunks
    }

    func testAIFF() throws {
        XCTAssertEqual(try seconds(aiff(22_050)), 0.5)
        XCTAssertEqual(try seconds(aiff(22_050, form: "AIFC", compression: "sowt")), 0.5)
        XCTAssertEqual(try seconds(aiff(22_050, stated: 44_100)), 0.5, "The file is truncated.")
        XCTAssertNil(try seconds(aiff(22_050, form: "AIFC", compression: "ima4")))
        var bytes = aiff(22_050)
        bytes.replaceSubrange(28..<30, with: [0x7f, 0xff])
        XCTAssertNil(try seconds(bytes), "The rate is not a number.")
    }

    // MARK: FLAC and Ogg

    func testFLAC() throws {
        // 44,100 Hz, 2 channels, 16 bits, 110,250 samples.
        let info: [UInt8] = big(0, 2) + big(0, 2) + big(0, 3) + big(0, 3) + [0x0a, 0xc4, 0x42, 0xf0, 0, 1, 0xae, 0xaa]
        let stream = text("fLaC") + [0, 0, 0, 34] + info + silence(16)
        XCTAssertEqual(try seconds(stream + silence(100)), 2.5)
        XCTAssertEqual(try seconds(text("ID3") + [4, 0, 0, 0, 0, 0, 5] + silence(5) + stream + silence(100)), 2.5)
        var live = stream
        live.replaceSubrange(22..<26, with: silence(4))
        XCTAssertNil(try seconds(live + silence(100)), "A stream does not state its length.")
    }

    private func page(_ position: Int, _ content: [UInt8], serial: Int = 7, flags: UInt8 = 0) -> [UInt8] {
        let tail = little(serial) + silence(8)
        let segments = [UInt8](repeating: 255, count: content.count / 255) + [UInt8(content.count % 255)]
        return text("OggS") + [0, flags] + little(position, 8) + tail + [UInt8(segments.count)] + segments + content
    }

    private var opus: [UInt8] {
        page(0, text("OpusHead") + [1, 2] + little(312, 2) + little(44_100) + [0, 0, 0], flags: 2)
            + page(0, text("OpusTags"))
    }

    private var vorbis: [UInt8] {
        page(0, [1] + text("vorbis") + little(0) + [2] + little(44_100) + silence(14), flags: 2)
            + page(0, [3] + text("vorbis"))
    }

    func testOggWithOpusAndVorbis() throws {
        XCTAssertEqual(try seconds(opus + page(48_000, silence(500)) + page(120_312, silence(600), flags: 4)), 2.5)
        XCTAssertEqual(try seconds(vorbis + page(44_100, silence(500)) + page(110_250, silence(9), flags: 4)), 2.5)
        // The last page may hold the middle of a packet.
        XCTAssertEqual(try seconds(vorbis + page(22_050, silence(500)) + page(-1, silence(300))), 0.5)
        // A page in the sound is not one.
        XCTAssertEqual(try seconds(vorbis + page(22_050, text("OggS") + silence(90))), 0.5)
        XCTAssertEqual(
            try seconds(vorbis + page(44_100, silence(65_024)) + page(88_200, silence(65_024)) + silence(9)),
            2
        )
    }

    func testOggThatDoesNotStateItsLength() throws {
        XCTAssertNil(
            try seconds(opus + page(480_000_000, silence(500)) + page(480_048_000, silence(9))),
            "A broadcast."
        )
        XCTAssertNil(
            try seconds(vorbis + page(44_100, silence(500)) + page(44_100, silence(9), serial: 8)),
            "Two streams."
        )
        XCTAssertNil(try seconds(page(0, text("Speex   ") + silence(72), flags: 2) + page(8_000, silence(90))))
        XCTAssertNil(try seconds(opus + page(300, silence(500))), "Only samples that are not played.")
        XCTAssertNil(try seconds(opus + page(.max, silence(500))))
    }

    // MARK: MP4

    private func movie(_ header: [UInt8], _ more: [UInt8] = [], brand: String = "M4A ") -> [UInt8] {
        let box = WholeFiles.box
        let moov = box("moov", box("mvhd", header + silence(80)) + more)
        return box("ftyp", text(brand) + big(0) + text(brand)) + moov + box("mdat", silence(64))
    }

    func testMovie() throws {
        XCTAssertEqual(try seconds(movie(silence(12) + big(1_000) + big(2_500))), 2.5)
        XCTAssertEqual(try seconds(movie([1, 0, 0, 0] + silence(16) + big(44_100) + big(110_250, 8))), 2.5)
        XCTAssertEqual(try seconds(movie(silence(12) + big(1_000) + big(9_000), brand: "isom"), as: .video), 9)
        let fragments = WholeFiles.box("mvex", WholeFiles.box("mehd", silence(4) + big(1_500)))
        XCTAssertEqual(try seconds(movie(silence(12) + big(1_000) + big(0), fragments)), 1.5)
    }

    func testMovieThatDoesNotStateItsLength() throws {
        XCTAssertNil(try seconds(movie(silence(12) + big(1_000) + big(0))))
        XCTAssertNil(try seconds(movie(silence(12) + big(1_000) + big(0xffff_ffff))))
        XCTAssertNil(try seconds(movie(silence(12) + big(0) + big(2_500))))
        XCTAssertNil(try seconds(movie([1, 0, 0, 0] + silence(16) + big(1) + [UInt8](repeating: 0xff, count: 8))))
        XCTAssertNil(
            try seconds(movie([1, 0, 0, 0] + silence(16) + big(1) + big(1 << 59, 8))),
            "An implausible length."
        )
        XCTAssertNil(try seconds(movie([2] + silence(11) + big(1_000) + big(2_500))), "An unknown version.")
    }

    // MARK: Frames

    /// A frame of MPEG 1, layer III, 128 kbit/s, 44,100 Hz, stereo: 1,152 samples in 417 bytes.
    private func frame(_ content: [UInt8] = []) -> [UInt8] {
        [0xff, 0xfb, 0x90, 0x00] + content + silence(413 - content.count)
    }

    private func frames(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in frame() } }

    private func samples(_ count: Int) -> Double { Double(count) / 44_100 }

    private func assertSeconds(_ bytes: [UInt8], _ expected: Double, line: UInt = #line) throws {
        XCTAssertEqual(try XCTUnwrap(try seconds(bytes, line: line), line: line), expected, accuracy: 1e-8, line: line)
    }

    func testMP3WithoutHeaderIsCounted() throws {
        try assertSeconds(frames(100), samples(115_200))
        let id3 = text("ID3") + [4, 0, 0, 0, 0, 0, 20] + silence(20)
        try assertSeconds(id3 + frames(10), samples(11_520))
        try assertSeconds(frames(10) + text("TAG") + silence(125), samples(11_520))
        try assertSeconds(frames(10) + frame().prefix(100), samples(11_520))
        // 64 kbit/s has 208 bytes. The rate changes from frame to frame.
        let small: [UInt8] = [0xff, 0xfb, 0x50, 0x00] + silence(204)
        try assertSeconds(frames(5) + small + frame() + small, samples(8 * 1_152))
        XCTAssertNil(try seconds(frames(10) + text("unknown bytes between frames") + frames(10)))
    }

    func testMP3OfLowRateHasShorterFrames() throws {
        // MPEG 2, 64 kbit/s, 22,050 Hz, mono: 576 samples in 208 bytes. MPEG 2.5, 8 kbit/s, 8,000 Hz: 576 samples in 72 bytes.
        let mpeg2: [UInt8] = [0xff, 0xf3, 0x80, 0xc0] + silence(204)
        try assertSeconds((0..<20).flatMap { _ in mpeg2 }, Double(20 * 576) / 22_050)
        let mpeg25: [UInt8] = [0xff, 0xe3, 0x18, 0xc0] + silence(68)
        try assertSeconds((0..<20).flatMap { _ in mpeg25 }, Double(20 * 576) / 8_000)
    }

    func testMP3WithXingHeader() throws {
        let xing = silence(32) + text("Xing") + big(1) + big(100)
        try assertSeconds(frame(xing) + frames(3), samples(115_200))
        // The encoder added 576 samples before the sound and 1,000 after it.
        let encoder = text("LAME3.100") + silence(12) + [0x24, 0x03, 0xe8]
        let full = silence(32) + text("Info") + big(15) + big(100) + big(1_000) + silence(104) + encoder
        try assertSeconds(frame(full) + frames(3), samples(115_200 - 1_576))
        // A file that is shorter than stated is counted, without the frame of the header.
        let cut = silence(32) + text("Xing") + big(3) + big(100) + big(41_700)
        try assertSeconds(frame(cut) + frames(3), samples(3 * 1_152))
        try assertSeconds(frame(silence(32) + text("Info") + big(0)) + frames(3), samples(3 * 1_152))
    }

    func testMP3WithVBRIHeader() throws {
        let header = silence(32) + text("VBRI") + big(1, 2) + big(0, 2) + big(75, 2) + big(900) + big(100)
        try assertSeconds(frame(header) + frames(3), samples(115_200))
    }

    func testAACIsCounted() throws {
        // 44,100 Hz, a frame of 100 bytes with 1,024 samples, and one of 50 bytes with 2,048.
        let one: [UInt8] = [0xff, 0xf1, 0x50, 0x80, 0x0c, 0x9f, 0xfc] + silence(93)
        let two: [UInt8] = [0xff, 0xf1, 0x50, 0x80, 0x06, 0x5f, 0xfd] + silence(43)
        try assertSeconds(one + two + one + one.prefix(50), samples(4 * 1_024))
        XCTAssertNil(try seconds(one + silence(100) + one))
        XCTAssertNil(try seconds(text("ADIF") + silence(100)))
        // The length of a frame is at least that of its header.
        XCTAssertNil(try seconds([0xff, 0xf1, 0x50, 0x80, 0, 0x1f, 0xfc] + silence(93)))
    }

    // MARK: Hostile files

    func testCutAndMutatedFilesDoNotTrap() throws {
        let xing = frame(
            silence(32) + text("Info") + big(15) + big(100) + big(1_000) + silence(104) + text("LAME3.100")
        )
        let samples: [[UInt8]] = [
            wav(100), aiff(20), opus + page(48_000, silence(90)), vorbis + page(44_100, silence(90)),
            movie(silence(12) + big(1_000) + big(2_500)), xing + frames(2), text("fLaC") + [0, 0, 0, 34] + silence(90),
        ]
        var random = SplitMix64(state: 1)
        for sample in samples {
            for length in 0..<min(sample.count, 300) { try checkDoesNotTrap(Array(sample.prefix(length))) }
            for _ in 0..<2_000 {
                var bytes = sample
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let index = Int.random(in: 0..<min(bytes.count, 260), using: &random)
                    bytes[index] =
                        [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)].randomElement(
                            using: &random
                        ) ?? 0
                }
                try checkDoesNotTrap(bytes)
            }
        }
    }

    private func checkDoesNotTrap(_ bytes: [UInt8]) throws {
        let bytes = MediaBytes(Data(bytes))
        for format in MediaFormat.all {
            if let length = try MediaDuration.of(bytes, format) { XCTAssertGreaterThan(length, .zero) }
            if let size = try PixelSize.of(bytes, format) { XCTAssertGreaterThan(size.width * size.height, 0) }
        }
    }

    func testOnlyHeadersOfLargeFileAreRead() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("headshotkit-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        // 1 GiB minus the header, as a hole in the file.
        let count = 1 << 30 - 1_000
        try Data(wav(0, stated: count)).write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: UInt64(count + 44))
        try handle.close()
        let start = ContinuousClock.now
        let info = try XCTUnwrap(try MediaSource.file(file).check(as: .audio))
        XCTAssertEqual(info.duration, .seconds(count / 8_000) + .microseconds(count % 8_000 * 125))
        XCTAssertEqual(info.byteCount, Int64(count + 44))
        XCTAssertLessThan(ContinuousClock.now - start, .seconds(1))
    }
}
