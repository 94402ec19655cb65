import Foundation

/// Finds the record of a service's job in a folder of many: for each job a symbolic link to its record, named by a hash.
///
/// It is a hint. A link may be missing, point to a record that has no job yet, or be replaced by that of another job with the same
/// hash; whoever follows it looks whose record it is. So it needs no sync of its own, and one that cannot be made costs time only.
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

    /// The records that have a link, among the names in the folder.
    func ids(among names: [String]) -> Set<UUID> {
        Set(names.filter(Self.isLink).compactMap { id(at: path($0)) })
    }

    /// Whether a name in the folder is a link whose record is gone.
    func isDangling(_ name: String) -> Bool { Self.isLink(name) && access(path(name), F_OK) != 0 }

    private static func isLink(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".job") }

    private func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    private func link(_ job: JobHandle) -> String {
        // FNV-1a: the same in every process, and an id of any length and characters makes a name.
        let hash = "\(job.service)\n\(job.id)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return path(".\(String(hash, radix: 16)).job")
    }

    private func id(at link: String) -> UUID? {
        let size = 64
        var buffer = [CChar](repeating: 0, count: size)
        // "UUID.json"
        guard readlink(link, &buffer, size) == 41 else { return nil }
        return UUID(uuidString: String(decoding: buffer.prefix(36).map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
