import Foundation

/// The downloader of a job's outputs, which saves them under their final names.
struct OutputDownloader: Sendable {
    let waiter: JobWaiter
    let options: GenerationOptions
    /// The URLs of the outputs that are saved so far, by index. An error lists them.
    let saved: Locked<[Int: URL]>

    var job: JobHandle { waiter.job }
    private var journal: JobJournal { waiter.journal }
    private var retrier: Retrier { waiter.backend.configuration.retrier }

    /// The number of failures without progress that ends a download.
    private static var maximumFailures: Int { 6 }
    /// The maximum number of outputs that are downloaded at the same time.
    private static var maximumConcurrency: Int { 4 }

    /// Saves the outputs, several at the same time. If one output cannot be saved, the others are still saved.
    ///
    /// - Returns: The files, in the order of the outputs.
    func save(_ outputs: [JobOutput]) async throws -> [URL] {
        guard !outputs.isEmpty else {
            var error = error(.invalidResponse, "Job \(job.shownID) is complete, but the service returned no outputs.")
            error.advice = "Look for the outputs in the account's library."
            throw error
        }
        try await offPool { [options] in try OutputFile.prepare(options.directory) }
        let current = Locked(outputs)
        let failures = Locked<[Int: HeadshotKitError]>([:])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in outputs.indices {
                if index >= Self.maximumConcurrency { try await group.next() }
                group.addTask {
                    do {
                        try await save(index, of: current)
                    } catch let error as HeadshotKitError {
                        failures.withLock { $0[index] = error }
                    }
                }
            }
            try await group.waitForAll()
        }
        if let first = failures.withLock({ $0 }).min(by: { $0.key < $1.key })?.value { throw first }
        return savedFiles
    }

    private var savedFiles: [URL] { saved.withLock(\.inOrder) }

    private func save(_ index: Int, of outputs: Locked<[JobOutput]>) async throws {
        let file = OutputFile(
            directory: options.directory,
            stem: waiter.traits.filePrefix,
            id: job.id,
            number: index + 1
        )
        let url: URL
        do {
            guard let lock = try await offPool({ try file.lock() }) else {
                var error = error(
                    .jobInUse,
                    "Another process or task is saving output \(index + 1) of job \(job.shownID) in this directory."
                )
                error.advice = HeadshotKitError.otherWorkerAdvice
                throw error
            }
            defer { lock.release() }
            if journal.isResumed, let existing = try await existing(file, recorded: journal.record?.files[index + 1]) {
                url = existing
            } else {
                url = try await complete(file, index, of: outputs)
            }
        } catch is OutputFile.NotBase64 {
            try await offPool { try file.discardPart() }
            throw error(
                .invalidResponse,
                "Output \(index + 1) of job \(job.shownID) is not a file in base64."
            )
        } catch let cause where cause is CocoaError || cause is POSIXError {
            throw error(
                .fileSystem,
                "Output \(index + 1) of job \(job.shownID) cannot be saved in \(options.directory.path): "
                    + "\(cause.systemReason). Free space there, or choose another directory.",
                cause
            )
        }
        saved.withLock { $0[index] = url }
        await journal.updateBestEffort { record in
            record.files[index + 1] = url.lastPathComponent
            record.parts[index + 1] = nil
        }
        waiter.events.report(.saved(url))
    }

    /// Returns the file of an output that an earlier run completed, or `nil` if there is none.
    ///
    /// The earlier run may have been killed before it recorded the file or removed its partial files.
    private func existing(_ file: OutputFile, recorded name: String?) async throws -> URL? {
        try await offPool {
            guard let existing = try file.existing(recorded: name) else { return nil }
            try file.discardPart()
            return existing
        }
    }

    private func complete(_ file: OutputFile, _ index: Int, of outputs: Locked<[JobOutput]>) async throws -> URL {
        var fallbackExtension = "bin"
        switch outputs.withLock({ $0[index].content }) {
        case .link(let url):
            try await fetch(index, of: outputs, into: file, isBase64: false)
            fallbackExtension = Self.fileExtension(of: url)
        case .base64Link:
            try await fetch(index, of: outputs, into: file, isBase64: true)
        case .base64(let text):
            try await offPool {
                try file.discardPart()
                try OutputFile.write(Data(text.utf8), to: file.base64)
                try file.decodeBase64()
                guard try Self.isOutput(file, isBase64: true) else { throw OutputFile.NotBase64() }
            }
        }
        return try await offPool { [fallbackExtension, options] in
            let url = try file.complete(
                fallbackExtension: fallbackExtension,
                replacesExisting: options.existingFiles == .replace
            )
            try file.discardPart()
            return url
        }
    }

    /// Downloads one output. Resumes a broken transfer, and requests a new URL if the current one has expired.
    private func fetch(
        _ index: Int,
        of outputs: Locked<[JobOutput]>,
        into file: OutputFile,
        isBase64: Bool
    ) async throws {
        var host = RangedDownload.Host()
        let begun = journal.record?.parts[index + 1]
        let isBegun = try await offPool {
            if let begun, try file.shortenPart(to: begun.bytes) { return true }
            // Without a checkpoint, the partial file may be the beginning of another file.
            try file.discardPart()
            return false
        }
        if isBegun, let begun { host.validator = begun.validator }
        let download = RangedDownload(transfer: waiter.backend.transfer)
        let count = outputs.withLock { $0.count }
        var failures = 0
        var renewals = 0
        var furthest: Int64 = 0
        while true {
            let received = Locked<Int64>(0)
            let cause: any Error
            do {
                guard let url = outputs.withLock({ $0[index].url }) else { return }
                let response = try await download.run(url, into: file.part, host: &host) {
                    bytes,
                    validator in
                    guard journal.record != nil else { return }
                    try await offPool { try AtomicFileWriter.sync(file.part) }
                    await journal.updateBestEffort {
                        $0.parts[index + 1] = JobRecord.DownloadCheckpoint(bytes: bytes, validator: validator)
                    }
                } onProgress: { progress in
                    received.withLock { $0 = progress.completed }
                    waiter.events.report(.downloading(output: index + 1, of: count, progress))
                }
                if try await isDeliverable(file, index, response, from: url, isBase64: isBase64) {
                    retrier.reportRecovery(afterFailures: failures, in: waiter.context)
                    return
                }
                let content = try await offPool {
                    let content = response.size > 0 ? try OutputContent.of(file.part) : .text
                    try file.discardPart()
                    return content
                }
                host.validator = RangedDownload.Validator()
                cause = Unusable(content: content)
            } catch let problem as RangedDownload.Problem {
                cause = problem
                if case .linkExpired = problem, renewals < 2, try await renew(outputs, index) {
                    renewals += 1
                    continue
                }
                // The host may not have the file yet or may report a wrong status.
                renewals = 0
            } catch let failure as TransportError {
                cause = failure
                if failure.kind == .fileSystem {
                    throw error(
                        .fileSystem,
                        "\(failure.message) Free space there, or choose another directory.",
                        failure
                    )
                }
                if failure.kind == .insecureURL {
                    throw error(
                        .invalidResponse,
                        "The download URL of output \(index + 1) of job \(job.shownID) was not used, because it is not https."
                    )
                }
            }
            // A transfer that breaks repeatedly but makes progress each time is not failing.
            let reached = received.withLock { $0 }
            failures = cause is TransportError && reached > furthest ? 1 : min(failures + 1, 1 << 20)
            furthest = max(furthest, reached)
            // A host may serve a short text until the file is ready. Such a download costs little, so only the deadline ends it.
            let isWaitedOut = (cause as? Unusable)?.content == .text
            guard isWaitedOut || failures < Self.maximumFailures else {
                throw downloadError(for: index, cause, until: outputs.withLock { $0[index].expiresAt })
            }
            let asked: Duration? =
                if case RangedDownload.Problem.transient(_, let retryAfter) = cause { retryAfter } else { nil }
            let backoff = retrier.backoff(afterFailure: failures)
            let error = downloadError(for: index, cause, until: outputs.withLock { $0[index].expiresAt })
            try await retrier.pause(for: max(backoff, asked ?? .zero), after: error, in: waiter.context)
        }
    }

    /// A response body that cannot be an output.
    struct Unusable: Error {
        let content: OutputContent
    }

    /// Returns whether the response body is the output. Base64 text is decoded first.
    private func isDeliverable(
        _ file: OutputFile,
        _ index: Int,
        _ response: RangedDownload.Received,
        from url: URL,
        isBase64: Bool
    ) async throws -> Bool {
        guard response.size > 0 else { return false }
        switch try await offPool({ try OutputContent.of(file.part) }) {
        case .whole: return true
        case .cutOff: return false
        case .unknown: return Self.isVouchedFor(response.contentType, url)
        case .text:
            // The checkpoint does not apply to the decoded file that replaces the partial file.
            await journal.updateBestEffort { $0.parts[index + 1] = nil }
            return try await offPool {
                try check(rename(file.part.path, file.base64.path))
                do {
                    try file.decodeBase64()
                    if try Self.isOutput(file, isBase64: isBase64) { return true }
                } catch is OutputFile.NotBase64 {
                    // The text is restored below, so that the caller inspects it and not a partially decoded file.
                }
                try check(rename(file.base64.path, file.part.path))
                return false
            }
        }
    }

    /// Returns whether decoded base64 is an output. A file of an unknown format must have at least 256 bytes, because a short
    /// text may be valid base64 by accident.
    private static func isOutput(_ file: OutputFile, isBase64: Bool) throws -> Bool {
        switch try OutputContent.of(file.part) {
        case .whole: true
        case .unknown: try isBase64 && OutputFile.size(of: file.part) >= 256
        default: false
        }
    }

    /// Returns whether the content type and the URL identify a file of an unknown format as media. The format may be a new one.
    private static func isVouchedFor(_ contentType: String?, _ url: URL) -> Bool {
        let type = contentType?.lowercased().trimmingCharacters(in: .whitespaces) ?? ""
        let isMedia = ["image/", "video/", "audio/", "application/octet-stream", "binary/octet-stream"].contains {
            type.hasPrefix($0)
        }
        let known = [MediaKind.image, .audio, .video].flatMap(\.fileExtensions)
        let contradicting = known + ["gif", "svg", "txt", "html", "htm", "json", "xml", "base64", "csv", "pdf", "zip"]
        return isMedia && !contradicting.contains(url.pathExtension.lowercased())
    }

    /// Requests new URLs for the outputs. Returns whether the output's URL is a new one. The service may return a cached URL, which
    /// fails again until the cache expires.
    private func renew(_ outputs: Locked<[JobOutput]>, _ index: Int) async throws -> Bool {
        guard waiter.backend.refreshesDownloadURLs,
            case .complete(let renewed) = try await waiter.poll().state
        else { return false }
        return outputs.withLock { current in
            guard renewed.count == current.count else { return false }
            defer { current = renewed }
            return renewed[index].content != current[index].content
        }
    }

    /// Returns the URL's path extension, or `bin` if the extension is missing or unsafe.
    private static func fileExtension(of url: URL) -> String {
        let found = url.pathExtension.lowercased()
        let isHarmless =
            (1...5).contains(found.count) && found.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return isHarmless ? found : "bin"
    }
}
