import Foundation
import HeadshotKit

/// What users call the jobs in the store: by our own id or by the service's, and by the beginning of either.
extension JobRecord {
    /// Enough of our own id to type.
    var shortID: String { String(id.uuidString.lowercased().prefix(8)) }

    /// The name by which a command line can take it up. It may be pasted into a shell, so an odd id of a service is no name.
    var typedName: String { job?.typedID ?? shortID }

    /// How it is called in sentences.
    var title: String {
        guard let job else { return "An unconfirmed job (\(service), \(operation), \(shortID))" }
        return "Job \(job.id) (\(service), \(operation))"
    }

    /// The literal command that comes next, when something has kept the job from being delivered.
    func advice(after code: HeadshotKitError.Code?) -> String? {
        let forget = "headshot jobs --forget \(typedName)"
        switch code {
        // Another process has it in hand, and will say what is to be said.
        case .jobInUse?: return nil
        case _ where isUnconfirmed: return "It is kept as unconfirmed. Once you know what became of it: \(forget)"
        case .notFound?, .linkExpired?: return "To try again: headshot resume \(typedName)\nTo give it up: \(forget)"
        default: return "To go on: headshot resume \(typedName)"
        }
    }
}

extension JobHandle {
    /// The id as it can be typed; nil for an odd one, which may be pasted into a shell.
    fileprivate var typedID: String? {
        let isPlain = id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        return isPlain && !id.isEmpty && !id.hasPrefix("-") ? id : nil
    }

    /// The literal command that comes next where there is no record of the job; nil where nothing is left to do.
    func advice(after code: HeadshotKitError.Code?) -> String? {
        guard code?.isTerminal != true, let typedID else { return nil }
        let matches = ServiceArgument.allCases.flatMap { service in JobKind.allCases.map { (service, $0) } }
        guard let (service, kind) = matches.first(where: { $0.handle == self.service && $0.operation($1) == operation })
        else { return nil }
        let kindOption = kind == .headshot ? "" : " --kind \(kind.rawValue)"
        return "To go on: headshot resume \(typedID) --service \(service.rawValue)\(kindOption)"
    }
}

extension HeadshotKitError.Code {
    /// Whether nothing more will come of a job.
    fileprivate var isTerminal: Bool { [.jobFailed, .jobCanceled, .jobDeleted].contains(self) }
}

extension [JobRecord] {
    /// The one job of a store that goes by a name.
    ///
    /// - Throws: ``ToolError`` where none does, or several do.
    func one(named name: String, in store: FileJobStore?) throws -> JobRecord {
        // The whole id of one job may be the beginning of another's.
        if let exact = first(where: { $0.job?.id == name }) { return exact }
        let prefix = name.lowercased()
        // A slip of one letter is not to forget a job that was paid for.
        let found = filter { record in
            prefix.count >= 4
                && [record.id.uuidString, record.job?.id ?? ""].contains { $0.lowercased().hasPrefix(prefix) }
        }
        guard let first = found.first else {
            let message = "No unfinished job is called “\(name)”. headshot jobs lists them."
            throw ToolError(status: .notFound, code: "notFound", message: message)
        }
        guard found.count == 1 else {
            throw AdvisedError(
                cause: ToolError.usage("“\(name)” is the beginning of \(found.count) jobs' ids: type more of it."),
                advice: found.lines(in: store).joined(separator: "\n")
            )
        }
        return first
    }

    /// The jobs of a store in columns, one a line.
    func lines(in store: FileJobStore?) -> [String] {
        let now = Date()
        let rows = map { record in
            [
                record.shortID, record.service.rawValue, record.operation,
                record.job?.id ?? (store?.isInProgress(record) == true ? "in-progress" : "unconfirmed"),
                Self.age(of: record, at: now), record.directory,
            ]
        }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths + [0]).map { $0.padding(to: $1) }.joined(separator: "  ")
        }
    }

    /// How long a job has been there, for people.
    private static func age(of record: JobRecord, at now: Date) -> String {
        guard let date = record.createdAt.date else { return "?" }
        let seconds = Int(Swift.max(0, now.timeIntervalSince(date)))
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}

extension FileJobStore {
    /// Whether some process has the job in hand at this moment.
    func isInProgress(_ record: JobRecord) -> Bool {
        do {
            guard let claim = try claim(record.id) else { return true }
            claim.release()
            return false
        } catch {
            // In a folder that is only to be read, nobody works.
            return false
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
