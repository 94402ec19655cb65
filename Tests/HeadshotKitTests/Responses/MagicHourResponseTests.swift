import Foundation
import HeadshotKit
import XCTest

final class MagicHourResponseTests: XCTestCase {
    private typealias Created = MagicHour.CreatedProject
    private typealias Image = MagicHour.ImageProject
    private typealias Video = MagicHour.VideoProject

    private static let downloads = #"[{"url":"https://videos.magichour.ai/id/output.png"}]"#

    private let rows = [
        ResponseRow(
            "magic-hour/upload-urls.json",
            [String: [MagicHour.UploadURL]].self,
            #"""
            {"items":[{"upload_url":"https://videos.magichour.ai/api-assets/id/video.mp4?auth-value=1234567890",
            "expires_at":"2024-07-25T16:56:21.932Z","file_path":"api-assets/id/video.mp4"},
            {"upload_url":"https://videos.magichour.ai/api-assets/id/audio.mp3?auth-value=1234567890",
            "expires_at":"2024-07-25T16:56:21.932Z","file_path":"api-assets/id/audio.mp3"}]}
            """#
        ),
        ResponseRow(
            "magic-hour/upload-urls-fields-added.json",
            [String: [MagicHour.UploadURL]].self,
            #"{"items":[{"file_path":"api-assets/id/photo.png","expires_at":null}]}"#
        ),
        ResponseRow("magic-hour/headshot-created.json", Created.self, #"{"id":"cuid-example","credits_charged":50}"#),
        ResponseRow(
            "magic-hour/headshot-created-older.json",
            Created.self,
            #"{"id":"cuid-example","credits_charged":50,"frame_cost":50}"#
        ),
        ResponseRow(
            "magic-hour/headshot-created-0.90.json",
            Created.self,
            #"{"id":"cuid-example","credits_charged":50,"frame_cost":50,"estimated_frame_cost":null}"#
        ),
        ResponseRow("magic-hour/image-created.json", Created.self, #"{"id":"cuid-example","credits_charged":5}"#),
        ResponseRow(
            "magic-hour/talking-photo-created.json",
            Created.self,
            #"{"id":"cuid-example","credits_charged":450}"#
        ),
        ResponseRow(
            "magic-hour/talking-photo-created-older.json",
            Created.self,
            #"{"id":"cuid-example","credits_charged":450,"estimated_frame_cost":450}"#
        ),
        ResponseRow(
            "magic-hour/created-other-types.json",
            Created.self,
            #"{"id":"4711","credits_charged":50,"frame_cost":50}"#
        ),
        ResponseRow(
            "magic-hour/face-detection-created.json",
            Created.self,
            #"{"id":"uuid-example","credits_charged":1}"#
        ),
        ResponseRow(
            "magic-hour/face-detection-complete.json",
            MagicHour.FaceDetection.self,
            #"""
            {"id":"uuid-example","credits_charged":0,"status":"complete",
            "faces":[{"path":"api-assets/id/0-0.png","url":"https://videos.magichour.ai/api-assets/id/0-0.png"}]}
            """#
        ),
        ResponseRow(
            "magic-hour/face-detection-no-face.json",
            MagicHour.FaceDetection.self,
            #"{"status":"complete","faces":[]}"#
        ),
        ResponseRow(
            "magic-hour/face-detection-queued.json",
            MagicHour.FaceDetection.self,
            #"{"status":"queued","faces":[]}"#
        ),
        ResponseRow(
            "magic-hour/image-project-complete.json",
            Image.self,
            #"""
            {"id":"cuid-example","name":"Example Name","status":"complete","image_count":1,"type":"AI_IMAGE",
            "created_at":"2024-10-19T05:16:19.027Z","enabled":true,"credits_charged":5,"error":null,"downloads":
            [{"url":"https://videos.magichour.ai/id/output.png","expires_at":"2024-10-19T05:16:19.027Z"}]}
            """#
        ),
        ResponseRow(
            "magic-hour/image-project-queued.json",
            Image.self,
            #"{"status":"queued","type":"AI_HEADSHOT","credits_charged":50,"total_frame_cost":50,"downloads":[]}"#
        ),
        ResponseRow(
            "magic-hour/image-project-failed.json",
            Image.self,
            #"""
            {"status":"error","downloads":[],
            "error":{"code":"no_source_face","message":"Please use an image with a detectable face"}}
            """#
        ),
        ResponseRow(
            "magic-hour/image-project-failed-new-code.json",
            Image.self,
            #"{"status":"error","error":{"code":"face_too_dark","message":"The face is too dark"}}"#
        ),
        ResponseRow("magic-hour/image-project-failed-text.json", Image.self, #"{"status":"error","downloads":[]}"#),
        ResponseRow("magic-hour/image-project-canceled.json", Image.self, #"{"status":"canceled","enabled":true}"#),
        ResponseRow("magic-hour/image-project-deleted.json", Image.self, #"{"status":"complete","enabled":false}"#),
        ResponseRow(
            "magic-hour/image-project-new-status.json",
            Image.self,
            #"{"status":"upscaling","type":"AI_SOMETHING_NEW"}"#
        ),
        ResponseRow(
            "magic-hour/image-project-fields-missing.json",
            Image.self,
            #"{"id":null,"name":null,"status":"complete","created_at":null,"enabled":null,"downloads":\#(downloads)}"#
        ),
        ResponseRow(
            "magic-hour/image-project-nulls.json",
            Image.self,
            #"{"id":null,"status":"unknown","image_count":null,"enabled":null,"downloads":[],"error":null}"#
        ),
        ResponseRow(
            "magic-hour/image-project-fields-added.json",
            Image.self,
            #"{"status":"complete","downloads":[{"url":"https://videos.magichour.ai/id/output.png?auth-value=1"}]}"#
        ),
        ResponseRow(
            "magic-hour/image-project-other-types.json",
            Image.self,
            #"""
            {"id":"4711","name":"12","status":"complete","image_count":2,"created_at":"1729314979","enabled":true,
            "credits_charged":5,"total_frame_cost":5,"error":null,"downloads":\#(downloads)}
            """#
        ),
        ResponseRow(
            "magic-hour/image-project-date-without-fraction.json",
            Image.self,
            #"{"created_at":"2024-10-19T05:16:19Z"}"#
        ),
        ResponseRow(
            "magic-hour/image-project-date-with-microseconds.json",
            Image.self,
            #"{"created_at":"2024-10-19T05:16:19.027123Z"}"#
        ),
        ResponseRow("magic-hour/image-project-date-unreadable.json", Image.self, #"{"created_at":"last Saturday"}"#),
        ResponseRow(
            "magic-hour/video-project-complete.json",
            Video.self,
            #"""
            {"id":"cuid-example","status":"complete","type":"FACE_SWAP","width":512,"height":960,"fps":30,"start_seconds":0,
            "end_seconds":15,"credits_charged":450,"download":null,"downloads":
            [{"url":"https://videos.magichour.ai/id/output.mp4","expires_at":"2024-10-19T05:16:19.027Z"}]}
            """#
        ),
        ResponseRow(
            "magic-hour/video-project-older.json",
            Video.self,
            #"""
            {"name":null,"credits_charged":450,"total_frame_cost":450,
            "download":{"url":"https://videos.magichour.ai/id/output.mp4"},
            "downloads":[{"url":"https://videos.magichour.ai/id/output.mp4"}]}
            """#
        ),
        ResponseRow(
            "magic-hour/video-project-other-types.json",
            Video.self,
            #"""
            {"status":"rendering","width":512,"height":960,"fps":29.97,"start_seconds":0.5,"end_seconds":15,"enabled":true,
            "downloads":[]}
            """#
        ),
        ResponseRow(
            "magic-hour/account.json",
            MagicHour.Account.self,
            #"""
            {"id":"user-example","email":"me@example.com","credits":1234,"tier":"pro","subscription":{"name":"Pro",
            "status":"active","billing_interval":"year","price":{"amount":49900,"currency":"usd"},
            "discount":{"amount_off":null,"percent_off":12.5},"current_period_end":"2026-10-19T05:16:19.027Z",
            "cancel_at_period_end":false}}
            """#
        ),
        ResponseRow(
            "magic-hour/account-free.json",
            MagicHour.Account.self,
            #"{"email":null,"credits":0,"tier":"free","subscription":null}"#
        ),
        ResponseRow(
            "magic-hour/account-new-values.json",
            MagicHour.Account.self,
            #"""
            {"credits":12,"tier":"enterprise","subscription":{"status":"paused","billing_interval":"week",
            "price":{"amount":999,"currency":"eur"},"discount":null,"cancel_at_period_end":true}}
            """#
        ),
    ]

    func testEveryResponseIsDecodedAndEncoded() throws {
        for row in rows {
            do { try row.check() } catch { XCTFail("\(row.file): \(error)") }
        }
    }

    func testEveryFixtureIsTested() throws {
        let covered = Set(rows.map(\.file))
        let files = try Fixture.names(in: "responses/magic-hour").map { "magic-hour/\($0)" }
        // OddResponseTests covers these two.
        let odd = ["magic-hour/image-project-download-unreadable.json", "magic-hour/upload-urls-other-types.json"]
        XCTAssertEqual(Set(files).subtracting(covered).sorted(), odd)
    }

    func testDatesAreDecodedWithAndWithoutFractions() throws {
        let expected: [(String, TimeInterval?)] = [
            ("complete", 1_729_314_979.027), ("date-without-fraction", 1_729_314_979),
            ("date-with-microseconds", 1_729_314_979.027), ("date-unreadable", nil), ("nulls", nil),
        ]
        for (name, seconds) in expected {
            let json = try Fixture.json("responses/magic-hour/image-project-\(name).json")
            let date = try json.read(as: Image.self).createdAt?.date?.timeIntervalSince1970
            XCTAssertEqual(date ?? -1, seconds ?? -1, accuracy: 0.001, name)
        }
    }
}
