import ArgumentParser
import HeadshotKit

/// The service that makes a headshot, as named on the command line.
enum ServiceArgument: String, ExpressibleByArgument, CaseIterable {
    case magicHour = "magic-hour"
    case modelsLab = "modelslab"
    case modelsLabFlux = "modelslab-flux"

    var handle: JobHandle.Service {
        switch self {
        case .magicHour: .magicHour
        case .modelsLab, .modelsLabFlux: .modelsLab
        }
    }
}

/// An option that only some services support.
struct ServiceOption {
    let name: String
    let isGiven: Bool
    let services: [ServiceArgument]

    init(_ name: String, _ isGiven: Bool, _ services: [ServiceArgument]) {
        (self.name, self.isGiven, self.services) = (name, isGiven, services)
    }

    /// Rejects options that the service does not support, instead of silently ignoring them.
    static func check(_ options: [ServiceOption], for service: ServiceArgument) throws {
        let unsupported = options.filter { $0.isGiven && !$0.services.contains(service) }
        guard !unsupported.isEmpty else { return }
        let descriptions = unsupported.map { option in
            "\(option.name) (only with --service \(option.services.map(\.rawValue).joined(separator: " or ")))"
        }
        throw ToolError.usage("\(service.rawValue) does not support \(descriptions.joined(separator: ", ")).")
    }
}
