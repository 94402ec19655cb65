extension MediaDuration {
    /// Returns the length of an Ogg file with one stream of Opus or Vorbis: the position of its last page.
    static func ogg(_ bytes: MediaBytes) throws -> Duration? {
        guard let first = try OggPage(bytes, at: 0), let stream = try OggStream(bytes, first) else { return nil }
        guard let last = try lastPage(bytes, of: first.serial), let start = try firstPosition(bytes, after: first)
        else {
            return nil
        }
        // A recording of a broadcast begins anywhere. A page holds half a minute at most.
        guard start <= 60 * stream.rate, last.position > stream.skipped else { return nil }
        return duration(last.position - stream.skipped, rate: stream.rate)
    }

    /// Returns the position at the end of the first page with sound. The pages before it hold only headers.
    private static func firstPosition(_ bytes: MediaBytes, after first: OggPage) throws -> Int64? {
        var offset = first.end
        // The headers contain texts and a picture.
        for _ in 0..<1_024 {
            guard let page = try OggPage(bytes, at: offset), page.serial == first.serial else { return nil }
            if page.hasPosition, page.position > 0 { return page.position }
            offset = page.end
        }
        return nil
    }

    /// Returns the last page, if it is of the given stream. A page is at most 65,307 bytes long.
    private static func lastPage(_ bytes: MediaBytes, of serial: Int64) throws -> OggPage? {
        let start = max(0, bytes.size - 2 * 65_307)
        let end = try bytes.read(start, 2 * 65_307)
        var index = end.count - 27
        while index >= 0 {
            if end[index] == UInt8(ascii: "O"), let page = try OggPage(bytes, at: start + Int64(index)) {
                if page.serial == serial {
                    // No packet ends on a page without a position.
                    if page.hasPosition { return page }
                } else if try page.end == bytes.size || bytes.name(page.end) == "OggS" {
                    // Another stream, and not sound that looks like a page.
                    return nil
                }
            }
            index -= 1
        }
        return nil
    }
}

/// The header of a page in an Ogg file.
private struct OggPage {
    let serial: Int64
    /// The number of samples up to the last packet that ends on the page.
    let position: Int64
    let end: Int64
    let content: Int64

    /// Positions above the limit of ``MediaBytes/number(_:_:littleEndian:)`` are not plausible.
    var hasPosition: Bool { position < 1 << 60 }

    init?(_ bytes: MediaBytes, at offset: Int64) throws {
        guard try bytes.name(offset) == "OggS", try bytes.number(offset + 4, 1) == 0,
            let position = try bytes.number(offset + 6, 8, littleEndian: true),
            let serial = try bytes.number(offset + 14, 4), let count = try bytes.number(offset + 26, 1),
            let table = try bytes.exactly(offset + 27, Int(count))
        else { return nil }
        content = offset + 27 + count
        end = content + table.reduce(0) { $0 + Int64($1) }
        guard end <= bytes.size else { return nil }
        (self.serial, self.position) = (serial, position)
    }
}

/// The header of a stream in an Ogg file.
private struct OggStream {
    let rate: Int64
    /// The number of samples at the beginning that are not played.
    let skipped: Int64

    init?(_ bytes: MediaBytes, _ page: OggPage) throws {
        let name = try bytes.read(page.content, 8)
        if name == Array("OpusHead".utf8), let skipped = try bytes.number(page.content + 10, 2, littleEndian: true) {
            // The positions of Opus always count at this rate.
            (rate, self.skipped) = (48_000, skipped)
        } else if name.starts(with: [1] + Array("vorbis".utf8)),
            let rate = try bytes.number(page.content + 12, 4, littleEndian: true)
        {
            (self.rate, skipped) = (rate, 0)
        } else {
            return nil
        }
    }
}
