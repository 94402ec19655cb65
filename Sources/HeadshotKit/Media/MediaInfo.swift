/// The properties of a local photo, recording, or video, from its content. See ``MediaSource/check(as:)``.
public struct MediaInfo: Equatable, Sendable {
    /// The MIME type, such as `image/jpeg`.
    public let mimeType: String
    /// The size in bytes.
    public let byteCount: Int64
    /// The width and height of a photo. `nil` for other media, or if the header does not state them.
    public let pixelSize: PixelSize?
    /// The length of a recording or video: WAV, MP3, M4A, MP4, AAC, FLAC, Ogg (Opus and Vorbis), or AIFF. `nil` for other media, or if the
    /// length cannot be known without decoding.
    public let duration: Duration?
}

/// The width and height of a photo in pixels, before its orientation is applied.
public struct PixelSize: Equatable, Sendable {
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int

    /// Creates a size. Returns `nil` if there are no pixels.
    init?(_ width: Int64, _ height: Int64) {
        guard width > 0, height > 0, width <= Int32.max, height <= Int32.max else { return nil }
        (self.width, self.height) = (Int(width), Int(height))
    }
}
