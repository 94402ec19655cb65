import Foundation

/// The index of a store's directory. It consists of symbolic links to records, which are named by hashes.
///
/// - For each job, `.HASH.job` points to the job's record. Such a link is only a hint. It may be missing, point to a record that has no
///   job yet, or be replaced by the link of another job with the same hash. It needs no sync, and a link that cannot be created only
///   costs time.
/// - For each record with a reference, `.HASH.ID.reference` points to the record. It is created before the record, because a job whose
///   reference is not found would be paid for twice.
///
/// Different texts may have the same hash, so the caller checks the records.
struct JobIndex {
    let directory: URL

    func add(_ job: JobHandle, _ id: UUID) {
        let link = link(job)
        guard self.id(at: link) != id else { return }
        unlink(link)
        symlink(Self.target(id), link)
    }

    /// Adds the record's reference, if it has one.
    func addReference(of record: JobRecord) throws {
        guard let link = link(toReferenceOf: record), symlink(Self.target(record.id), link) != 0, errno != EEXIST else {
            return
        }
        throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }

    /// Removes the links to a record.
    func remove(_ record: JobRecord) {
        if let link = link(toReferenceOf: record) { unlink(link) }
        guard let job = record.job else { return }
        let link = link(job)
        if id(at: link) == record.id { unlink(link) }
    }

    func id(of job: JobHandle) -> UUID? { id(at: link(job)) }

    /// Returns the ids of the records whose job has a link among the names in the directory.
    func ids(among names: [String]) -> Set<UUID> {
        Set(names.filter { Self.isLink($0, to: "job") }.compactMap { id(at: path($0)) })
    }

    /// Returns the ids of the records that may have a reference, among the names in the directory.
    func ids(of service: JobHandle.Service, reference: String, among names: [String]) -> [UUID] {
        let prefix = Self.prefix(of: service, reference: reference)
        return names.filter { $0.hasPrefix(prefix) && Self.isLink($0, to: "reference") }
            .compactMap { UUID(uuidString: String($0.dropFirst(prefix.count).prefix(36))) }
    }

    /// Returns whether a name in the directory is a link to a record that no longer exists.
    func isDangling(_ name: String) -> Bool {
        (Self.isLink(name, to: "job") || Self.isLink(name, to: "reference")) && access(path(name), F_OK) != 0
    }

    private static func isLink(_ name: String, to kind: String) -> Bool {
        name.hasPrefix(".") && name.hasSuffix(".\(kind)")
    }

    private static func target(_ id: UUID) -> String { "\(id.uuidString).json" }

    private func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    private func link(_ job: JobHandle) -> String { path(".\(Self.hash("\(job.service)\n\(job.id)")).job") }

    private func link(toReferenceOf record: JobRecord) -> String? {
        record.reference.map { path(Self.prefix(of: record.service, reference: $0) + "\(record.id).reference") }
    }

    private static func prefix(of service: JobHandle.Service, reference: String) -> String {
        ".\(hash("\(service)\n\(reference)"))."
    }

    /// FNV-1a is the same in every process and maps a text of any length and with any characters to a file name.
    private static func hash(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }

    private func id(at link: String) -> UUID? {
        let size = 64
        var buffer = [CChar](repeating: 0, count: size)
        // The link points to "UUID.json", which has 41 characters.
        guard readlink(link, &buffer, size) == 41 else { return nil }
        return UUID(uuidString: String(decoding: buffer.prefix(36).map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
