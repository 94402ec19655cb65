extension MagicHour {
    /// The type of a project.
    public struct ProjectType: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Face editor.
        public static let faceEditor: ProjectType = "FACE_EDITOR"
        /// AI image editor.
        public static let aiImageEditor: ProjectType = "AI_IMAGE_EDITOR"
        /// AI selfie.
        public static let aiSelfie: ProjectType = "AI_SELFIE"
        /// AI headshot.
        public static let aiHeadshot: ProjectType = "AI_HEADSHOT"
        /// AI influencer.
        public static let aiInfluencer: ProjectType = "AI_INFLUENCER"
        /// AI image.
        public static let aiImage: ProjectType = "AI_IMAGE"
        /// AI meme.
        public static let aiMeme: ProjectType = "AI_MEME"
        /// Clothes changer.
        public static let clothesChanger: ProjectType = "CLOTHES_CHANGER"
        /// Background remover.
        public static let backgroundRemover: ProjectType = "BACKGROUND_REMOVER"
        /// Face swap.
        public static let faceSwap: ProjectType = "FACE_SWAP"
        /// Image upscaler.
        public static let imageUpscaler: ProjectType = "IMAGE_UPSCALER"
        /// Image enhancer.
        public static let imageEnhancer: ProjectType = "IMAGE_ENHANCER"
        /// AI GIF.
        public static let aiGif: ProjectType = "AI_GIF"
        /// QR code.
        public static let qrCode: ProjectType = "QR_CODE"
        /// Photo editor.
        public static let photoEditor: ProjectType = "PHOTO_EDITOR"
        /// Photo colorizer.
        public static let photoColorizer: ProjectType = "PHOTO_COLORIZER"
        /// Head swap.
        public static let headSwap: ProjectType = "HEAD_SWAP"
        /// Body swap.
        public static let bodySwap: ProjectType = "BODY_SWAP"
        /// Storyboard.
        public static let storyboard: ProjectType = "STORYBOARD"
        /// Image expander.
        public static let imageExpander: ProjectType = "IMAGE_EXPANDER"
        /// Animation.
        public static let animation: ProjectType = "ANIMATION"
        /// Auto subtitle.
        public static let autoSubtitle: ProjectType = "AUTO_SUBTITLE"
        /// Video to video.
        public static let videoToVideo: ProjectType = "VIDEO_TO_VIDEO"
        /// Text to video.
        public static let textToVideo: ProjectType = "TEXT_TO_VIDEO"
        /// Image to video.
        public static let imageToVideo: ProjectType = "IMAGE_TO_VIDEO"
        /// Lip sync.
        public static let lipSync: ProjectType = "LIP_SYNC"
        /// Talking photo.
        public static let talkingPhoto: ProjectType = "TALKING_PHOTO"
        /// Avatar.
        public static let avatar: ProjectType = "AVATAR"
        /// Video upscaler.
        public static let videoUpscaler: ProjectType = "VIDEO_UPSCALER"
        /// Video editor.
        public static let videoEditor: ProjectType = "VIDEO_EDITOR"
        /// Character replace.
        public static let characterReplace: ProjectType = "CHARACTER_REPLACE"
        /// Video colorizer.
        public static let videoColorizer: ProjectType = "VIDEO_COLORIZER"
        /// Video watermark remover.
        public static let videoWatermarkRemover: ProjectType = "VIDEO_WATERMARK_REMOVER"
        /// Video color grader.
        public static let videoColorGrader: ProjectType = "VIDEO_COLOR_GRADER"
        /// Video translator.
        public static let videoTranslator: ProjectType = "VIDEO_TRANSLATOR"
        /// Music video.
        public static let musicVideo: ProjectType = "MUSIC_VIDEO"
        /// Extend.
        public static let extend: ProjectType = "EXTEND"
        /// Audio to video.
        public static let audioToVideo: ProjectType = "AUDIO_TO_VIDEO"
        /// Video expander.
        public static let videoExpander: ProjectType = "VIDEO_EXPANDER"
        /// UGC ad.
        public static let ugcAd: ProjectType = "UGC_AD"
    }
}
