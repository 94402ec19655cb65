import Foundation
import HeadshotKit

/// The state of the simulated services and the rules that both share. Extensions contain the responses of each service.
struct SimulatedState {
    struct PendingFault: Sendable {
        let effect: SimulatedService.Fault.Effect
        let isAfterProcessing: Bool
    }

    let configuration: SimulatedService.Configuration
    var publicURL: URL?
    /// The time since the service was created.
    private(set) var now: Duration = .zero

    private(set) var ledger: [SimulatedService.LedgerEntry] = []
    private(set) var credits: Int
    private(set) var walletCents: Int
    private(set) var requestCounts: [SimulatedService.Route: Int] = [:]
    var faults: [SimulatedService.Route: [PendingFault]] = [:]

    var jobs: [String: SimulatedJob] = [:]
    /// The IDs of the jobs in the order of creation.
    private(set) var jobOrder: [String] = []
    /// The IDs of the jobs that have not finished at `now`.
    private(set) var unfinished: [String] = []
    /// The injected failure of the request that is being processed. `nil` if there is none.
    private var injectedFailure: JobFailure?

    var files: [String: StoredFile] = [:]
    var uploadOrder: [String] = []
    var links: [String: Link] = [:]
    var drawings: [String: PaddedBytes] = [:]

    init(configuration: SimulatedService.Configuration) {
        self.configuration = configuration
        credits = configuration.credits
        walletCents = configuration.walletCents
    }

    // MARK: Time

    mutating func move(to now: Duration) {
        self.now = now
        let finished = unfinished.compactMap { jobs[$0] }.filter { $0.finishesAt <= now }
            .sorted { $0.finishesAt < $1.finishesAt }
        guard !finished.isEmpty else { return }
        unfinished.removeAll { id in finished.contains { $0.id == id } }
        for job in finished where job.failure != nil && job.cost > 0 {
            record(.refund, job.cost, for: job, at: job.finishesAt)
        }
    }

    func date(_ time: Duration) -> Date {
        configuration.startDate.addingTimeInterval(time / .seconds(1))
    }

    func timestamp(_ time: Duration) -> JSONValue {
        .string(date(time).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }

    // MARK: Requests

    mutating func nextFault(on route: SimulatedService.Route) -> PendingFault? {
        requestCounts[route, default: 0] += 1
        guard var pending = faults[route], !pending.isEmpty else { return nil }
        let fault = pending.removeFirst()
        faults[route] = pending
        return fault
    }

    mutating func response(to request: IncomingRequest, fault: SimulatedService.Fault.Effect?) throws -> CannedResponse
    {
        if case .jobFailure(let code, let message) = fault {
            injectedFailure = JobFailure(code: code, message: message)
        }
        defer { injectedFailure = nil }
        if let injectedFailure, unfinished.contains(request.id) {
            jobs[request.id]?.failure = injectedFailure
            jobs[request.id]?.finishesAt = now
            move(to: now)
        }
        var response = try answer(request)
        response.headers["X-Request-Id"] = Self.token(16)
        return response
    }

    private mutating func answer(_ request: IncomingRequest) throws -> CannedResponse {
        do {
            switch request.route {
            case .upload: return try putUpload(request)
            case .download: return try getOutput(request)
            case .unknown: throw Rejection(404, ["message": "Not Found"])
            case .createModelsLabHeadshot, .createModelsLabFluxHeadshot, .createOtherModelsLabJob, .fetchModelsLab,
                .uploadModelsLabImage, .getModelsLabWallet, .listModelsLabAssets, .countModelsLabRequests:
                return try modelsLab(request)
            default: return try magicHour(request)
            }
        } catch let rejection as Rejection {
            return try rejection.response
        }
    }

    // MARK: Jobs and billing

    /// Adds a job and charges for it. The caller must check the balance first.
    mutating func start(_ job: SimulatedJob) {
        jobs[job.id] = job
        if let injectedFailure { jobs[job.id]?.failure = injectedFailure }
        jobOrder.append(job.id)
        unfinished.append(job.id)
        if job.cost > 0 { record(.charge, job.cost, for: job, at: now) }
        move(to: now)
    }

    /// Returns the times at which a job created now begins and finishes rendering.
    func schedule(_ operation: SimulatedService.Route) -> (begins: Duration, ends: Duration) {
        let begins = now + configuration.queueDuration
        return (begins, begins + (configuration.jobDurations[operation] ?? configuration.jobDuration))
    }

    private mutating func record(
        _ kind: SimulatedService.LedgerEntry.Kind,
        _ amount: Int,
        for job: SimulatedJob,
        at time: Duration
    ) {
        let change = kind == .charge ? -amount : amount
        if job.isModelsLab { walletCents += change } else { credits += change }
        ledger.append(
            SimulatedService.LedgerEntry(
                kind: kind,
                amount: amount,
                jobID: job.id,
                operation: job.operation,
                date: date(time)
            )
        )
    }

    var publicJobs: [SimulatedService.Job] {
        jobOrder.compactMap { jobs[$0] }.map { job in
            let phase = job.phase(at: now)
            return SimulatedService.Job(
                id: job.id,
                operation: job.operation,
                name: job.name,
                prompt: job.prompt,
                status: phase.rawValue,
                errorCode: phase == .error ? job.failure?.code : nil,
                isDeleted: job.isDeleted,
                createdAt: date(job.createdAt),
                media: job.media,
                webhookURL: job.webhook
            )
        }
    }

    var uploads: [SimulatedService.Upload] { uploadOrder.compactMap { files[$0]?.upload } }

    /// Returns a random string of digits and lowercase letters that is impractical to guess.
    static func token(_ length: Int) -> String {
        let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return String((0..<length).compactMap { _ in letters.randomElement() })
    }
}

/// An error response to a rejected request.
struct Rejection: Error {
    private enum Body {
        case json(JSONValue)
        case xml(code: String, message: String)
    }

    private let status: Int
    private let body: Body
    private let headers: TransportHeaders

    /// Creates a rejection with a JSON body, as the APIs of both services return.
    init(_ status: Int, _ body: JSONValue) {
        self.status = status
        self.body = .json(body)
        headers = ["Content-Type": "application/json"]
    }

    /// Returns a rejection with Magic Hour's JSON body, which has a named code and a message.
    static func magicHour(_ status: Int, _ code: String, _ message: String) -> Rejection {
        Rejection(status, ["code": .string(code), "message": .string(message)])
    }

    /// Returns a rejection with the XML body of an object store.
    static func storage(_ status: Int, _ code: String, _ message: String) -> Rejection {
        let headers: TransportHeaders = ["Content-Type": "application/xml"]
        return Rejection(status: status, body: .xml(code: code, message: message), headers: headers)
    }

    private init(status: Int, body: Body, headers: TransportHeaders) {
        self.status = status
        self.body = body
        self.headers = headers
    }

    var response: CannedResponse {
        get throws {
            let data =
                switch body {
                case .json(let value): try value.data
                case .xml(let code, let message):
                    Data("<Error><Code>\(code)</Code><Message>\(message)</Message></Error>".utf8)
                }
            return CannedResponse(status: status, headers: headers, body: PaddedBytes(data))
        }
    }
}

extension CannedResponse {
    static func json(_ body: JSONValue, status: Int = 200) throws -> CannedResponse {
        CannedResponse(
            status: status,
            headers: ["Content-Type": "application/json"],
            body: PaddedBytes(try body.data)
        )
    }
}
