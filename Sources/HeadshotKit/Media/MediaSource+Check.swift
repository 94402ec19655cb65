extension MediaSource {
    /// Checks that a local source exists, is readable, and is of the given kind, as every upload does. A remote source is not checked.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidMedia`` and a description of the problem.
    public func check(as kind: MediaKind) throws {
        _ = try LocalMedia(self, as: kind)
    }
}
