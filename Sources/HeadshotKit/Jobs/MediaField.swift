extension Endpoint {
    /// A request field that holds one or more photos or recordings.
    public struct MediaField: Sendable {
        typealias Sources = @Sendable (Request) -> [MediaSource]
        typealias Replacement = @Sendable (inout Request, [MediaSource], InlineMedia) -> Void

        /// The field's name in the request, for messages.
        public let name: String
        /// The kind of the media.
        public let kind: MediaKind
        /// Whether ``GenerationOptions/faceCheck`` applies to the field.
        private(set) var isFaceChecked: Bool
        /// Returns the field's sources.
        let sources: Sources
        /// Replaces the field's sources by as many others. A request that holds only text gets a token of a source that is sent inline.
        let replace: Replacement

        /// Creates a field that holds one source.
        ///
        /// - Parameters:
        ///   - name: The field's name in the request, such as `assets.image_file_path`.
        ///   - kind: The kind of the media. Defaults to an image.
        ///   - keyPath: The property of the request.
        public init(
            _ name: String,
            kind: MediaKind = .image,
            _ keyPath: any WritableKeyPath<Request, MediaSource> & Sendable
        ) {
            self.init(name: name, kind: kind) {
                [$0[keyPath: keyPath]]
            } replace: { request, sources, _ in
                if let source = sources.first { request[keyPath: keyPath] = source }
            }
        }

        /// Creates a field that holds one source or none.
        public init(
            _ name: String,
            kind: MediaKind = .image,
            _ keyPath: any WritableKeyPath<Request, MediaSource?> & Sendable
        ) {
            self.init(name: name, kind: kind) {
                $0[keyPath: keyPath].map { [$0] } ?? []
            } replace: { request, sources, _ in
                request[keyPath: keyPath] = sources.first
            }
        }

        /// Creates a field that holds any number of sources.
        public init(
            _ name: String,
            kind: MediaKind = .image,
            _ keyPath: any WritableKeyPath<Request, [MediaSource]> & Sendable
        ) {
            self.init(name: name, kind: kind) {
                $0[keyPath: keyPath]
            } replace: { request, sources, _ in
                request[keyPath: keyPath] = sources
            }
        }

        /// Creates a field that holds any number of sources, or is absent.
        public init(
            _ name: String,
            kind: MediaKind = .image,
            _ keyPath: any WritableKeyPath<Request, [MediaSource]?> & Sendable
        ) {
            self.init(name: name, kind: kind) {
                $0[keyPath: keyPath] ?? []
            } replace: { request, sources, _ in
                if request[keyPath: keyPath] != nil { request[keyPath: keyPath] = sources }
            }
        }

        /// Returns the field, to which ``GenerationOptions/faceCheck`` does not apply. For a photo of a garment or a background.
        public func withoutFaceCheck() -> MediaField {
            var field = self
            field.isFaceChecked = false
            return field
        }

        private init(
            name: String,
            kind: MediaKind,
            sources: @escaping Sources,
            replace: @escaping Replacement
        ) {
            self.name = name
            self.kind = kind
            isFaceChecked = kind == .image
            self.sources = sources
            self.replace = replace
        }
    }
}

extension Endpoint.MediaField where Request == JSONValue {
    /// Creates a field of a request in JSON.
    ///
    /// The strings in the field are paths of local files, URLs, or paths of uploaded files, as in ``MediaSource/init(_:)-(String)``. A
    /// path through an array, such as `assets.image_file_paths` or `assets.face_mappings.new_face`, leads to the strings of every element.
    ///
    /// - Parameters:
    ///   - path: The names of the members that lead to the field, separated by dots. A request without the field is sent unchanged.
    ///   - kind: The kind of the media. Defaults to an image.
    public init(_ path: String, kind: MediaKind = .image) {
        let names = path.split(separator: ".").map(String.init)[...]
        self.init(name: path, kind: kind) { request in
            var sources: [MediaSource] = []
            _ = request.mapStrings(at: names) { text in
                sources.append(MediaSource(text))
                return text
            }
            return sources
        } replace: { request, sources, inline in
            var rest = sources[...]
            request = request.mapStrings(at: names) { text in
                guard let source = rest.popFirst() else { return text }
                if case .remote(let location) = source.storage { return location }
                return source.allowsInline ? inline.token(for: source) : text
            }
        }
    }
}

extension JSONValue {
    /// Returns the value with other strings at the end of a path. The transform is called in the order of the strings.
    fileprivate func mapStrings(at path: ArraySlice<String>, _ transform: (String) -> String) -> JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map { $0.mapStrings(at: path, transform) })
        case .string(let text): return path.isEmpty ? .string(transform(text)) : self
        case .object(var members):
            guard let name = path.first, let member = members[name] else { return self }
            members[name] = member.mapStrings(at: path.dropFirst(), transform)
            return .object(members)
        default: return self
        }
    }
}
