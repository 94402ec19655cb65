import Foundation
import HeadshotKit

/// The names of a stored job on the command line: its local ID, the end of that, or the service's ID, or a prefix of one of them.
extension JobRecord {
    /// The end of the local ID, to type on the command line. Its beginning is the time, which many jobs of a batch share.
    var shortID: String { String(id.uuidString.lowercased().suffix(8)) }

    /// The name that resumes the job on the command line. It may be pasted into a shell, so a service ID with unusual
    /// characters is not used.
    var typedName: String { job?.typedID ?? shortID }

    /// The name of the job in messages.
    var title: String {
        guard let job else { return "An unconfirmed job (\(service), \(operation), \(shortID))" }
        return "Job \(job.id) (\(service), \(operation))"
    }

    /// Returns the command to run next if the job was not delivered, or `nil` if another process is working on the job.
    func advice(after code: HeadshotKitError.Code?) -> String? {
        let discard = "\(Program.name) jobs --discard \(typedName)"
        switch code {
        // The process that holds the job reports the outcome.
        case .jobInUse?: return nil
        case _ where isUnconfirmed:
            guard let search = searchAdvice else { return "To discard the record: \(discard)" }
            return "\(search)\nThen, or if it is not there, run: \(discard)"
        case .notFound?, .linkExpired?:
            return "To try again: \(Program.name) resume \(typedName)\nTo discard the job: \(discard)"
        default: return "To continue: \(Program.name) resume \(typedName)"
        }
    }
}

extension JobRecord {
    /// The advice on how to find an unconfirmed job, or `nil` if the tool cannot resume jobs of its operation.
    var searchAdvice: String? {
        guard let options = ServiceArgument.resumeOptions(service, operation) else { return nil }
        return """
            Look for the job in the library of your \(service == .modelsLab ? "ModelsLab" : "Magic Hour") account.
            If it is there, run: \(Program.name) resume JOB_ID \(options)
            """
    }
}

extension JobHandle {
    /// The ID as typed on the command line, or `nil` if the ID is unsafe to paste into a shell.
    fileprivate var typedID: String? {
        let isPlain = id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        return isPlain && !id.isEmpty && !id.hasPrefix("-") ? id : nil
    }

    /// Returns the command to run next for a job without a record, or `nil` if no command applies.
    func advice(after code: HeadshotKitError.Code?) -> String? {
        guard code?.isTerminal != true, let typedID else { return nil }
        guard let options = ServiceArgument.resumeOptions(service, operation) else { return nil }
        return "To continue: \(Program.name) resume \(typedID) \(options)"
    }
}

extension ServiceArgument {
    /// Returns the options that resume a job without a record, or `nil` if the tool cannot resume jobs of the operation.
    fileprivate static func resumeOptions(_ service: JobHandle.Service, _ operation: String) -> String? {
        let matches = allCases.flatMap { service in JobKind.allCases.map { (service, $0) } }
        guard let (match, kind) = matches.first(where: { $0.handle == service && $0.operation($1) == operation })
        else { return nil }
        return "--service \(match.rawValue)" + (kind == .headshot ? "" : " --kind \(kind.rawValue)")
    }
}

extension HeadshotKitError.Code {
    /// Whether the job has ended without outputs.
    fileprivate var isTerminal: Bool { [.jobFailed, .jobCanceled, .jobDeleted].contains(self) }
}

extension [JobRecord] {
    /// Returns the only job in the store that matches a name.
    ///
    /// - Throws: ``ToolError`` if no job matches, or ``AdvisedError`` if several jobs match.
    func one(named name: String, in store: FileJobStore?) async throws -> JobRecord {
        // The full ID of one job may be a prefix of another's.
        if let exact = first(where: { $0.job?.id == name }) { return exact }
        let prefix = name.lowercased()
        // The minimum length keeps a typo from discarding a paid job.
        let found = filter { record in
            prefix.count >= 4
                && [record.id.uuidString, record.shortID, record.job?.id ?? ""].contains {
                    $0.lowercased().hasPrefix(prefix)
                }
        }
        guard let first = found.first else {
            let message = "No unfinished job matches “\(name)”. To list the jobs, run: \(Program.name) jobs"
            throw ToolError(status: .notFound, code: "notFound", message: message)
        }
        guard found.count == 1 else {
            throw AdvisedError(
                cause: ToolError.usage("“\(name)” matches \(found.count) jobs. Type more characters of the ID."),
                advice: await found.lines(in: store).joined(separator: "\n")
            )
        }
        return first
    }

    /// Returns the jobs in aligned columns, one job per line.
    ///
    /// - Parameter columns: The width of the terminal, in which the beginning of a long directory is left out. `nil` if there is none.
    func lines(in store: FileJobStore?, columns: Int? = nil) async -> [String] {
        let now = Date()
        var rows: [[String]] = []
        for record in self {
            let isInProgress = record.job == nil ? await store?.isInProgress(record) : nil
            rows.append([
                record.shortID, record.service.rawValue, record.operation,
                record.job?.id ?? (isInProgress == true ? "in-progress" : "unconfirmed"),
                Self.age(of: record, at: now), record.directory,
            ])
        }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let room = columns.map { $0 - widths.reduce(0) { $0 + $1 + 2 } - 1 }
        return rows.map { row in
            let directory = room.map { row[5].suffix($0, marked: "…") } ?? row[5]
            return (zip(row, widths).map { $0.padding(to: $1) } + [directory]).joined(separator: "  ")
        }
    }

    /// Returns the age of a job as text, such as `5 min`.
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
    /// Returns whether a process currently holds the claim on a job.
    func isInProgress(_ record: JobRecord) async -> Bool {
        do {
            guard let claim = try await claim(record.id) else { return true }
            await claim.release()
            return false
        } catch {
            // No process can work in a read-only directory.
            return false
        }
    }
}

extension String {
    /// Returns the end of the text after a mark if the text is longer than a limit, and nothing if the end would be too short to read.
    fileprivate func suffix(_ limit: Int, marked mark: String) -> String {
        guard count > limit else { return self }
        return limit < 8 ? "" : mark + suffix(limit - mark.count)
    }

    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
