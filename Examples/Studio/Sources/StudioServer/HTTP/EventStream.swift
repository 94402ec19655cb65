import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// A stream of server-sent events with the states of headshots: `event: update`.
///
/// The current states come first. Every later event contains the latest state of a headshot. The stream ends after all states are
/// final, or when the studio shuts down. A comment is sent every 15 s.
struct EventStream {
    let ids: [UUID]
    let feed: HeadshotFeed

    func response(to request: Request) -> Response {
        Response(
            status: .ok,
            // Hummingbird closes the connection after the stream.
            headers: [.contentType: "text/event-stream", .accelBuffering: "no", .connection: "close"],
            body: ResponseBody { writer in
                // A client that disconnects ends the stream, and not only the next write.
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await send(to: &writer)
                }
                try await writer.finish(nil)
            }
        )
    }

    private func send(to writer: inout any ResponseBodyWriter) async throws {
        let (id, signals) = try await feed.watch(ids)
        do {
            try await withGracefulShutdownHandler {
                try await send(signals, to: &writer)
            } onGracefulShutdown: {
                Task { await feed.end(id) }
            }
            await feed.end(id)
        } catch {
            await feed.end(id)
            throw error
        }
    }

    private func send(_ signals: AsyncStream<Void>, to writer: inout any ResponseBodyWriter) async throws {
        var sent: [UUID: Int] = [:]
        var iterator = signals.makeAsyncIterator()
        repeat {
            let updates = await feed.updates(of: ids)
            var text = ""
            for update in updates where sent[update.id].map({ $0 < update.revision }) ?? true {
                sent[update.id] = update.revision
                text += update.event
            }
            try await writer.write(ByteBuffer(string: text.isEmpty ? ":\n\n" : text))
            if updates.allSatisfy(\.isFinal) { return }
        } while await iterator.next() != nil
    }
}
