import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class SavedItemTests: MockTestCase {
    func testPageIsRequestedAndDecoded() async throws {
        let json = """
            {"items":[{"id":"item-1","name":null,"type":"character","assets":[{"file_path":"saved-items/a/1.png","is_primary":true,\
            "media_kind":"IMAGE","url":"https://o.example/1.png?signature=s","url_expires_at":"2026-09-01T10:00:00.000Z"}]},\
            {"id":"item-2","name":"New","type":"storyboard","assets":[]}],"next_cursor":"b+c/d&e="}
            """
        mock.on("GET", "/v1/saved-items", times: 2, response: .json(json))
        let magicHour = try clients.magicHour()
        let page = try await magicHour.savedItems.list(type: .character, limit: 2)
        XCTAssertEqual(page.items.map(\.id), ["item-1", "item-2"])
        XCTAssertEqual(page.items.map(\.type), [.character, "storyboard"])
        let asset = try XCTUnwrap(page.items.first?.assets.first)
        XCTAssertEqual(asset.filePath, "saved-items/a/1.png")
        XCTAssertEqual(asset.isPrimary, true)
        XCTAssertEqual(asset.mediaKind, .image)
        XCTAssertEqual(asset.url?.absoluteString, "https://o.example/1.png?signature=s")
        XCTAssertEqual(asset.urlExpiresAt?.rawValue, "2026-09-01T10:00:00.000Z")
        _ = try await magicHour.savedItems.list(after: page.nextCursor)
        XCTAssertEqual(
            mock.requests.map(\.url.absoluteString),
            [
                "https://api.magichour.ai/v1/saved-items?limit=2&type=character",
                "https://api.magichour.ai/v1/saved-items?cursor=b%2Bc%2Fd%26e%3D",
            ]
        )
        XCTAssertEqual(
            mock.requests.map { $0.headers["Authorization"] },
            ["Bearer mhk_live_secret", "Bearer mhk_live_secret"]
        )
    }

    func testEmptyPageIsDecoded() async throws {
        mock.on("GET", "/v1/saved-items", response: .json(#"{"items":[],"next_cursor":null}"#))
        let page = try await clients.magicHour().savedItems.list()
        XCTAssertEqual(page.items, [])
        XCTAssertNil(page.nextCursor)
        XCTAssertEqual(mock.requests.map(\.url.absoluteString), ["https://api.magichour.ai/v1/saved-items"])
    }
}
