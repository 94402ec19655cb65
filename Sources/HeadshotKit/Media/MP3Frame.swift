/// The header of a frame of MPEG audio, layer III.
struct MP3Frame {
    /// The length of the frame in bytes, with its header.
    let length: Int64
    /// The number of samples of each channel.
    let samples: Int64
    /// The sample rate in hertz.
    let rate: Int64
    /// The offset of the info block in a frame that has one.
    private let infoOffset: Int64

    private static let rates: [Int64] = [44_100, 48_000, 32_000]
    private static let bitRates: [[Int64]] = [
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]

    /// Creates a header from the bytes of a frame, or returns `nil` if they are not one, or one of a free bit rate.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard MediaFormat.detectFrames(bytes) == .mp3 else { return nil }
        let head = [UInt8](bytes.prefix(4))
        // 3 is MPEG 1, 2 is MPEG 2, and 0 is MPEG 2.5.
        let version = head[1] >> 3 & 3
        let bitRateIndex = Int(head[2] >> 4)
        guard bitRateIndex > 0 else { return nil }
        let bitRate = Self.bitRates[version == 3 ? 0 : 1][bitRateIndex - 1] * 1_000
        rate = Self.rates[Int(head[2] >> 2 & 3)] / (version == 3 ? 1 : version == 2 ? 2 : 4)
        samples = version == 3 ? 1_152 : 576
        length = samples / 8 * bitRate / rate + Int64(head[2] >> 1 & 1)
        let isMono = head[3] >> 6 == 3
        infoOffset = version == 3 ? (isMono ? 21 : 36) : (isMono ? 13 : 21)
    }

    /// Returns whether the frame holds information instead of sound.
    func hasInfo(_ bytes: MediaBytes, at offset: Int64) throws -> Bool {
        try ["Xing", "Info"].contains(bytes.name(offset + infoOffset)) || bytes.name(offset + 36) == "VBRI"
    }

    /// Returns the number of samples in the file that the frame's info block states, without those that the encoder added. Returns
    /// `nil` if there is no such number, or if the file is shorter than the block states.
    func statedSamples(_ bytes: MediaBytes, at offset: Int64) throws -> Int64? {
        let available = bytes.size - offset
        let info = offset + infoOffset
        if try ["Xing", "Info"].contains(bytes.name(info)) {
            guard let flags = try bytes.number(info + 4, 4), flags & 1 == 1, let frames = try bytes.number(info + 8, 4)
            else {
                return nil
            }
            if flags & 2 == 2, try bytes.number(info + 12, 4) ?? .max > available { return nil }
            // The name of the encoder follows the fields whose flags are set.
            let fields: [Int64] = [4, 4, 100, 4]
            let encoder = fields.indices.reduce(info + 8) { flags >> $1 & 1 == 1 ? $0 + fields[$1] : $0 }
            var added: Int64 = 0
            if try ["LAME", "Lavf", "Lavc"].contains(bytes.name(encoder)),
                let padding = try bytes.number(encoder + 21, 3)
            {
                added = padding >> 12 + padding & 0xfff
            }
            return frames * samples - added
        }
        guard try bytes.name(offset + 36) == "VBRI", let size = try bytes.number(offset + 46, 4), size <= available
        else {
            return nil
        }
        return try bytes.number(offset + 50, 4).map { $0 * samples }
    }
}
