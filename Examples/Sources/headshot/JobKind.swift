import ArgumentParser
import HeadshotKit

/// The kind of output of a job, named on the command line if there is no record of the job.
enum JobKind: String, ExpressibleByArgument, CaseIterable {
    case headshot, image, talk
}

extension ServiceArgument {
    /// Returns the operation that creates a kind of output, or `nil` if the service does not support that kind.
    func operation(_ kind: JobKind) -> String? {
        switch (self, kind) {
        case (.magicHour, .headshot): "ai-headshot-generator"
        case (.magicHour, .image): "ai-image-generator"
        case (.magicHour, .talk): "ai-talking-photo"
        case (.modelsLab, .headshot): "head_shot"
        case (.modelsLabFlux, .headshot): "flux_headshot"
        default: nil
        }
    }
}
