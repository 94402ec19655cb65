import ArgumentParser
import HeadshotKit

/// What a job makes, as named on the command line where no record tells.
enum JobKind: String, ExpressibleByArgument, CaseIterable {
    case headshot, image, talk
}

extension ServiceArgument {
    /// The operation that makes something; nil where the service does not.
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
