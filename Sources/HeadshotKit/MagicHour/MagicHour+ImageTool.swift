extension MagicHour {
    /// An art style for images.
    public struct ImageTool: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Anime.
        public static let aiAnimeGenerator: ImageTool = "ai-anime-generator"
        /// Art.
        public static let aiArtGenerator: ImageTool = "ai-art-generator"
        /// Background.
        public static let aiBackgroundGenerator: ImageTool = "ai-background-generator"
        /// Character.
        public static let aiCharacterGenerator: ImageTool = "ai-character-generator"
        /// Face.
        public static let aiFaceGenerator: ImageTool = "ai-face-generator"
        /// Fashion.
        public static let aiFashionGenerator: ImageTool = "ai-fashion-generator"
        /// Icon.
        public static let aiIconGenerator: ImageTool = "ai-icon-generator"
        /// Illustration.
        public static let aiIllustrationGenerator: ImageTool = "ai-illustration-generator"
        /// Interior design.
        public static let aiInteriorDesignGenerator: ImageTool = "ai-interior-design-generator"
        /// Landscape.
        public static let aiLandscapeGenerator: ImageTool = "ai-landscape-generator"
        /// Logo.
        public static let aiLogoGenerator: ImageTool = "ai-logo-generator"
        /// Manga.
        public static let aiMangaGenerator: ImageTool = "ai-manga-generator"
        /// Outfit.
        public static let aiOutfitGenerator: ImageTool = "ai-outfit-generator"
        /// Pattern.
        public static let aiPatternGenerator: ImageTool = "ai-pattern-generator"
        /// Photo.
        public static let aiPhotoGenerator: ImageTool = "ai-photo-generator"
        /// Sketch.
        public static let aiSketchGenerator: ImageTool = "ai-sketch-generator"
        /// Tattoo.
        public static let aiTattooGenerator: ImageTool = "ai-tattoo-generator"
        /// Album cover.
        public static let albumCoverGenerator: ImageTool = "album-cover-generator"
        /// Animated characters.
        public static let animatedCharactersGenerator: ImageTool = "animated-characters-generator"
        /// Architecture.
        public static let architectureGenerator: ImageTool = "architecture-generator"
        /// Book cover.
        public static let bookCoverGenerator: ImageTool = "book-cover-generator"
        /// Comic book.
        public static let comicBookGenerator: ImageTool = "comic-book-generator"
        /// Dark fantasy.
        public static let darkFantasyAI: ImageTool = "dark-fantasy-ai"
        /// Disney.
        public static let disneyAIGenerator: ImageTool = "disney-ai-generator"
        /// Dungeons & Dragons art.
        public static let dndAIArtGenerator: ImageTool = "dnd-ai-art-generator"
        /// Emoji.
        public static let emojiGenerator: ImageTool = "emoji-generator"
        /// Fantasy map.
        public static let fantasyMapGenerator: ImageTool = "fantasy-map-generator"
        /// No particular style. The service defaults to this value.
        public static let general: ImageTool = "general"
        /// Graffiti.
        public static let graffitiGenerator: ImageTool = "graffiti-generator"
        /// Movie poster.
        public static let moviePosterGenerator: ImageTool = "movie-poster-generator"
        /// Optical illusion.
        public static let opticalIllusionGenerator: ImageTool = "optical-illusion-generator"
        /// Pokémon.
        public static let pokemonGenerator: ImageTool = "pokemon-generator"
        /// South Park character.
        public static let southParkCharacterGenerator: ImageTool = "south-park-character-generator"
        /// Superhero.
        public static let superheroGenerator: ImageTool = "superhero-generator"
        /// Thumbnail maker.
        public static let thumbnailMaker: ImageTool = "thumbnail-maker"
    }
}
