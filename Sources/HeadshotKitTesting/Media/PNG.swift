import Foundation

/// An image with 8-bit color channels that can be encoded as a PNG file.
///
/// The pixels are stored without compression, which every reader supports and which takes little code to write.
struct PNG {
    struct Color {
        var red: Double
        var green: Double
        var blue: Double
        /// The opacity. Only an image with an alpha channel shows it.
        var alpha: Double = 1

        /// Returns this color blended with `other`. `amount` is the fraction of `other`, from 0 to 1.
        func covered(by other: Color, _ amount: Double) -> Color {
            let amount = min(1, max(0, amount))
            return Color(
                red: red + (other.red - red) * amount,
                green: green + (other.green - green) * amount,
                blue: blue + (other.blue - blue) * amount,
                alpha: alpha + (other.alpha - alpha) * amount
            )
        }

        var bytes: [UInt8] { [red, green, blue, alpha].map { UInt8(min(255, max(0, $0 * 255))) } }
    }

    let width: Int
    let height: Int
    /// The comment in the file's metadata. `nil` if there is none.
    let comment: String?
    private let hasAlpha: Bool
    private let rows: Data

    /// Creates an image by drawing each pixel. `x` and `y` range from -1 to 1 across the shorter side.
    init(
        width: Int,
        height: Int,
        comment: String? = nil,
        hasAlpha: Bool = false,
        pixel: (_ x: Double, _ y: Double) -> Color
    ) {
        self.width = width
        self.height = height
        self.comment = comment
        self.hasAlpha = hasAlpha
        let scale = 2 / Double(min(width, height))
        var rows: [UInt8] = []
        let channels = hasAlpha ? 4 : 3
        rows.reserveCapacity(height * (width * channels + 1))
        for row in 0..<height {
            rows.append(0)  // the row is unfiltered
            let y = (Double(row) - Double(height) / 2) * scale
            for column in 0..<width {
                rows += pixel((Double(column) - Double(width) / 2) * scale, y).bytes.prefix(channels)
            }
        }
        self.rows = Data(rows)
    }

    /// The image encoded as a PNG file.
    var data: Data {
        var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let size = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
        file += chunk("IHDR", size + Data([8, hasAlpha ? 6 : 2, 0, 0, 0]))
        if let comment { file += chunk("tEXt", Data("Comment\0\(comment)".utf8)) }
        file += chunk("IDAT", zlib(rows))
        file += chunk("IEND", Data())
        return file
    }

    /// Returns a PNG file of at least `count` bytes, up to about 2 GiB.
    ///
    /// The padding is a chunk that readers skip. It comes before the last chunk and is generated on demand. Padding after the last
    /// chunk is not an option because half of such a file could contain the whole image.
    static func padded(_ file: Data, to count: Int) -> PaddedBytes {
        let end = file.suffix(12)
        guard count > file.count else { return PaddedBytes(file) }
        // The length of a chunk has 31 bits, and its framing takes 12 bytes.
        let announced = UInt32(min(max(0, count - file.count - 12), Int(Int32.max)))
        let length = Int(announced)
        let type = Data("paDd".utf8)
        let head = file.dropLast(12) + bigEndian(announced) + type
        let body = PaddedBytes(head, paddedTo: head.count + length)
        var sum = Checksum.crc32(type)
        for start in stride(from: head.count, to: body.count, by: 1 << 16) {
            sum = Checksum.crc32(body.bytes(in: start..<min(start + (1 << 16), body.count)), before: sum)
        }
        return PaddedBytes(head, paddedTo: head.count + length + 4 + end.count, tail: bigEndian(sum) + end)
    }

    private func chunk(_ type: String, _ contents: Data) -> Data {
        let body = Data(type.utf8) + contents
        return bigEndian(UInt32(contents.count)) + body + bigEndian(Checksum.crc32(body))
    }

    private func zlib(_ contents: Data) -> Data {
        var stream = Data([0x78, 0x01])
        var rest = contents[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            stream.append(rest.isEmpty ? 1 : 0)
            for number in [length, ~length] { stream += [UInt8(number & 0xFF), UInt8(number >> 8)] }
            stream += block
        } while !rest.isEmpty
        return stream + bigEndian(Checksum.adler32(contents))
    }
}

/// Returns the bytes of a number in network byte order.
func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> Data {
    withUnsafeBytes(of: number.bigEndian) { Data($0) }
}
