import Foundation

/// The index of a store's directory. For each job, a symbolic link that is named by a hash points to the job's record.
///
/// The index is only a hint. A link may be missing, point to a record that has no job yet, or be replaced by the link of another
/// job with the same hash. The caller therefore checks that the record belongs to the job. A link needs no sync, and a link that
/// cannot be created only costs time.
struct JobIndex {
    let directory: URL

    func add(_ job: JobHandle, _ id: UUID) {
        let link = link(job)
        guard self.id(at: link) != id else { return }
        unlink(link)
        symlink("\(id.uuidString).json", link)
    }

    func remove(_ job: JobHandle, _ id: UUID) {
        let link = link(job)
        if self.id(at: link) == id { unlink(link) }
    }

    func id(of job: JobHandle) -> UUID? { id(at: link(job)) }

    /// Returns the ids of the records that have a link among the names in the directory.
    func ids(among names: [String]) -> Set<UUID> {
        Set(names.filter(Self.isLink).compactMap { id(at: path($0)) })
    }

    /// Returns whether a name in the directory is a link to a record that no longer exists.
    func isDangling(_ name: String) -> Bool { Self.isLink(name) && access(path(name), F_OK) != 0 }

    private static func isLink(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".job") }

    private func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    private func link(_ job: JobHandle) -> String {
        // FNV-1a is the same in every process and maps an id of any length and with any characters to a file name.
        let hash = "\(job.service)\n\(job.id)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return path(".\(String(hash, radix: 16)).job")
    }

    private func id(at link: String) -> UUID? {
        let size = 64
        var buffer = [CChar](repeating: 0, count: size)
        // The link points to "UUID.json", which has 41 characters.
        guard readlink(link, &buffer, size) == 41 else { return nil }
        return UUID(uuidString: String(decoding: buffer.prefix(36).map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
