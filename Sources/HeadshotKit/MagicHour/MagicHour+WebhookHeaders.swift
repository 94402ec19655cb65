import Foundation

extension MagicHour.WebhookVerifier {
    /// The header field that contains the signature, 64 hexadecimal digits in either case.
    struct SignatureHeader {
        let bytes: [UInt8]

        init(_ values: [String]) throws {
            let text = try singleValue(values, of: MagicHour.WebhookVerifier.signatureHeader)
            let digits = text.utf8.prefix(65).compactMap(hexDigit)
            guard text.utf8.count == 64, digits.count == 64 else {
                throw malformed(MagicHour.WebhookVerifier.signatureHeader, "is not 64 hexadecimal digits")
            }
            bytes = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
    }

    /// The header field that contains the time of the request, in whole seconds since 1970.
    struct TimestampHeader {
        /// The text that is part of the signed message.
        let text: String
        let seconds: Double

        init(_ values: [String]) throws {
            text = try singleValue(values, of: MagicHour.WebhookVerifier.timestampHeader)
            // `Int64` alone would also accept a sign.
            guard text.utf8.count <= 19, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
                let whole = Int64(text)
            else {
                throw malformed(
                    MagicHour.WebhookVerifier.timestampHeader,
                    "is not a number of whole seconds since 1970"
                )
            }
            seconds = Double(whole)
        }
    }
}

/// Returns the value of a header field that must occur once and not be empty.
private func singleValue(_ values: [String], of name: String) throws -> String {
    guard let value = values.first else {
        throw HeadshotKitError(
            .invalidWebhook,
            "The webhook request has no header field \(name).",
            advice: """
                Pass all header fields of the request, and check that no proxy removes them. A request without the field is not from \
                Magic Hour, so respond with status 400.
                """
        )
    }
    guard values.count == 1 else { throw malformed(name, "occurs more than once") }
    // A server may keep the spaces around a value. A header may be megabytes, so only a value of a plausible length is copied.
    guard value.utf8.count <= 256 else { throw malformed(name, "is longer than 256 bytes") }
    let text = value.trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
    guard !text.isEmpty else { throw malformed(name, "is empty") }
    return text
}

private func malformed(_ name: String, _ reason: String) -> HeadshotKitError {
    HeadshotKitError(
        .invalidWebhook,
        "The header field \(name) of the webhook request \(reason).",
        advice: """
            Pass the value unchanged, as your server received it. A request with a malformed field is not from Magic Hour, so respond \
            with status 400.
            """
    )
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
