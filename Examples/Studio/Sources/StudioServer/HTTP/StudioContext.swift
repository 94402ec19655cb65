public import Hummingbird
import Logging
public import NIOCore

/// The context of a request.
public struct StudioContext: RequestContext {
    /// The storage of Hummingbird.
    public var coreContext: CoreRequestContextStorage
    /// The connection of the request.
    public let channel: any Channel
    private var authenticatedCaller: Caller?

    /// Creates the context of a request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The caller whose token the request has.
    ///
    /// - Throws: ``StudioError`` with the status 401 if the route does not use ``Authentication``.
    public var caller: Caller {
        get throws {
            guard let authenticatedCaller else { throw Authentication.unauthorized }
            return authenticatedCaller
        }
    }

    func authenticated(_ caller: Caller) -> StudioContext {
        var context = self
        context.authenticatedCaller = caller
        context.logger[metadataKey: "caller"] = "\(caller.name)"
        return context
    }

    /// Closes the connection after 5 s, in which the client can read the response. The rest of the request is not read.
    func closeConnectionSoon() {
        channel.eventLoop.scheduleTask(in: .seconds(5)) { [channel] in channel.close(promise: nil) }
    }
}
