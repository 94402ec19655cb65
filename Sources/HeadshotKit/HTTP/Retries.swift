/// Who wants to hear of failed attempts: the workflow in whose task they are made.
enum Retries {
    /// Told of a failure that is followed by another attempt after a pause, and, by nil, of the success after such failures.
    @TaskLocal static var observer: (@Sendable (HeadshotKitError?, Duration) -> Void)?
}
