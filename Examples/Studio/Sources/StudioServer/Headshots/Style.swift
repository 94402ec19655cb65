/// A style that a caller can choose for headshots.
public struct Style: Codable, Equatable, Sendable {
    /// The id in requests.
    public var id: String
    /// The name for people.
    public var name: String
    /// The description that is sent to the service.
    public var prompt: String

    /// Creates a style.
    public init(id: String, name: String, prompt: String) {
        self.id = id
        self.name = name
        self.prompt = prompt
    }

    /// The styles of a studio without its own.
    public static let standard: [Style] = [
        Style(
            id: "studio",
            name: "Studio",
            prompt: "Professional headshot, plain light gray backdrop, soft studio light, business attire"
        ),
        Style(
            id: "outdoor",
            name: "Outdoor",
            prompt: "Professional headshot outdoors, blurred green background, soft daylight, smart casual attire"
        ),
        Style(
            id: "office",
            name: "Office",
            prompt: "Professional headshot in a modern office, blurred background, window light, navy suit"
        ),
        Style(
            id: "dark",
            name: "Dark",
            prompt: "Professional headshot, dark backdrop, dramatic side light, black turtleneck"
        ),
    ]
}
