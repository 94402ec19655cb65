import HeadshotKit

/// The library names a request's fields as they are on the wire; whoever typed an option knows it by its own name.
enum OptionNames {
    /// The error's words about the request, with the names of options.
    static func message(of problems: [ValidationIssue]) -> String {
        let words = problems.map { "\(name($0.field)) is \($0.value); allowed: \(translated($0.allowed))" }
        return "The request was not sent: \(words.joined(separator: "; "))."
    }

    private static let unlike = [
        "num_inference_steps": "--steps",
        "image_count": "--count",
        "start_seconds": "--start",
        "end_seconds": "--end",
        "end_seconds - start_seconds": "the time from --start to --end",
        "confidence_score": "--confidence",
        // An option of some commands, and an argument of others.
        "prompt": "the prompt",
        "style.prompt": "the prompt",
    ]

    private static func name(_ field: String) -> String {
        if let name = unlike[field] { return name }
        return "--" + (field.split(separator: ".").last ?? "").replacing("_", with: "-")
    }

    private static func translated(_ text: String) -> String {
        text.replacing("start_seconds", with: "--start")
    }
}
