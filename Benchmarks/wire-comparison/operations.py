"""The operations to compare, with the values of their fields: those that the service documents, and some that it does not know yet."""

import json
from collections import namedtuple
from pathlib import Path

FACTS = Path(__file__).resolve().parents[2] / "Tests/HeadshotKitTests/Fixtures/facts/magic-hour-0.90.0.json"

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

PHOTO = "api-assets/id/1234.png"
OTHER_PHOTO = "api-assets/id/5678.png"
EDIT_MODELS = """default flux-2-klein gpt-image-2 gpt-image-2.5-flare krea-2 nano-banana nano-banana-2 nano-banana-2-lite nano-banana-2.1
nano-banana-pro qwen-edit qwen-image-2.1 seedream-v4 seedream-v4.5 seedream-v5-pro""".split()
VIDEO_MODELS = """default gemini-omni-1.1 kling-1.6 kling-2.5 kling-2.5-audio kling-2.6 kling-3.0 ltx-2 ltx-2.3 ltx-2.5 minimax-h3 seedance
seedance-1.5 seedance-2.0 seedance-2.0-fast seedance-2.0-mini seedance-2.5 sora-2 veo3.1 veo3.1-audio veo3.1-lite wan-2.2 wan-3.0""".split()
FACE_NUMBERS = """eyebrow_direction eye_gaze_horizontal eye_gaze_vertical eye_open_ratio head_pitch head_roll head_yaw lip_open_ratio
mouth_grim mouth_position_horizontal mouth_position_vertical mouth_pout mouth_purse mouth_smile""".split()
NAME = ("name", ["My project", "", TEXT])


def voices():
    """The voices that the service documents."""
    operations = {operation["operation"]: operation for operation in json.loads(FACTS.read_text())["operations"]}
    (style,) = operations["ai_voice_generator.create"]["body"]["$defs"].values()
    return style["properties"]["voice_name"]["enum"]


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
        "image_background_remover",
        {"assets": {"image_file_path": PHOTO}},
        [("assets.background_image_file_path", [OTHER_PHOTO, "https://a.example/office.jpg"]), NAME],
        ["assets.background_image_file_path", "name"],
    ),
    Operation(
        "ai_image_upscaler",
        {"assets": {"image_file_path": PHOTO}, "scale_factor": 2},
        [
            ("scale_factor", [4, 1.5]),
            ("style", [{}]),
            ("style.mode", ["balanced", "creative", "preserve", "pro"]),
            ("style.enhancement", ["Balanced", "Creative", "Resemblance"]),
            ("style.prompt", ["sharp eyes", "", TEXT]),
            NAME,
        ],
        ["scale_factor", "style.mode", "style.enhancement", "style.prompt", "name"],
    ),
    Operation(
        "ai_image_editor",
        {"assets": {"image_file_paths": [PHOTO]}, "style": {"prompt": "Give me sunglasses"}},
        [
            ("assets", [{"image_file_path": PHOTO}, {"image_file_paths": [PHOTO] * 10}, {"image_file_paths": []}]),
            ("style.prompt", [TEXT]),
            ("style.model", ["Nano Banana", "Seedream", "default"]),
            ("image_count", [1, 4, 9, 16]),
            ("model", EDIT_MODELS),
            ("aspect_ratio", ["16:9", "1:1", "2:3", "3:2", "4:3", "4:5", "9:16", "auto"]),
            ("resolution", ["1k", "2k", "4k", "640px", "auto"]),
            NAME,
        ],
        ["style.model", "image_count", "model", "aspect_ratio", "resolution", "name"],
    ),
    Operation(
        "ai_clothes_changer",
        {"assets": {"garment_file_path": OTHER_PHOTO, "person_file_path": PHOTO}},
        [("assets.garment_type", ["dresses", "entire_outfit", "lower_body", "upper_body"]), NAME],
        ["assets.garment_type", "name"],
    ),
    Operation(
        "face_swap_photo",
        {"assets": {"target_file_path": PHOTO}},
        [
            ("assets.source_file_path", [OTHER_PHOTO]),
            ("assets.face_swap_mode", ["all-faces", "individual-faces"]),
            (
                "assets.face_mappings",
                [[], [{"original_face": f"api-assets/id/0-{index}.png", "new_face": OTHER_PHOTO} for index in range(5)]],
            ),
            NAME,
        ],
        ["assets.source_file_path", "assets.face_swap_mode", "assets.face_mappings", "name"],
    ),
    Operation(
        "head_swap",
        {"assets": {"body_file_path": OTHER_PHOTO, "head_file_path": PHOTO}},
        [("max_resolution", [1024, 4096]), NAME],
        ["max_resolution", "name"],
    ),
    Operation(
        "body_swap",
        {"assets": {"person_file_path": PHOTO, "scene_file_path": OTHER_PHOTO}, "resolution": "1k"},
        [("resolution", ["2k", "4k", "640px"]), NAME],
        ["name"],
    ),
    Operation(
        "ai_face_editor",
        {"assets": {"image_file_path": PHOTO}, "style": {}},
        [("style.enhance_face", [True, False])]
        + [(f"style.{name}", [-100, 0, 2.5, index * 5]) for index, name in enumerate(FACE_NUMBERS, 1)]
        + [NAME],
        ["style.enhance_face", *(f"style.{name}" for name in FACE_NUMBERS), "name"],
    ),
    Operation("photo_colorizer", {"assets": {"image_file_path": PHOTO}}, [NAME], ["name"]),
    Operation(
        "image_to_video",
        {"assets": {"image_file_path": PHOTO}, "end_seconds": 5},
        [
            ("assets.end_image_file_path", [OTHER_PHOTO]),
            ("end_seconds", [0.5, 10]),
            ("model", VIDEO_MODELS),
            ("resolution", ["1080p", "360p", "480p", "4k", "720p"]),
            ("audio", [True, False]),
            ("style", [{}]),
            ("style.prompt", ["a slow smile", "", TEXT]),
            ("style.high_quality", [True, False]),
            ("style.quality_mode", ["quick", "studio"]),
            ("width", [960]),
            ("height", [512]),
            NAME,
        ],
        ["assets.end_image_file_path", "model", "resolution", "audio", "style.prompt", "style.high_quality",
         "style.quality_mode", "width", "height", "name"],
    ),
    Operation(
        "ai_voice_generator",
        {"style": {"prompt": "Hello, how are you?", "voice_name": "Abraham Lincoln"}},
        [("style.prompt", [TEXT]), ("style.voice_name", voices()), NAME],
        ["style.voice_name", "name"],
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
    ("ai_image_editor", "model", "a-model-of-tomorrow"),
    ("ai_image_editor", "aspect_ratio", "21:9"),
    ("ai_image_upscaler", "style.mode", "a-mode-of-tomorrow"),
    ("ai_clothes_changer", "assets.garment_type", "shoes"),
    ("ai_voice_generator", "style.voice_name", "a voice of tomorrow"),
    ("body_swap", "resolution", "8k"),
    ("face_swap_photo", "assets.face_swap_mode", "a-mode-of-tomorrow"),
    ("image_to_video", "model", "a-model-of-tomorrow"),
    ("image_to_video", "resolution", "8k"),
    ("ai_talking_photo", "resolution", "1080p"),
    ("ai_talking_photo", "style.generation_mode", "a-mode-of-tomorrow"),
    ("files.upload_urls", "items", [{"type": "model", "extension": "glb"}]),
]
