import Foundation
import HeadshotKit
import HeadshotKitTesting

/// A webhook request of Magic Hour that a test changes before it is verified.
struct WebhookRequest: Equatable {
    var body: Data
    /// The header fields, with their names as the server received them.
    var headers: [String: String] = [:]
    /// The time between the date of ``WebhookSamples`` and the arrival of the request, in seconds.
    var secondsLater = 0.0

    /// Creates a request that Magic Hour signed at the date of ``WebhookSamples``.
    init(_ body: String) {
        self.body = Data(body.utf8)
        sign()
    }

    var text: String {
        get { String(decoding: body, as: UTF8.self) }
        set { body = Data(newValue.utf8) }
    }

    var signature: String? {
        get { headers["magic-hour-event-signature"] }
        set { headers["magic-hour-event-signature"] = newValue }
    }

    var timestamp: String? {
        get { headers["magic-hour-event-timestamp"] }
        set { headers["magic-hour-event-timestamp"] = newValue }
    }

    /// Signs the body and any text as the timestamp.
    mutating func sign(timestamp: String = WebhookSamples.timestamp, secret: String = WebhookSamples.secret) {
        self.timestamp = timestamp
        sign(message: Data("\(timestamp).".utf8) + body, secret: secret)
    }

    /// Sets the signature to that of a message in another format.
    mutating func sign(message: Data, secret: String = WebhookSamples.secret) {
        signature = hexadecimal(HMACSHA256.code(of: [message], key: Data(secret.utf8)))
    }

    func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The body as a gzip file with one block that is not compressed.
    var gzipped: Data {
        let bytes = [UInt8](body)
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
        }
        let length = UInt16(bytes.count)
        let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1]
        return Data(header + little(length) + little(~length) + bytes + little(~crc) + little(UInt32(bytes.count)))
    }

    private func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
