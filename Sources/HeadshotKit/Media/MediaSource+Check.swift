extension MediaSource {
    /// Checks that a local source exists, is readable, and is of the given kind, as every upload does. A remote source is not checked.
    ///
    /// Only headers are read. An AAC file, and an MP3 file without a header, are read from beginning to end.
    ///
    /// - Returns: The properties of the photo, recording, or video. `nil` for a remote source.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidMedia`` and a description of the problem.
    @discardableResult
    public func check(as kind: MediaKind) throws -> MediaInfo? {
        try LocalMedia(self, as: kind)?.info()
    }
}
