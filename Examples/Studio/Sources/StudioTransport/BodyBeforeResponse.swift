import NIOCore
import NIOHTTP1
import NIOHTTP2

/// Lets the client see the end of a successful response only after it has written the end of the request's body.
///
/// AsyncHTTPClient 1.37 hangs or ends the process if the response is complete earlier
/// (https://github.com/swift-server/async-http-client/issues/922). A server may respond before it has read the body. It can also
/// have the whole body before the client writes its end. The last part of a body is therefore sent together with the end.
final class BodyBeforeResponse: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private var isSending = false
    private var isSuccessful = false
    /// The last part of the body so far.
    private var lastPart: IOData?
    /// The end of the response, which waits for the end of the body.
    private var responseEnd: NIOAny?

    /// Adds the handler between the client's handlers and the codec of a channel.
    static func add<Codec: ChannelHandler>(to channel: any Channel, after codec: Codec.Type) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(BodyBeforeResponse(), position: .after(pipeline.handler(type: codec)))
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head:
            isSending = true
            (lastPart, responseEnd) = (nil, nil)
            context.write(data, promise: promise)
        case .body(let part):
            let previous = lastPart
            lastPart = part
            // The client writes the next part or the end once this part is accepted.
            if let previous {
                context.write(wrapOutboundOut(.body(previous)), promise: promise)
            } else {
                promise?.succeed()
            }
        case .end:
            isSending = false
            if let part = lastPart { context.write(wrapOutboundOut(.body(part)), promise: nil) }
            lastPart = nil
            context.write(data, promise: promise)
            guard responseEnd != nil else { return }
            context.eventLoop.assumeIsolated().execute { self.forwardResponseEnd(context) }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isSuccessful = head.status.code < 300
            context.fireChannelRead(data)
        case .body:
            context.fireChannelRead(data)
        case .end where isSending && isSuccessful:
            responseEnd = data
        case .end where isSending:
            // The rest of the body is not sent. The client leaves the stream of HTTP/2 open.
            isSending = false
            context.fireChannelRead(data)
            context.close(promise: nil)
        case .end:
            // The client may write its next request before this returns.
            context.fireChannelRead(data)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isSending { forwardResponseEnd(context) }
        context.fireChannelInactive()
    }

    private func forwardResponseEnd(_ context: ChannelHandlerContext) {
        guard let end = responseEnd else { return }
        responseEnd = nil
        context.fireChannelRead(end)
        context.fireChannelReadComplete()
    }
}
