public import Foundation
public import HeadshotKit

/// The service that makes the headshots of a studio.
public struct HeadshotMaker: Sendable {
    /// A photo that becomes a headshot.
    public struct Request: Sendable {
        /// The photo, without metadata.
        public var photo: URL
        /// The description of the headshot. `nil` for the service's own style.
        public var prompt: String?
        /// The name of the photo. It is not sent to the service.
        public var name: String
    }

    /// A finished headshot.
    public struct Output: Sendable {
        /// The files of the headshot.
        public var files: [URL]
        /// The credits that were charged. `nil` if the service does not report them.
        public var credits: Int?
    }

    /// A closure that receives the progress, with the estimated fraction of the work that is complete.
    public typealias ProgressHandler = @Sendable (GenerationEvent?, Double) async -> Void

    /// The credits to reserve for a headshot.
    let credits: Int
    let service: JobHandle.Service
    /// The jobs of the service.
    let jobs: JobsAPI
    /// The client. `nil` if the service is not Magic Hour.
    let magicHour: MagicHour?
    let make: @Sendable (Request, GenerationOptions, ProgressHandler) async throws -> Output

    /// Creates a maker that uses Magic Hour.
    ///
    /// - Parameters:
    ///   - magicHour: The client. Its configuration has the job store of the studio.
    ///   - prompt: A closure that returns the description that is sent to the service. Defaults to that of the request.
    public static func magicHour(
        _ magicHour: MagicHour,
        prompt: @escaping @Sendable (Request) -> String? = \.prompt
    ) -> HeadshotMaker {
        let example = MagicHour.HeadshotRequest(photo: .uploaded("api-assets/photo.png"))
        let price = magicHour.headshots.estimatedCost(of: example)?.minimum ?? 0
        return HeadshotMaker(credits: price, service: .magicHour, jobs: magicHour.jobs, magicHour: magicHour) {
            request,
            options,
            onProgress in
            var options = options
            options.correlation = .name
            options.maximumCredits = price
            let job = MagicHour.HeadshotRequest(photo: .file(request.photo), prompt: prompt(request), name: "Headshot")
            for try await update in magicHour.headshots.events(for: job, options: options) {
                switch update {
                case .progress(let event, let fraction): await onProgress(event, fraction)
                case .finished(let result): return Output(files: result.files, credits: result.project.creditsCharged)
                }
            }
            throw CancellationError()
        }
    }

    /// Creates a maker that uses ModelsLab, which does not report what it charges.
    ///
    /// - Parameters:
    ///   - modelsLab: The client. Its configuration has the job store of the studio.
    ///   - price: The credits of the budget that a headshot costs.
    ///   - webhook: The public URL of `/webhooks/modelslab/SECRET`. `nil` if there is no webhook.
    public static func modelsLab(_ modelsLab: ModelsLab, price: Int, webhook: URL? = nil) -> HeadshotMaker {
        HeadshotMaker(credits: price, service: .modelsLab, jobs: modelsLab.jobs, magicHour: nil) {
            request,
            options,
            onProgress in
            var options = options
            options.correlation = .trackID
            let job = ModelsLab.HeadshotRequest(
                prompt: request.prompt ?? Style.standard[0].prompt,
                faceImage: .file(request.photo),
                samples: 1,
                webhook: webhook?.absoluteString
            )
            for try await update in modelsLab.headshots.events(for: job, options: options) {
                switch update {
                case .progress(let event, let fraction): await onProgress(event, fraction)
                case .finished(let result): return Output(files: result.files, credits: nil)
                }
            }
            throw CancellationError()
        }
    }
}
