"""The operations to compare, with the values of their fields: those that the service documents, and some that it does not know yet."""

from collections import namedtuple

# `demanded` is the minimal body, `optional` are values for each field by its path, `full` the fields of the full body.
Operation = namedtuple("Operation", "name demanded optional full")

MODELS = """default flux-2-klein flux-schnell gpt-image-2 gpt-image-2.5-flare krea-2 nano-banana nano-banana-2 nano-banana-2-lite
nano-banana-2.1 nano-banana-pro qwen-image-2.1 seedream seedream-v4 seedream-v5-pro z-image-turbo""".split()
TOOLS = """ai-anime-generator ai-art-generator ai-background-generator ai-character-generator ai-face-generator
ai-fashion-generator ai-icon-generator ai-illustration-generator ai-interior-design-generator ai-landscape-generator
ai-logo-generator ai-manga-generator ai-outfit-generator ai-pattern-generator ai-photo-generator ai-sketch-generator
ai-tattoo-generator album-cover-generator animated-characters-generator architecture-generator book-cover-generator
comic-book-generator dark-fantasy-ai disney-ai-generator dnd-ai-art-generator emoji-generator fantasy-map-generator general
graffiti-generator movie-poster-generator optical-illusion-generator pokemon-generator south-park-character-generator
superhero-generator thumbnail-maker""".split()
IMAGE_EXTENSIONS = "png jpg jpeg jfif heic heif webp avif jp2 tiff tif bmp".split()
AUDIO_EXTENSIONS = "mp3 wav aac flac webm weba m4a opus ogg oga aiff amr".split()
VIDEO_EXTENSIONS = "mp4 m4v mov webm".split()
TEXT = 'a navy suit, “soft” light / \\ "quotes" é 😀\nand a second line'

OPERATIONS = [
    Operation(
        "ai_headshot_generator",
        {"assets": {"image_file_path": "api-assets/id/1234.png"}},
        [
            ("assets.image_file_path", ["https://a.example/me.jpg?size=1&x=2", "https://magichour.ai/my-library?imageId=1"]),
            ("name", ["My headshot", "", TEXT]),
            ("style", [{}]),
            ("style.prompt", ["a navy suit", "", TEXT]),
        ],
        ["name", "style.prompt"],
    ),
    Operation(
        "ai_image_generator",
        {"image_count": 1, "style": {"prompt": "Cool image"}},
        [
            ("image_count", [1, 2, 4, 9, 16]),
            ("style.prompt", [TEXT]),
            ("style.tool", TOOLS),
            ("style.quality_mode", ["pro", "standard"]),
            ("model", MODELS),
            ("aspect_ratio", ["16:9", "1:1", "9:16"]),
            ("orientation", ["landscape", "portrait", "square"]),
            ("resolution", ["1k", "2k", "4k", "640px", "auto"]),
            ("name", ["My image", "", TEXT]),
        ],
        ["style.tool", "style.quality_mode", "model", "aspect_ratio", "orientation", "resolution", "name"],
    ),
    Operation(
        "ai_talking_photo",
        {
            "assets": {"image_file_path": "api-assets/id/1234.png", "audio_file_path": "api-assets/id/1234.mp3"},
            "start_seconds": 0,
            "end_seconds": 15,
        },
        [
            ("start_seconds", [0.5, 1.25, 3]),
            ("end_seconds", [0.1, 14.9, 300]),
            ("max_resolution", [1024]),
            ("resolution", ["480p", "720p"]),
            ("name", ["My talking photo", "", TEXT]),
            ("style", [{}]),
            ("style.generation_mode", ["expressive", "pro", "prompted", "realistic", "stable", "standard"]),
            ("style.intensity", [0, 0.55, 1, 1.5]),
            ("style.prompt", ["slow nods", "", TEXT]),
        ],
        ["max_resolution", "resolution", "name", "style.generation_mode", "style.intensity", "style.prompt"],
    ),
    Operation(
        "face_detection",
        {"assets": {"target_file_path": "api-assets/id/1234.png"}},
        [("confidence_score", [0, 0.3, 0.5, 1])],
        ["confidence_score"],
    ),
    Operation(
        "files.upload_urls",
        {"items": [{"type": "image", "extension": "png"}]},
        [
            (
                "items",
                [
                    [{"type": kind, "extension": extension}]
                    for kind, extensions in [
                        ("image", IMAGE_EXTENSIONS),
                        ("audio", AUDIO_EXTENSIONS),
                        ("video", VIDEO_EXTENSIONS),
                    ]
                    for extension in extensions
                ]
                + [[{"type": "image", "extension": "jpg"}, {"type": "audio", "extension": "mp3"}]],
            )
        ],
        [],
    ),
]

# Values that HeadshotKit sends, for the service may have learned them since it was made.
UNKNOWN = [
    ("ai_image_generator", "model", "a-model-of-tomorrow"),
    ("ai_image_generator", "style.tool", "a-tool-of-tomorrow"),
    ("ai_image_generator", "resolution", "8k"),
    ("ai_image_generator", "aspect_ratio", "4:5"),
    ("ai_talking_photo", "resolution", "1080p"),
    ("ai_talking_photo", "style.generation_mode", "a-mode-of-tomorrow"),
    ("files.upload_urls", "items", [{"type": "model", "extension": "glb"}]),
]
