import HTTPTypes
import Hummingbird
import NIOCore
import StudioStores

extension Studio {
    /// Adds the routes for those who run the studio.
    func addOperations(to router: Router<StudioContext>) {
        router.get("healthz") { _, _ in
            _ = try await table.database.query("SELECT 1", [])
            return try Response.json(["status": "ok"])
        }
        router.get("metrics") { _, _ in
            let text = metrics.text(headshots: try await table.counts(), eventStreams: await feed.watcherCount)
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text))
            )
        }
    }
}
