import HeadshotKit

/// Option names for the request fields that the library names in its validation issues.
enum OptionNames {
    /// Returns the error message for validation issues, with the names of options.
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
        // The prompt is an option in some commands and an argument in others.
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
