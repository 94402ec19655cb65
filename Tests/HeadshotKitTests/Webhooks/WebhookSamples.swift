import Foundation
import HeadshotKit
import HeadshotKitTesting

/// The documented requests, with signatures that another implementation of HMAC-SHA256 made.
enum WebhookSamples {
    static let secret = "whsec_test_0123456789abcdef"
    static let timestamp = "1729314984"
    static let date = Date(timeIntervalSince1970: 1_729_314_984)

    static let image =
        #"{"type":"image.completed","payload":{"id":"cuid-example","name":null,"status":"complete","#
        + #""type":"AI_HEADSHOT","created_at":"2024-10-19T05:10:19.027Z","enabled":true,"image_count":1,"#
        + #""credits_charged":50,"error":null,"downloads":[{"url":"https://videos.magichour.ai/id/output.png","#
        + #""expires_at":"2024-10-19T05:16:19.027Z"}]}}"#
    static let imageSignature = "bb23d03804e274f5a0a85136f222d1d85abeb5017639d73b7557070465912d57"

    static let video =
        #"{"type":"video.completed","payload":{"id":"cuid-example","name":"Example Name","status":"complete","#
        + #""type":"FACE_SWAP","created_at":"2024-10-19T05:16:19.027Z","width":512,"height":960,"enabled":true,"#
        + #""start_seconds":0,"end_seconds":15,"credits_charged":450,"fps":30,"error":null,"#
        + #""downloads":[{"url":"https://videos.magichour.ai/id/output.mp4","expires_at":"2024-10-19T05:16:19.027Z"}]}}"#
    static let videoSignature = "45f5a66481bb7f929b2dc1f3420196422a72a4bf2f8e77db53ddab880ae8537e"

    static let audio =
        #"{"type":"audio.completed","payload":{"id":"cuid-example","name":"Example Name","status":"complete","#
        + #""type":"VOICE_GENERATOR","created_at":"2024-10-19T05:16:19.027Z","enabled":true,"credits_charged":2,"#
        + #""downloads":[{"url":"https://videos.magichour.ai/id/output.wav","expires_at":"2024-10-19T05:16:19.027Z"}],"#
        + #""error":null}}"#
    static let audioSignature = "93d76a6d9b8f42b3ff968a7a7a91aacca84ec85f6e567bdbdaf7d98ba1720e61"

    static func headers(signature: String = imageSignature, timestamp: String = timestamp) -> TransportHeaders {
        ["Magic-Hour-Event-Signature": signature, "Magic-Hour-Event-Timestamp": timestamp]
    }

    static func verifier(secrets: [String] = [secret], secondsLater: Double = 0) throws -> MagicHour.WebhookVerifier {
        try MagicHour.WebhookVerifier(secrets: secrets, now: { date.addingTimeInterval(secondsLater) })
    }

    /// Returns the event of a body that is signed correctly.
    static func event(_ body: String) throws -> MagicHour.WebhookEvent {
        let body = Data(body.utf8)
        return try verifier().event(body: body, headers: WebhookSigner(secret: secret).headers(for: body, at: date))
    }
}
