import Foundation

/// The length of recordings and videos, as their headers state it.
///
/// Only headers are read. A file without one, such as AAC, is counted frame by frame.
enum MediaDuration {
    /// The limit for the frames of untrusted files, which is more than 6 hours.
    private static let maximumFrames: Int64 = 1 << 20

    /// Returns the length of a file, or `nil` if its header does not state it.
    static func of(_ bytes: MediaBytes, _ format: MediaFormat) throws -> Duration? {
        switch format {
        case .wav: try wav(bytes)
        case .aiff: try aiff(bytes)
        case .flac: try flac(bytes)
        case .ogg, .opus: try ogg(bytes)
        case .m4a, .mp4, .m4v, .mov: try movie(bytes)
        case .mp3: try mp3(bytes)
        case .aac: try aac(bytes)
        default: nil
        }
    }

    /// Returns the duration of samples, or `nil` if there are none or if the rate is 0. More than a century is not plausible.
    static func duration(_ samples: Int64, rate: Int64) -> Duration? {
        guard samples > 0, rate > 0, rate <= 1 << 32, samples / rate < 1 << 32 else { return nil }
        return .seconds(samples / rate) + .nanoseconds(samples % rate * 1_000_000_000 / rate)
    }

    // MARK: Chunks

    /// Calls a closure with the chunks of a RIFF or AIFF file until it returns `false`.
    private static func forEachChunk(
        of bytes: MediaBytes,
        littleEndian: Bool,
        _ body: (_ name: String, _ content: Int64, _ size: Int64) throws -> Bool
    ) throws {
        var offset: Int64 = 12
        // A recording has a few chunks before its data.
        for _ in 0..<1_024 {
            guard let size = try bytes.number(offset + 4, 4, littleEndian: littleEndian) else { return }
            guard try body(try bytes.name(offset), offset + 8, size) else { return }
            // Chunks start at even offsets.
            offset += 8 + size + size % 2
        }
    }

    /// The codings of WAV files that store samples of a fixed size: PCM, floating point, A-law, µ-law, and the extensible header.
    private static let plainCodings: Set<Int64> = [1, 3, 6, 7, 0xfffe]

    private static func wav(_ bytes: MediaBytes) throws -> Duration? {
        var result: Duration?
        var (coding, rate, bytesPerSecond): (Int64, Int64, Int64) = (0, 0, 0)
        var (samples, longSize): (Int64, Int64?) = (0, nil)
        try forEachChunk(of: bytes, littleEndian: true) { name, content, size in
            switch name {
            case "fmt ":
                coding = try bytes.number(content, 2, littleEndian: true) ?? 0
                rate = try bytes.number(content + 4, 4, littleEndian: true) ?? 0
                bytesPerSecond = try bytes.number(content + 8, 4, littleEndian: true) ?? 0
            case "fact": samples = try bytes.number(content, 4, littleEndian: true) ?? 0
            case "ds64": longSize = try bytes.number(content + 8, 8, littleEndian: true)
            case "data":
                // A recorder that writes to a pipe does not know the size in advance and states none, or one that is far too large.
                let stated = size == 0xffff_ffff ? longSize ?? .max : size
                let rest = bytes.size - content
                // The byte rate of compressed sound is only an average, so the number of samples counts, unless the file is truncated.
                guard plainCodings.contains(coding) else {
                    result = stated <= rest ? duration(samples, rate: rate) : nil
                    return false
                }
                result = duration(stated == 0 ? rest : min(stated, rest), rate: bytesPerSecond)
                return false
            default: break
            }
            return true
        }
        return result
    }

    /// The compression types of AIFF-C that store samples of a fixed size.
    private static let plainCompressions: Set<String> = [
        "NONE", "sowt", "twos", "raw ", "in24", "in32", "fl32", "FL32", "fl64", "FL64", "alaw", "ALAW", "ulaw", "ULAW",
    ]

    private static func aiff(_ bytes: MediaBytes) throws -> Duration? {
        let isCompressible = try bytes.name(8) == "AIFC"
        var (frames, frameSize, rate): (Int64, Int64, Int64) = (0, 0, 0)
        var available: Int64?
        try forEachChunk(of: bytes, littleEndian: false) { name, content, size in
            if name == "COMM", let channels = try bytes.number(content, 2),
                let count = try bytes.number(content + 2, 4),
                let bits = try bytes.number(content + 6, 2), let extended = try bytes.exactly(content + 8, 10)
            {
                let compression = isCompressible ? try bytes.name(content + 18) : "NONE"
                guard plainCompressions.contains(compression) else { return false }
                (frames, frameSize, rate) = (count, channels * ((bits + 7) / 8), integer(ofExtended: extended))
                if compression.lowercased().hasSuffix("law") { frameSize = channels }
            }
            // A truncated file has less sound than it states.
            if name == "SSND" { available = min(size, bytes.size - content) - 8 }
            return frames == 0 || available == nil
        }
        guard let available, frameSize > 0 else { return nil }
        return duration(min(frames, available / frameSize), rate: rate)
    }

    /// Returns the whole part of an 80-bit number, or 0 if it is not a plausible sample rate.
    private static func integer(ofExtended bytes: [UInt8]) -> Int64 {
        let exponent = (Int(bytes[0]) << 8 | Int(bytes[1])) - 16_383
        guard (0..<32).contains(exponent) else { return 0 }
        let mantissa = bytes[2...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(mantissa >> UInt64(63 - exponent))
    }

    private static func flac(_ bytes: MediaBytes) throws -> Duration? {
        let start = try bytes.name(0) == "fLaC" ? 0 : try MediaFormat.endOfTag(bytes)
        // The first block holds the rate in 20 bits, the channels and sample size in 8, and the number of samples in 36.
        guard try bytes.name(start) == "fLaC", try bytes.number(start + 4, 1).map({ $0 & 0x7f }) == 0,
            let rate = try bytes.number(start + 18, 3), let low = try bytes.number(start + 22, 4),
            let high = try bytes.number(start + 21, 1)
        else { return nil }
        return duration((high & 0xf) << 32 | low, rate: rate >> 4)
    }

    // MARK: Boxes

    private static func movie(_ bytes: MediaBytes) throws -> Duration? {
        guard let movie = try MediaBox.first("moov", bytes, in: 0..<bytes.size),
            let header = try MediaBox.first("mvhd", bytes, in: movie),
            let version = try bytes.number(header.lowerBound, 1), version < 2
        else { return nil }
        let (scaleOffset, width): (Int64, Int) = version == 0 ? (12, 4) : (20, 8)
        guard let scale = try bytes.number(header.lowerBound + scaleOffset, 4),
            var length = try bytes.number(header.lowerBound + scaleOffset + 4, width)
        else { return nil }
        // The fragments of a movie have a length of their own.
        if length == 0, let fragments = try MediaBox.first("mvex", bytes, in: movie),
            let total = try MediaBox.first("mehd", bytes, in: fragments),
            let version = try bytes.number(total.lowerBound, 1)
        {
            length = try bytes.number(total.lowerBound + 4, version == 0 ? 4 : 8) ?? 0
        }
        // All ones mean an unknown length.
        return length == (version == 0 ? 0xffff_ffff : 1 << 60) ? nil : duration(length, rate: scale)
    }

    // MARK: Frames

    private static func mp3(_ bytes: MediaBytes) throws -> Duration? {
        let tag = try MediaFormat.endOfTag(bytes)
        let piece = try bytes.read(tag, 1 << 16)
        let first = piece.indices.first { index in
            // Random bytes look like a frame too, but are not followed by another one.
            guard piece[index] == 0xff, let frame = MP3Frame(piece[index...]) else { return false }
            let next = index + Int(frame.length)
            return next >= piece.count || MP3Frame(piece[next...])?.rate == frame.rate
        }
        guard let first, let frame = MP3Frame(piece[first...]) else { return nil }
        let start = tag + Int64(first)
        if let stated = try frame.statedSamples(bytes, at: start) { return duration(stated, rate: frame.rate) }
        let isInfo = try frame.hasInfo(bytes, at: start)
        let samples = try count(bytes, from: isInfo ? start + frame.length : start) { offset in
            guard let next = MP3Frame(try bytes.read(offset, 4)[...]), next.rate == frame.rate else { return nil }
            return (next.length, next.samples)
        }
        return samples.flatMap { duration($0, rate: frame.rate) }
    }

    private static func aac(_ bytes: MediaBytes) throws -> Duration? {
        let rates: [Int64] = [
            96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
        ]
        let start = try MediaFormat.endOfTag(bytes)
        guard let index = try bytes.number(start + 2, 1).map({ Int($0 >> 2 & 0xf) }), rates.indices.contains(index)
        else {
            return nil
        }
        let samples = try count(bytes, from: start) { offset in
            guard let head = try bytes.exactly(offset, 7), MediaFormat.detectFrames(head[...]) == .aac,
                Int(head[2] >> 2 & 0xf) == index
            else { return nil }
            let length = Int64(head[3] & 3) << 11 | Int64(head[4]) << 3 | Int64(head[5]) >> 5
            return length < 7 ? nil : (length, 1_024 * Int64(head[6] & 3 + 1))
        }
        return samples.flatMap { duration($0, rate: rates[index]) }
    }

    /// Returns the number of samples in the frames to the end of a file, or `nil` if something else is between the frames.
    private static func count(
        _ bytes: MediaBytes,
        from start: Int64,
        _ frame: (_ offset: Int64) throws -> (length: Int64, samples: Int64)?
    ) throws -> Int64? {
        var (offset, total): (Int64, Int64) = (start, 0)
        for _ in 0..<maximumFrames {
            // A truncated frame at the end cannot be played.
            guard bytes.size - offset >= 7, let next = try frame(offset) else {
                let rest = try bytes.read(offset, 8)
                let isTag = ["TAG", "APETAGEX", "LYRICSBE", "ID3"].contains { rest.starts(with: Array($0.utf8)) }
                return isTag || rest.count < 7 ? total : nil
            }
            guard next.length <= bytes.size - offset else { return total }
            offset += next.length
            total += next.samples
        }
        return nil
    }
}
