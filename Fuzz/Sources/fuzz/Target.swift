import Foundation
import HeadshotKit
import HeadshotKitTesting

/// A parser of untrusted bytes. Each target has an entry in ``all``.
struct Target: Sendable {
    let body: @Sendable (Data) async throws -> Void

    /// Runs the target on an input. Ends the process if the target throws an unexpected error or an error that contains the
    /// API key.
    func run(_ input: Data) async {
        do { try await body(input) } catch is CancellationError {
        } catch let error as HeadshotKitError {
            for text in [error.description, "\(error)", error.localizedDescription] where text.contains(Clients.key) {
                fatalError("an error contains the key")
            }
        } catch is DecodingError {
        } catch {
            fatalError("an unexpected error: \(error)")
        }
    }

    static let all: [String: Target] = [
        "magic-hour": Target { try await responses($0, calls: magicHourCalls) },
        "modelslab": Target { try await responses($0, calls: modelsLabCalls) },
        "errors": Target(body: errors),
        "downloads": Target(body: downloads),
        "media": Target(body: media),
        "photos": Target(body: photos),
        "records": Target(body: records),
        "handles": Target(body: handles),
        "urls": Target(body: urls),
        "webhooks": Target(body: webhooks),
    ]

    private typealias Call = @Sendable (Clients) async throws -> Void

    private static let magicHourCalls: [Call] = [
        { _ = try await $0.magicHour.account.get() },
        { _ = try await $0.magicHour.imageProjects.get("a") },
        { _ = try await $0.magicHour.videoProjects.get("a") },
        { _ = try await $0.magicHour.audioProjects.get("a") },
        { _ = try await $0.magicHour.headshots.create(.init(assets: .init(imageFilePath: "api-assets/a.png"))) },
        { _ = try await $0.magicHour.files.uploadURLs([.init(type: .image, extension: "png")]) },
    ]

    private static let modelsLabCalls: [Call] = [
        { _ = try await $0.modelsLab.wallet.balance() },
        { _ = try await $0.modelsLab.images.fetch("1") },
        { _ = try await $0.modelsLab.headshots.create(.init(prompt: "p", faceImage: "https://a.example/a.png")) },
        { _ = try await $0.modelsLab.assets.list() },
    ]

    /// Runs a call with a response of status 200. The first byte selects the call, and the rest is the response body.
    private static func responses(_ input: Data, calls: [Call]) async throws {
        guard let first = input.first else { return }
        let response = TransportResponse(status: 200, body: Data(input.dropFirst()))
        try await calls[Int(first) % calls.count](Clients { _ in response })
    }

    /// Runs a call with an error response. The input is a status byte, lines for `Retry-After`, `Date`, and `x-request-id`,
    /// and the body.
    private static func errors(_ input: Data) async throws {
        guard let first = input.first else { return }
        let (fields, body) = lines(3, of: input.dropFirst())
        let response = TransportResponse(
            status: 300 + Int(first) % 300,
            headers: ["Retry-After": fields[0], "Date": fields[1], "x-request-id": fields[2]],
            body: body
        )
        let calls = magicHourCalls + modelsLabCalls
        try await calls[Int(first) % calls.count](Clients { _ in response })
    }

    /// Resumes a job with a download response. The input is a status byte, lines for `Content-Range`, `Content-Length`, and
    /// `ETag`, and the output's bytes.
    private static func downloads(_ input: Data) async throws {
        guard let first = input.first else { return }
        let (fields, body) = lines(3, of: input.dropFirst())
        let response = TransportResponse(
            status: [200, 206, 206, 416, 404][Int(first) % 5],
            headers: ["Content-Range": fields[0], "Content-Length": fields[1], "ETag": fields[2]],
            body: body
        )
        try await resume(url: "https://o.example/a.png", in: Scratch.empty()) { response }
    }

    private static func media(_ input: Data) async throws {
        for kind in [MediaKind.image, .audio, .video] {
            do { _ = try MediaSource.data(input, fileExtension: "png").check(as: kind) } catch is HeadshotKitError {}
        }
        do { _ = try PhotoMetadata.remove(from: input) } catch is HeadshotKitError {}
    }

    /// Removes the metadata of a photo. Ends the process if the result has a private part, other image data, or other dimensions, or if
    /// a second removal changes it.
    private static func photos(_ input: Data) async throws {
        let result: Data
        do { result = try PhotoMetadata.remove(from: input) } catch is HeadshotKitError { return }
        guard try PhotoMetadata.remove(from: result) == result else { fatalError("a second removal changes the photo") }
        let (before, after) = (PhotoStructure(of: input), PhotoStructure(of: result))
        guard after.forbidden.isEmpty else { fatalError("the photo keeps \(after.forbidden)") }
        guard before.image == after.image else { fatalError("the image data changed") }
        // Dimensions that cannot be read in the original cannot be compared.
        do {
            let original = try MediaSource.data(input).check(as: .image)
            let clean = try MediaSource.data(result).check(as: .image)
            guard original?.pixelSize == clean?.pixelSize else { fatalError("the dimensions changed") }
        } catch is HeadshotKitError {}
    }

    /// Resumes a stored record with part of its output on disk.
    private static func records(_ input: Data) async throws {
        let directory = try Scratch.empty()
        let id = "00000000-0000-4000-8000-000000000000"
        let store = try FileJobStore(directory: directory)
        try input.write(to: directory.appendingPathComponent("\(id).json"))
        try Data(count: 100).write(to: directory.appendingPathComponent("headshot-a-1.part"))
        let clients = try Clients(store: store) { poll(or: Data(count: 100), url: "https://o.example/a.png", $0) }
        let options = GenerationOptions(downloadDirectory: directory)
        for try await _ in clients.magicHour.jobs.resumeAll(options: options) {}
        for try await _ in clients.modelsLab.jobs.resumeAll(options: options) {}
    }

    private static func handles(_ input: Data) async throws {
        let job = try JSONDecoder().decode(JobHandle.self, from: input)
        let options = GenerationOptions(downloadDirectory: try Scratch.empty())
        let clients = try Clients { request in
            if request.url.host != "api.magichour.ai", request.url.host != "modelslab.com",
                "\(request.headers.fields)\(request.body)".contains(Clients.key)
            {
                fatalError("the key is sent to \(request.url.host ?? "-")")
            }
            return TransportResponse(status: 404)
        }
        _ =
            try await job.service == .modelsLab
            ? clients.modelsLab.jobs.resume(job, options: options)
            : clients.magicHour.jobs.resume(job, options: options)
    }

    private static func urls(_ input: Data) async throws {
        let text = String(decoding: input, as: UTF8.self)
        let source = MediaSource(text)
        _ = ("\(source)", source.isLocal)
        try await resume(url: text, in: Scratch.empty()) { TransportResponse(status: 404) }
    }

    /// Verifies a webhook request. The input is the signature, the timestamp, and the body. The body is also read with a valid
    /// signature, and as one of ModelsLab.
    private static func webhooks(_ input: Data) async throws {
        let (fields, body) = lines(2, of: input)
        let verifier = try MagicHour.WebhookVerifier(secret: Clients.key)
        let headers: TransportHeaders = [
            MagicHour.WebhookVerifier.signatureHeader: fields[0],
            MagicHour.WebhookVerifier.timestampHeader: fields[1],
        ]
        do {
            _ = try verifier.event(body: body, headers: headers)
            fatalError("a forged request was accepted")
        } catch is HeadshotKitError {}
        do { _ = "\(try ModelsLab.WebhookEvent(body: body))" } catch is HeadshotKitError {}
        let signed = WebhookSigner(secret: Clients.key).headers(for: body)
        _ = "\(try verifier.event(body: body, headers: signed))"
    }

    private static func resume(
        url: String,
        in directory: URL,
        _ output: @escaping @Sendable () -> TransportResponse
    ) async throws {
        let clients = try Clients { $0.url.host == "api.magichour.ai" ? poll(or: Data(), url: url, $0) : output() }
        let job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "a")
        _ = try await clients.magicHour.jobs.resume(job, options: GenerationOptions(downloadDirectory: directory))
    }

    private static func poll(or output: Data, url: String, _ request: TransportRequest) -> TransportResponse {
        guard request.url.host == "api.magichour.ai" else { return TransportResponse(status: 200, body: output) }
        let project: JSONValue = ["id": "a", "status": "complete", "downloads": [["url": .string(url)]]]
        do { return TransportResponse(status: 200, body: try JSONEncoder().encode(project)) } catch {
            fatalError("\(error)")
        }
    }

    private static func lines(_ count: Int, of input: Data) -> (fields: [String], body: Data) {
        let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: count, omittingEmptySubsequences: false)
        let fields = (0..<count).map { $0 < parts.count ? String(decoding: parts[$0], as: UTF8.self) : "" }
        return (fields, parts.count > count ? Data(parts[count]) : Data())
    }
}
