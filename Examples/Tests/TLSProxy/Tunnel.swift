import Foundation
import NIOCore
import NIOPosix

/// A tunnel that forwards bytes between a client and a plain server.
final class Tunnel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let port: Int
    private var upstream: (any Channel)?
    private var waiting: [ByteBuffer] = []

    init(to port: Int) { self.port = port }

    func channelActive(context: ChannelHandlerContext) {
        let client = context.channel
        let this = NIOLoopBound(self, eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { $0.pipeline.addHandler(TunnelEnd(of: client)) }
            .connect(host: "127.0.0.1", port: port)
            .whenComplete { result in
                switch result {
                case .success(let channel): this.value.connected(channel)
                case .failure: client.close(promise: nil)
                }
            }
        context.fireChannelActive()
    }

    private func connected(_ channel: any Channel) {
        upstream = channel
        for bytes in waiting { channel.writeAndFlush(bytes, promise: nil) }
        waiting = []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let upstream { upstream.writeAndFlush(bytes, promise: nil) } else { waiting.append(bytes) }
    }

    /// Pauses reading from the server while the client is slower.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        upstream?.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) { upstream?.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The end of a tunnel at the server, which forwards bytes and the end of the connection to the client.
private final class TunnelEnd: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let client: any Channel

    init(of client: any Channel) { self.client = client }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { client.closeByReset() }
}

extension Channel {
    /// Closes the connection with a TCP reset.
    func closeByReset() {
        guard let provider = self as? any SocketOptionProvider else { return close(promise: nil) }
        provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in self.close(promise: nil) }
    }
}
