import HeadshotKit

/// Option names for the request fields that the library names in its validation issues.
enum OptionNames {
    /// Returns the error message for validation issues, with the names of options.
    static func message(of issues: [ValidationIssue]) -> String {
        let texts = issues.map { "\(name($0.field)) is \($0.value); allowed: \(translated($0.allowed))" }
        return "The request was not sent: \(texts.joined(separator: "; "))."
    }

    private static let names = [
        "num_inference_steps": "--steps",
        "image_count": "--count",
        "start_seconds": "--start",
        "end_seconds": "--end",
        "end_seconds - start_seconds": "the time from --start to --end",
        "confidence_score": "--confidence",
        // The prompt is an option in some commands and an argument in others.
        "prompt": "the prompt",
        "style.prompt": "the prompt",
        "assets.image_file_path": "the photo",
        "assets.target_file_path": "the photo",
        "face_image": "the photo",
    ]

    private static func name(_ field: String) -> String {
        if let name = names[field] { return name }
        return "--" + (field.split(separator: ".").last ?? "").replacing("_", with: "-")
    }

    private static func translated(_ text: String) -> String {
        text.replacing("start_seconds", with: "--start")
            .replacing("options.photoMetadata is .remove", with: "--photo-metadata is remove")
    }
}
