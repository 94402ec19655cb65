import Foundation
import HeadshotKit

/// A page with each photo of a batch and its headshot. The page contains all images, so that it can be sent as one file.
/// Therefore, the images are without their private metadata.
struct BatchPage {
    private let summary: BatchSummary

    init(_ summary: BatchSummary) { self.summary = summary }

    /// Writes `index.html`, or `index-2.html` and so on if a file with that name is not a page of this tool. An existing page is
    /// replaced once the new one is complete.
    ///
    /// The images are written one at a time, so that memory does not grow with their number.
    ///
    /// - Parameter replacesAny: Whether an `index.html` of any origin is replaced.
    func write(in directory: URL, replacesAny: Bool) throws -> URL {
        var (page, count) = (directory.appendingPathComponent("index.html"), 1)
        while !replacesAny, FileManager.default.fileExists(atPath: page.path), !Self.isPage(page) {
            count += 1
            page = directory.appendingPathComponent("index-\(count).html")
        }
        let draft = directory.appendingPathComponent(".index-\(UUID().uuidString).html")
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try Data().write(to: draft)
            let handle = try FileHandle(forWritingTo: draft)
            defer { handle.closeFile() }
            try write(to: handle)
            try handle.synchronize()
            guard rename(draft.path, page.path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            return page
        } catch {
            // The draft may not exist. The first error is the one to report.
            try? FileManager.default.removeItem(at: draft)
            throw ToolError(
                status: .other,
                code: HeadshotKitError.Code.fileSystem.rawValue,
                message: "The page cannot be saved in \(directory.path): \(error.systemReason)."
            )
        }
    }

    /// Returns whether a file was written by this tool.
    private static func isPage(_ file: URL) -> Bool {
        do {
            return String(decoding: try InputFile(file.path).read(upTo: 1_024), as: UTF8.self).contains(marker)
        } catch {
            // A file that cannot be read is not replaced.
            return false
        }
    }

    private func write(to handle: FileHandle) throws {
        func put(_ text: String) throws { try handle.write(contentsOf: Data(text.utf8)) }
        try put(Self.head + "<h1>Team headshots</h1>\n<p>\(Self.escaped(summary.headline)).</p>\n<main>\n")
        let entries = summary.outcomes.flatMap { outcome in outcome.order.photos.map { (outcome, $0) } }
        for (outcome, photo) in entries.sorted(by: { Self.precedes($0.1.name, $1.1.name) }) {
            let name = Self.escaped(photo.name)
            try put("<article\(outcome.failure == nil ? "" : " class=\"failed\"")>\n<h2>\(name)</h2>\n<div>\n")
            try putFigure(photo.file, "Before", alternative: "Photo of \(name)", handle)
            for file in outcome.files {
                try putFigure(file, "After", alternative: "Headshot of \(name)", handle)
            }
            try put("</div>\n")
            if let failure = outcome.failure {
                // The page may be passed on, and the directories of this machine are of no use elsewhere.
                let reason = failure.message.replacing(photo.file.path, with: photo.file.lastPathComponent)
                try put("<p class=\"reason\">\(Self.escaped(reason))</p>\n")
            }
            try put("</article>\n")
        }
        try put("</main>\n</body>\n</html>\n")
    }

    private static func precedes(_ first: String, _ second: String) -> Bool {
        first.compare(second, options: [.caseInsensitive, .numeric]) == .orderedAscending
    }

    private func putFigure(_ file: URL, _ caption: String, alternative: String, _ handle: FileHandle) throws {
        func put(_ text: String) throws { try handle.write(contentsOf: Data(text.utf8)) }
        try put("<figure>")
        if let type = Self.types[file.pathExtension.lowercased()], let data = Self.content(of: file) {
            try put("<img alt=\"\(alternative)\" src=\"data:\(type);base64,")
            try handle.write(contentsOf: data.base64EncodedData())
            try put("\">")
        } else {
            try put("<p class=\"blank\">\(Self.escaped(file.lastPathComponent)) cannot be shown here</p>")
        }
        try put("<figcaption>\(caption)</figcaption></figure>\n")
    }

    private static let maximumImageBytes = 32 << 20

    /// Returns an image without its private metadata. `nil` if the metadata cannot be removed, as from a damaged image, or if the image
    /// is too large for a page.
    private static func content(of file: URL) -> Data? {
        do {
            let data = try InputFile(file.path).read(upTo: maximumImageBytes)
            return data.count <= maximumImageBytes ? try PhotoMetadata.remove(from: data) : nil
        } catch {
            // The page shows the name in place of the image.
            return nil
        }
    }

    /// The formats that browsers show, by file extension.
    private static let types = [
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "jfif": "image/jpeg", "webp": "image/webp",
        "avif": "image/avif", "gif": "image/gif",
    ]

    static func escaped(_ text: String) -> String {
        var escaped = ""
        // Scalars, because a combining mark after a bracket makes another character of it.
        for scalar in Console.printable(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static let marker = "<meta name=\"generator\" content=\"headshot "

    private static let head = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        \(marker)\(HeadshotKitVersion.current)">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>Team headshots</title>
        <style>
        :root { --page: #f4f4f6; --card: #fff; --text: #1c1c1e; --quiet: #63636a; --edge: #dcdce1; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #161618; --card: #232326; --text: #f2f2f4; --quiet: #a1a1a8; --edge: #3a3a3e; --bad: #ff8a80; }
        }
        body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem; background: var(--page); color: var(--text);
          font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.8rem; margin: 0; }
        h1 + p { color: var(--quiet); margin: .25rem 0 2rem; }
        main { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr)); }
        article { background: var(--card); border: 1px solid var(--edge); border-radius: .75rem; padding: 1rem; min-width: 0; }
        article.failed { border-color: var(--bad); }
        h2 { font-size: 1.1rem; margin: 0 0 .75rem; overflow-wrap: anywhere; white-space: pre-line; }
        article div { display: grid; gap: .75rem; grid-template-columns: repeat(2, 1fr); }
        figure { margin: 0; min-width: 0; }
        img, .blank { border-radius: .5rem; display: block; width: 100%; aspect-ratio: 4 / 5; object-fit: cover; }
        .blank { align-content: center; background: var(--page); color: var(--quiet); margin: 0; overflow-wrap: anywhere;
          font-size: .85rem; text-align: center; }
        figcaption { color: var(--quiet); font-size: .85rem; margin-top: .25rem; }
        .reason { color: var(--bad); margin: .75rem 0 0; overflow-wrap: anywhere; }
        </style>
        </head>
        <body>

        """
}
