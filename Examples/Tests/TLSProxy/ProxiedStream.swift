import Foundation
import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2
import NIOPosix

/// An HTTP/2 stream that is forwarded as an HTTP/1.1 request to the plain server.
final class ProxiedStream: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let connection: Int
    private let parent: any Channel
    private let port: Int
    private let log: StreamLog
    private let decide: @Sendable (StreamLog.Request) -> StreamFault?

    private var fault: StreamFault?
    private var entry: Int?
    private var isOver = false
    private var upstream: (any Channel)?
    private var waiting: [HTTPClientRequestPart] = []

    init(
        _ connection: Int,
        _ parent: any Channel,
        to port: Int,
        _ log: StreamLog,
        _ fault: @escaping @Sendable (StreamLog.Request) -> StreamFault?
    ) {
        self.connection = connection
        self.parent = parent
        self.port = port
        self.log = log
        decide = fault
    }

    // MARK: From the client

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            begin(frame.headers, context)
            if frame.endStream { finish(context) }
        case .data(let frame):
            guard case .byteBuffer(let bytes) = frame.data else { return }
            if let entry { log.update(entry) { $0.bodyByteCount += bytes.readableBytes } }
            send(.body(.byteBuffer(bytes)))
            if frame.endStream { finish(context) }
        default:
            break
        }
    }

    private func begin(_ fields: HPACKHeaders, _ context: ChannelHandlerContext) {
        guard entry == nil, let method = fields.first(name: ":method"), let path = fields.first(name: ":path") else {
            return
        }
        let request = StreamLog.Request(
            connection: connection,
            stream: streamID(context),
            method: method,
            target: path,
            declaredLength: fields.first(name: "content-length").flatMap { Int($0) }
        )
        entry = log.add(request)
        fault = decide(request)
        switch fault {
        case .resetBeforeProcessing, .goAwayWithoutStream, .closeBeforeProcessing:
            return  // The fault follows after the complete request, when the outcome is least certain for the client.
        case .respondEarly(let status, let resets):
            let head = HPACKHeaders([(":status", String(status)), ("content-type", "application/json")])
            context.write(wrapOutboundOut(.headers(.init(headers: head))), promise: nil)
            let text = ByteBuffer(string: #"{"message":"Too large"}"#)
            context.writeAndFlush(wrapOutboundOut(.data(.init(data: .byteBuffer(text), endStream: true))), promise: nil)
            if resets { return reset(0, context) }
            isOver = true
            return
        case .silence:
            isOver = true
            return
        case .goAwayWithStream:
            goAway(last: streamID(context), thenClose: false, context)
        case .resetAfterProcessing, .closeAfterProcessing, .resetConnectionAfterProcessing, nil:
            break
        }
        connect(context)
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: path)
        for field in fields where !field.name.hasPrefix(":") { head.headers.add(name: field.name, value: field.value) }
        head.headers.replaceOrAdd(name: "host", value: fields.first(name: ":authority") ?? "127.0.0.1")
        head.headers.replaceOrAdd(name: "connection", value: "close")
        send(.head(head))
    }

    private func finish(_ context: ChannelHandlerContext) {
        var isMalformed = false
        if let entry {
            log.update(entry) {
                $0.isWhole = true
                isMalformed = ($0.declaredLength ?? $0.bodyByteCount) != $0.bodyByteCount
            }
        }
        switch fault {
        case .resetBeforeProcessing(let code): return reset(code, context)
        case .goAwayWithoutStream: return goAway(last: streamID(context) - 2, thenClose: true, context)
        case .closeBeforeProcessing: return closeConnection(context)
        default: break
        }
        // RFC 9113, 8.1.1, requires a stream error if the length differs from the declared one.
        if isMalformed { return reset(1, context) }
        send(.end(nil))
    }

    private func connect(_ context: ChannelHandlerContext) {
        let this = NIOLoopBound(self, eventLoop: context.eventLoop)
        let stream = NIOLoopBound(context, eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(UpstreamHandler(this.value, stream.value))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .whenComplete { result in
                switch result {
                case .success(let channel): this.value.connected(channel)
                case .failure: this.value.reset(2, stream.value)
                }
            }
    }

    private func connected(_ channel: any Channel) {
        upstream = channel
        for part in waiting { channel.write(part, promise: nil) }
        waiting = []
        channel.flush()
        if isOver { channel.close(promise: nil) }
    }

    private func send(_ part: HTTPClientRequestPart) {
        guard !isOver else { return }
        if let upstream { upstream.writeAndFlush(part, promise: nil) } else { waiting.append(part) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        upstream?.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        upstream?.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: From the server

    fileprivate func receive(_ part: HTTPClientResponsePart, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        switch part {
        case .head(let head):
            guard injectFaultAfterProcessing(context) == false else { return }
            var fields = HPACKHeaders([(":status", String(head.status.code))])
            let hopByHop: Set = ["connection", "keep-alive", "transfer-encoding", "upgrade"]
            for (name, value) in head.headers where !hopByHop.contains(name.lowercased()) {
                fields.add(name: name.lowercased(), value: value)
            }
            context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: fields))), promise: nil)
        case .body(let bytes):
            context.writeAndFlush(wrapOutboundOut(.data(.init(data: .byteBuffer(bytes)))), promise: nil)
        case .end:
            isOver = true
            let end = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))
            let parent = parent
            let closesConnection = if case .goAwayWithStream = fault { true } else { false }
            context.writeAndFlush(wrapOutboundOut(end)).whenComplete { _ in
                if closesConnection { parent.close(promise: nil) }
            }
        }
    }

    /// Resets the stream if the server closes its connection before the end of the response.
    fileprivate func upstreamClosed(_ context: ChannelHandlerContext) {
        guard !isOver, !injectFaultAfterProcessing(context) else { return }
        reset(2, context)
    }

    private func injectFaultAfterProcessing(_ context: ChannelHandlerContext) -> Bool {
        switch fault {
        case .resetAfterProcessing(let code): reset(code, context)
        case .closeAfterProcessing: closeConnection(context)
        case .resetConnectionAfterProcessing:
            isOver = true
            parent.closeByReset()
        default: return false
        }
        return true
    }

    // MARK: Ending

    private func reset(_ code: UInt32, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        upstream?.close(promise: nil)
        context.writeAndFlush(wrapOutboundOut(.rstStream(HTTP2ErrorCode(networkCode: Int(code)))), promise: nil)
    }

    private func closeConnection(_ context: ChannelHandlerContext) {
        isOver = true
        upstream?.close(promise: nil)
        parent.close(promise: nil)
    }

    private func goAway(last: Int, thenClose: Bool, _ context: ChannelHandlerContext) {
        let parent = parent
        let frame = HTTP2Frame(
            streamID: .rootStream,
            payload: .goAway(lastStreamID: HTTP2StreamID(last < 0 ? 0 : last), errorCode: .noError, opaqueData: nil)
        )
        if thenClose { isOver = true }
        parent.writeAndFlush(frame).whenComplete { _ in
            guard thenClose else { return }
            // The delay lets the client read the frame before the connection ends.
            parent.eventLoop.scheduleTask(in: .milliseconds(20)) { parent.close(promise: nil) }
        }
    }

    private func streamID(_ context: ChannelHandlerContext) -> Int {
        do { return Int(try context.channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID) ?? 0) } catch {
            return 0
        }
    }
}

/// The plain server's side of a stream.
private final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let stream: ProxiedStream
    private let streamContext: ChannelHandlerContext

    init(_ stream: ProxiedStream, _ context: ChannelHandlerContext) {
        self.stream = stream
        streamContext = context
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        stream.receive(unwrapInboundIn(data), streamContext)
    }

    func channelInactive(context: ChannelHandlerContext) { stream.upstreamClosed(streamContext) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        stream.upstreamClosed(streamContext)
        context.close(promise: nil)
    }
}
