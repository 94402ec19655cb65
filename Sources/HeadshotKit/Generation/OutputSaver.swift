import Foundation

/// Downloads a job's outputs and gives them their names.
struct OutputSaver<Created: Sendable, Project: Sendable>: Sendable {
    let wait: JobWait<Created, Project>
    let stem: String
    let options: GenerationOptions
    /// What is saved so far: an error names it.
    let saved: Locked<[URL]>

    private var job: JobHandle { wait.job }
    private var configuration: ClientConfiguration { wait.service.api.configuration }

    /// How often an output is tried without a byte of it coming.
    private static var maximumFailures: Int { 6 }

    /// Saves the outputs in their order.
    func save(_ outputs: [JobOutput]) async throws -> [URL] {
        guard !outputs.isEmpty else {
            throw error(.invalidReply, "Job \(job.id) is complete, but the service names no outputs.")
        }
        try OutputFile.prepare(options.downloadDirectory)
        var outputs = outputs
        for index in outputs.indices {
            let url = try await save(index, of: &outputs)
            saved.withLock { $0.append(url) }
            wait.onEvent?(.saved(url))
        }
        return saved.withLock { $0 }
    }

    private func save(_ index: Int, of outputs: inout [JobOutput]) async throws -> URL {
        let file = OutputFile(directory: options.downloadDirectory, stem: stem, id: job.id, number: index + 1)
        do {
            switch outputs[index].content {
            case .link(let url):
                try await fetch(index, of: &outputs, into: file.part)
                return try file.complete(fallbackExtension: Self.fileExtension(of: url), overwrite: options.overwrite)
            case .base64Link:
                let text = file.part.appendingPathExtension("base64")
                try await fetch(index, of: &outputs, into: text)
                try file.decodeBase64(from: text)
                try FileManager.default.removeItem(at: text)
                return try file.complete(fallbackExtension: "bin", overwrite: options.overwrite)
            case .base64(let text):
                let source = file.part.appendingPathExtension("base64")
                try Data(text.utf8).write(to: source)
                try file.decodeBase64(from: source)
                try FileManager.default.removeItem(at: source)
                return try file.complete(fallbackExtension: "bin", overwrite: options.overwrite)
            }
        } catch is OutputFile.NotBase64 {
            throw error(.invalidReply, "Output \(index + 1) of job \(job.id) should be base64, and is not.")
        } catch let cause where cause is CocoaError || cause is POSIXError {
            throw error(
                .file,
                "Output \(index + 1) of job \(job.id) cannot be saved in \(options.downloadDirectory.path): "
                    + "\(cause.localizedDescription) Make room there, or choose another folder.",
                cause
            )
        }
    }

    /// Downloads one output, again where it broke and by a new link where the old one has expired.
    private func fetch(_ index: Int, of outputs: inout [JobOutput], into part: URL) async throws {
        // What an earlier attempt left here cannot be told from another file's beginning.
        if FileManager.default.fileExists(atPath: part.path) { try FileManager.default.removeItem(at: part) }
        let download = RangedDownload(transport: configuration.transport)
        let count = outputs.count
        var validator = RangedDownload.Validator()
        var failures = 0
        var renewals = 0
        while true {
            let received = Locked<Int64>(0)
            let cause: any Error
            do {
                guard let url = outputs[index].url else { return }
                let size = try await download.run(url, into: part, validator: &validator) { progress in
                    received.withLock { $0 = progress.completed }
                    wait.onEvent?(.downloading(output: index + 1, of: count, progress))
                }
                if size > 0, try !Self.isWebPage(part) { return }
                cause = RangedDownload.Problem.refused(status: 200)
            } catch let problem as RangedDownload.Problem {
                cause = problem
                if case .linkExpired(let status) = problem {
                    renewals += 1
                    guard renewals <= 2, let renewed = try await renewedOutputs(), renewed.indices.contains(index)
                    else {
                        throw error(
                            .linkExpired,
                            "The link of output \(index + 1) of job \(job.id) has expired (\(status))."
                        )
                    }
                    outputs = renewed
                    continue
                }
            } catch let failure as TransportError {
                cause = failure
                if failure.kind == .file {
                    throw error(.file, "\(failure.message) Make room there, or choose another folder.", failure)
                }
                if failure.kind == .insecure { throw error(.invalidReply, failure.message, failure) }
            }
            // A transfer that breaks again and again but comes further each time is not failing.
            failures = cause is TransportError && received.withLock { $0 } > 0 ? 1 : failures + 1
            guard failures < Self.maximumFailures else { throw gaveUp(index, cause) }
            let asked: Duration? =
                if case RangedDownload.Problem.passing(_, let retryAfter) = cause { retryAfter } else { nil }
            let backoff = configuration.retry.backoff(afterFailure: failures, random: configuration.random())
            try await configuration.clock.sleep(for: max(backoff, asked ?? .zero))
        }
    }

    /// The outputs with links made anew; nil where the service cannot do that.
    private func renewedOutputs() async throws -> [JobOutput]? {
        guard wait.service.renewsLinks else { return nil }
        guard case .complete(let outputs) = wait.service.state(of: try await wait.poll()) else { return nil }
        return outputs
    }

    private func gaveUp(_ index: Int, _ cause: any Error) -> HeadshotKitError {
        let what = "Output \(index + 1) of job \(job.id) could not be downloaded"
        switch cause {
        case RangedDownload.Problem.passing(let status, let retryAfter):
            var error = error(.serverError, "\(what): the host of the outputs failed (\(status)).")
            error.status = status
            error.retryAfter = retryAfter
            return error
        case RangedDownload.Problem.refused(200):
            return error(.invalidReply, "\(what): what came is empty or a web page.")
        case RangedDownload.Problem.refused(let status):
            return error(.invalidReply, "\(what): the host of the outputs answered \(status).")
        case RangedDownload.Problem.changed:
            return error(.invalidReply, "\(what): it changes while it is being downloaded.")
        case let failure as TransportError:
            return error(.network, "\(what): \(failure.message)", failure)
        default:
            return error(.network, "\(what).", cause)
        }
    }

    private func error(
        _ code: HeadshotKitError.Code,
        _ message: String,
        _ cause: (any Error)? = nil
    ) -> HeadshotKitError {
        HeadshotKitError(
            code,
            message,
            operation: job.operation,
            job: job,
            savedFiles: saved.withLock { $0 },
            underlyingError: cause
        )
    }

    /// Whether a gateway's page came in place of the file.
    private static func isWebPage(_ file: URL) throws -> Bool {
        let handle = try FileHandle(forReadingFrom: file)
        defer { handle.closeFile() }
        let head = try handle.read(upToCount: 200) ?? Data()
        let text = String(decoding: head, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        return text.hasPrefix("<!doctype html") || text.hasPrefix("<html")
    }

    /// The extension that a link ends in, if it is a harmless one.
    private static func fileExtension(of url: URL) -> String {
        let found = url.pathExtension.lowercased()
        let isHarmless =
            (1...5).contains(found.count) && found.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return isHarmless ? found : "bin"
    }
}

extension JobOutput {
    fileprivate var url: URL? {
        switch content {
        case .link(let url), .base64Link(let url): url
        case .base64: nil
        }
    }
}
