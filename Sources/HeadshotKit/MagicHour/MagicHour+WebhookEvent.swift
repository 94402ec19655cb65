public import Foundation

extension MagicHour {
    /// An event that Magic Hour reported with a webhook request, such as that a project is complete.
    ///
    /// A ``WebhookVerifier`` returns events. An event may arrive more than once, and events of a project may arrive in any order. An event
    /// has no id, so its ``type`` and ``projectID`` identify the event. No event reports that a project was canceled.
    public struct WebhookEvent: Equatable, Sendable {
        /// The type of an event.
        public struct EventType: OpenEnum {
            /// The raw value in webhook requests.
            public let rawValue: String
            /// Creates a value from its raw value in webhook requests.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// An image project is in progress. The event may be missing for fast projects.
            public static let imageStarted: EventType = "image.started"
            /// An image project is complete.
            public static let imageCompleted: EventType = "image.completed"
            /// An image project failed.
            public static let imageErrored: EventType = "image.errored"
            /// A video project is in progress.
            public static let videoStarted: EventType = "video.started"
            /// A video project is complete.
            public static let videoCompleted: EventType = "video.completed"
            /// A video project failed.
            public static let videoErrored: EventType = "video.errored"
            /// An audio project is in progress.
            public static let audioStarted: EventType = "audio.started"
            /// An audio project is complete.
            public static let audioCompleted: EventType = "audio.completed"
            /// An audio project failed.
            public static let audioErrored: EventType = "audio.errored"
        }

        /// The type of the event. Unknown types are preserved.
        public let type: EventType
        /// The payload as JSON: the project of a documented event, and any value otherwise. ``JSONValue/null`` if there is none.
        public let payload: JSONValue
        /// The id of the project, or `nil` if the payload contains none.
        public let projectID: String?
        /// The name of the project from the request that created it, or `nil` if the project has none.
        public let name: String?
        /// The status of the project, or `nil` if the payload contains none.
        public let status: ProjectStatus?
        /// The outputs of an image, video, or audio project that is complete. Empty if the payload contains no readable outputs.
        ///
        /// Treat the URLs as secrets, because a URL alone grants access to the file.
        public let downloads: [Download]
        /// The reason why the project failed, or `nil` if there is none.
        public let error: ProjectError?
        /// The project of an event about an image. `nil` for other events, and if the URL of an output is malformed.
        ///
        /// If the project is `nil`, fetch it with ``projectID`` and ``MagicHour/imageProjects``.
        public let imageProject: ImageProject?
        /// The project of an event about a video. `nil` for other events, and if the URL of an output is malformed.
        ///
        /// If the project is `nil`, fetch it with ``projectID`` and ``MagicHour/videoProjects``.
        public let videoProject: VideoProject?
    }
}

extension MagicHour.WebhookEvent {
    private enum Kind: String {
        case image, video, audio
    }

    /// Creates an event from a body that was verified before, for example one that is read from a database. Nothing is verified.
    ///
    /// - Parameter body: The raw bytes of a body that a ``MagicHour/WebhookVerifier`` accepted.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/unreadableWebhook`` if the body cannot be read.
    public init(verifiedBody body: Data) throws {
        do {
            let document = try JSONDocument(body)
            type = try document.decode(Header.self).type
            // `image.completed` and a type that the service adds, such as `image.queued`, are about the same kind of project.
            let kind = Kind(rawValue: String(type.rawValue.prefix { $0 != "." }))
            payload = document.value["payload"] ?? .null
            guard case .object = payload else {
                guard kind == nil else { throw Unreadable(description: "The payload is not a project.") }
                (projectID, name, status, error) = (nil, nil, nil, nil)
                (downloads, imageProject, videoProject) = ([], nil, nil)
                return
            }
            let project = try document.decode(Payload<Summary>.self).payload
            projectID = project.id
            name = project.name
            status = project.status
            error = project.error
            imageProject = kind == .image ? try document.project() : nil
            videoProject = kind == .video ? try document.project() : nil
            downloads = imageProject?.downloads ?? videoProject?.downloads ?? (kind == nil ? [] : project.downloads)
        } catch {
            throw Self.unreadable(error)
        }
    }

    private static func unreadable(_ cause: any Error) -> HeadshotKitError {
        let reason =
            switch cause {
            case let cause as JSONReader.Malformed: cause.description
            case let cause as Unreadable: cause.description
            default: "It is not an object with a type."
            }
        return HeadshotKitError(
            .unreadableWebhook,
            "The signature of the webhook request is valid, but its body cannot be read. \(reason)",
            advice: """
                Respond with a 2xx status, because Magic Hour sends the same body again otherwise. Fetch the project that you expect, and \
                check whether a newer version of HeadshotKit can read the body.
                """,
            underlyingError: cause
        )
    }

    private struct Unreadable: Error {
        let description: String
    }

    private struct Header: Decodable {
        let type: EventType

        enum CodingKeys: String, CodingKey {
            case type
        }

        init(from decoder: any Decoder) throws {
            let type = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .type)
            guard !type.isBlank else { throw Unreadable(description: "The type is empty.") }
            self.type = EventType(rawValue: type)
        }
    }

    fileprivate struct Payload<Content: Decodable>: Decodable {
        let payload: Content
    }

    /// The fields that projects of every kind have.
    private struct Summary: Decodable {
        let id: String?
        let name: String?
        let status: MagicHour.ProjectStatus?
        let downloads: [MagicHour.Download]
        let error: MagicHour.ProjectError?

        enum CodingKeys: String, CodingKey {
            case id, name, status, downloads
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = fields.text(.id).flatMap { $0.isBlank ? nil : $0 }
            name = fields.text(.name)
            status = fields.status(.status)
            // The event is more useful with its id and without its outputs than not at all.
            do { downloads = try fields.downloads(.downloads).compactMap { $0 } } catch { downloads = [] }
            self.error = MagicHour.ProjectError.read(from: decoder, ifFailed: status == .error)
        }
    }
}

extension JSONDocument {
    /// Returns the project in the payload of an event, or `nil` if the URL of an output is malformed.
    fileprivate func project<Project: MagicHourProject>() throws -> Project? {
        do { return try decode(MagicHour.WebhookEvent.Payload<Project>.self).payload } catch is DecodingError {
            // Magic Hour would send the same body for a day, and the project can be fetched by its id.
            return nil
        }
    }
}

extension MagicHour.WebhookEvent: CustomStringConvertible, CustomReflectable {
    /// The type and the id of the project.
    public var description: String { "\(type)\(projectID.map { ", project \($0)" } ?? "")" }
    /// A mirror without URLs, so that a dump of an event shows no secret.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["type": type, "projectID": projectID as Any, "name": name as Any, "status": status as Any]
        )
    }
}
