extension ModelsLab {
    /// The operation that generates images of a person in a style from a photo of the face: `POST /image_editing/face_gen`.
    ///
    /// The request is that of ``headshots``, and its ``HeadshotRequest/guidanceScale`` may be up to 20. The price is not known in advance,
    /// so setting ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at most 5, 10 or 15 jobs at once, depending
    /// on its plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var facePortraits: GenerationOperation<HeadshotRequest, ImageResult, ImageResult> {
        operation(Self.facePortraitEndpoint)
    }

    private static let facePortraitEndpoint = headshotEndpoint(
        "face_gen",
        filePrefix: "portrait",
        guidanceScale: 1...20
    )
}
