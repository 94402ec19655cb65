import Hummingbird
struct Placeholder {}
