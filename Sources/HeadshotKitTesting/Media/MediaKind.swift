import Foundation

/// The kinds of media that Magic Hour distinguishes.
enum MediaKind: String, CaseIterable, Sendable {
    case audio, image, video

    /// The file extensions that the service accepts, in the order in which it lists them.
    var extensions: [String] {
        switch self {
        case .audio: ["mp3", "wav", "aac", "flac", "webm", "weba", "m4a", "opus", "ogg", "oga", "aiff", "amr"]
        case .image: ["png", "jpg", "jpeg", "jfif", "heic", "heif", "webp", "avif", "jp2", "tiff", "tif", "bmp"]
        case .video: ["mp4", "m4v", "mov", "webm"]
        }
    }

    /// Returns whether a file that begins with the given bytes can be of this kind.
    func accepts(_ head: Data) -> Bool {
        let head = Data(head.prefix(16))
        func has(_ text: String, at offset: Int = 0) -> Bool {
            head.dropFirst(offset).starts(with: Data(text.utf8))
        }
        func has(_ bytes: UInt8...) -> Bool { head.starts(with: bytes) }
        let isMPEG4 = has("ftyp", at: 4)
        let isWebM = has(0x1A, 0x45, 0xDF, 0xA3)
        switch self {
        case .image:
            return has(0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A) || has(0xFF, 0xD8, 0xFF) || has("BM")
                || has("RIFF") && has("WEBP", at: 8) || has("II*\0") || has("MM\0*") || has("jP  ", at: 4)
                || isMPEG4 && ["heic", "heix", "heif", "mif1", "msf1", "avif", "avis"].contains { has($0, at: 8) }
        case .audio:
            return has("RIFF") && has("WAVE", at: 8) || has("ID3") || has("fLaC") || has("OggS") || has("#!AMR")
                || has("FORM") && has("AIF", at: 8) || isMPEG4 || isWebM
                || head.count > 1 && head[0] == 0xFF && head[1] & 0xE0 == 0xE0
        case .video:
            return isMPEG4 || isWebM
        }
    }
}
