import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Studio {
    private static let pageTypes = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png",
    ]
    private static let pagePolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'
        """

    /// Adds a route for each file of the directory `Page`, and `/` for `index.html`.
    func addPage(to router: Router<StudioContext>) throws {
        let directory = Bundle.module.bundleURL.appendingPathComponent("Page")
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() {
            guard let type = Self.pageTypes[(name as NSString).pathExtension] else { continue }
            let content = ByteBuffer(bytes: try Data(contentsOf: directory.appendingPathComponent(name)))
            router.get(name == "index.html" ? "/" : "/\(name)") { _, _ in
                Response(
                    status: .ok,
                    headers: [
                        .contentType: type, .contentSecurityPolicy: Self.pagePolicy, .cacheControl: "no-cache",
                    ],
                    body: ResponseBody(byteBuffer: content)
                )
            }
        }
    }
}
