import Foundation

/// The options and the price of a Magic Hour image model.
struct ImageModel {
    let resolutions: [String]
    let counts: [Int]
    /// The price of one image, in credits. The service's prices start at this value.
    let credits: Int

    /// The models that the API accepts, by name.
    static let all: [String: ImageModel] = [
        "default": byDefault,
        "flux-2-klein": ImageModel(["640px", "1k", "2k"], [1], credits: 5),
        "krea-2": ImageModel(["640px", "1k"], [1], credits: 10),
        "flux-schnell": ImageModel(["640px", "1k", "2k"], oneToFour, credits: 5),
        "z-image-turbo": ImageModel(["640px", "1k", "2k"], oneToFour, credits: 5),
        "qwen-image-2.1": ImageModel(["640px", "1k", "2k"], oneToFour, credits: 10),
        "seedream-v5-pro": ImageModel(["640px", "1k", "2k"], oneToFour, credits: 75),
        "gpt-image-2": ImageModel(["640px", "1k", "2k", "4k"], oneToFour, credits: 50),
        "gpt-image-2.5-flare": ImageModel(["640px", "1k", "2k", "4k"], oneToFour, credits: 100),
        "seedream": ImageModel(["640px", "1k", "2k", "4k"], oneToFour, credits: 40),
        "seedream-v4": ImageModel(["640px", "1k", "2k", "4k"], oneToFour, credits: 40),
        "nano-banana": ImageModel(["640px", "1k"], oneToFour, credits: 50),
        "nano-banana-2-lite": ImageModel(["640px", "1k"], oneToFour, credits: 50),
        "nano-banana-2": ImageModel(["640px", "1k", "2k", "4k"], squares, credits: 100),
        "nano-banana-2.1": ImageModel(["640px", "1k", "2k", "4k"], squares, credits: 50),
        "nano-banana-pro": ImageModel(["1k", "2k", "4k"], squares, credits: 150),
    ]

    /// The "default" model. It accepts every option of every model because the service chooses the actual model.
    static let byDefault = ImageModel(["640px", "1k", "2k", "4k"], Array(1...16), credits: 5)

    /// Returns the price of an edited image, in credits. The editor has two models that the generator does not have.
    static func editorCredits(_ model: String?) -> Int {
        let ofEditor = ["qwen-edit": 10, "seedream-v4.5": 50]
        return model.flatMap { ofEditor[$0] ?? all[$0]?.credits } ?? byDefault.credits
    }

    private static let oneToFour = [1, 2, 3, 4]
    private static let squares = [1, 4, 9, 16]

    private init(_ resolutions: [String], _ counts: [Int], credits: Int) {
        self.resolutions = resolutions
        self.counts = counts
        self.credits = credits
    }

    /// The tools that the API accepts in the style of an image.
    static let tools = [
        "ai-anime-generator", "ai-art-generator", "ai-background-generator", "ai-character-generator",
        "ai-face-generator", "ai-fashion-generator", "ai-icon-generator", "ai-illustration-generator",
        "ai-interior-design-generator", "ai-landscape-generator", "ai-logo-generator", "ai-manga-generator",
        "ai-outfit-generator", "ai-pattern-generator", "ai-photo-generator", "ai-sketch-generator",
        "ai-tattoo-generator", "album-cover-generator", "animated-characters-generator", "architecture-generator",
        "book-cover-generator", "comic-book-generator", "dark-fantasy-ai", "disney-ai-generator",
        "dnd-ai-art-generator", "emoji-generator", "fantasy-map-generator", "general", "graffiti-generator",
        "movie-poster-generator", "optical-illusion-generator", "pokemon-generator",
        "south-park-character-generator", "superhero-generator", "thumbnail-maker",
    ]
}
