import Foundation
import HeadshotKit

extension JSONValue {
    /// Creates a JSON value from the properties of a value, under their wire names.
    ///
    /// An encode and decode cycle cannot detect two swapped coding keys. The property names can.
    init(reflecting value: Any) {
        switch value {
        case let json as JSONValue: self = json
        case let text as String: self = .string(text)
        case let flag as Bool: self = .bool(flag)
        case let number as Int: self = .number(Double(number))
        case let number as Double: self = .number(number)
        case let url as URL: self = .string(url.absoluteString)
        case let time as Timestamp: self = .string(time.rawValue)
        case let id as ModelsLab.TrackID: self = id.number.map { .number(Double($0)) } ?? .string(id.description)
        case let media as MediaSource: self = .string(media.description)
        case let value as any OpenEnum: self = .string(value.rawValue)
        default: self = Self.object(reflecting: value)
        }
    }

    private static func object(reflecting value: Any) -> JSONValue {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            return mirror.children.first.map { JSONValue(reflecting: $0.value) } ?? .null
        case .collection:
            return .array(mirror.children.map { JSONValue(reflecting: $0.value) })
        case .dictionary:
            let pairs = mirror.children.compactMap { $0.value as? (key: String, value: Any) }
            return .object(Dictionary(pairs.map { ($0.key, JSONValue(reflecting: $0.value)) }) { first, _ in first })
        default:
            let members = mirror.children.map { (wireName(of: $0.label ?? ""), JSONValue(reflecting: $0.value)) }
            return .object(Dictionary(members) { first, _ in first })
        }
    }

    /// `imageFilePath` -> `image_file_path`, `trackID` -> `track_id`.
    private static func wireName(of property: String) -> String {
        let unlike = ["etaSeconds": "eta", "generationTimeSeconds": "generationTime", "initImages": "init_image"]
        if let name = unlike[property] { return name }
        var name = ""
        var isUpper = false
        for character in property {
            if character.isUppercase, !isUpper, !name.isEmpty { name.append("_") }
            isUpper = character.isUppercase
            name += character.lowercased()
        }
        return name
    }
}

extension ModelsLab.TrackID {
    fileprivate var number: Int? {
        guard case .number(let number) = self else { return nil }
        return number
    }
}
