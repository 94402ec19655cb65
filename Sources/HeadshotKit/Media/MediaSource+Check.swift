extension MediaSource {
    /// SniffedContent at a local source as every upload does: it exists, can be read, and is of a kind. A remote one is not looked at.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidMedia``, which says what is wrong.
    public func check(as kind: MediaKind) throws {
        _ = try LocalMedia(self, as: kind)
    }
}
