import Foundation
import HeadshotKit

/// A photo of a batch.
struct BatchPhoto: Sendable {
    let file: URL
    /// The path in messages, as it was typed.
    let path: String
    /// The name of the person, from the table or else from the file's name.
    var name: String

    /// Returns the photos in directories and files, in the order of the arguments and by name within a directory.
    ///
    /// - Throws: ``ToolError`` if a path cannot be used, or if there are no photos.
    static func find(_ paths: [String], savingIn output: URL) throws -> [BatchPhoto] {
        let photos = try paths.flatMap { path -> [BatchPhoto] in
            let url = URL(fileURLWithPath: (path as NSString).expandingTildeInPath)
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
                let isURL = path.lowercased().hasPrefix("http")
                throw ToolError.usage(
                    "\(path) does not exist. \(isURL ? "A batch takes local photos only." : "Check the path.")"
                )
            }
            guard isDirectory.boolValue else { return [BatchPhoto(file: url, path: path)] }
            guard url.resolvingSymlinksInPath().path != output.resolvingSymlinksInPath().path else {
                throw ToolError.usage(
                    "\(path) is also the directory for the headshots, so the next run would take them for photos. "
                        + "Choose another directory, such as --output headshots"
                )
            }
            return try names(in: url, path).map { name in
                let separator = path.hasSuffix("/") ? "" : "/"
                return BatchPhoto(file: url.appendingPathComponent(name), path: path + separator + name)
            }
        }
        guard !photos.isEmpty else {
            let formats = MediaKind.image.fileExtensions.joined(separator: ", ")
            throw ToolError.usage(
                "There are no photos in \(paths.joined(separator: ", ")). A photo ends in \(formats)."
            )
        }
        return photos
    }

    private init(file: URL, path: String) {
        (self.file, self.path) = (file, path)
        name = file.deletingPathExtension().lastPathComponent
    }

    private static func names(in directory: URL, _ path: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { name in
                let ending = (name as NSString).pathExtension.lowercased()
                return !name.hasPrefix(".") && MediaKind.image.fileExtensions.contains(ending)
            }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
        } catch {
            throw ToolError.usage("\(path) cannot be read: \(error.systemReason).")
        }
    }
}

extension [BatchPhoto] {
    private static let maximumTableBytes = 16 << 20

    /// Sets the names from a table with the columns `photo` and `name`. Warns about the rows that match no photo.
    mutating func setNames(from path: String) throws {
        let file = InputFile(path)
        let data = try file.read(upTo: Self.maximumTableBytes)
        guard data.count <= Self.maximumTableBytes else {
            throw ToolError.usage("\(file.name) is larger than 16 MiB. A table has one row for each person.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ToolError.usage("\(file.name) is not UTF-8. Export the table as “CSV UTF-8”.")
        }
        let table = try CSVTable(text, name: file.name)
        guard !table.columns.allSatisfy(\.isEmpty) else {
            throw ToolError.usage(
                "\(file.name) is empty. The first line must name the columns photo and name, separated by commas."
            )
        }
        guard let photoColumn = ["photo", "file"].first(where: table.columns.contains),
            table.columns.contains("name")
        else {
            throw ToolError.usage(
                "\(file.name) has the columns \(table.columns.joined(separator: "; ")). "
                    + "The first line must name the columns photo and name, separated by commas."
            )
        }
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
        var lines: [Int: Int] = [:]
        for row in table.rows {
            let photo = row.values[photoColumn] ?? ""
            let fullPath = photo.isEmpty ? "" : URL(fileURLWithPath: photo, relativeTo: directory).absoluteURL.path
            let matches = indices.filter {
                [self[$0].file.lastPathComponent, self[$0].path].contains(photo) || self[$0].file.path == fullPath
            }
            if matches.isEmpty {
                Console.note("warning: \(file.name), line \(row.line): the batch has no photo “\(photo)”.")
            }
            guard let name = row.values["name"], !name.isEmpty else { continue }
            for index in matches {
                if let line = lines.updateValue(row.line, forKey: index) {
                    throw ToolError.usage(
                        "\(file.name), line \(row.line): line \(line) already names “\(photo)”. Keep one row for each photo."
                    )
                }
                self[index].name = name
            }
        }
    }
}
