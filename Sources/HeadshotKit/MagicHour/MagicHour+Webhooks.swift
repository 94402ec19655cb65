public import Foundation

extension MagicHour {
    /// A verifier of the webhook requests that Magic Hour sends.
    ///
    /// ```swift
    /// let verifier = try MagicHour.WebhookVerifier(secret: secret)
    /// let event = try verifier.event(body: body, headers: headers)
    /// ```
    ///
    /// The verifier checks the headers, the age of the request, and the signature of the raw bytes, in this order. It parses the body
    /// only after that. A request that was delivered before is accepted again within the tolerance, so ignore a second event with the
    /// same ``WebhookEvent/projectID`` and ``WebhookEvent/type``.
    public struct WebhookVerifier: Sendable {
        /// The name of the header field that contains the signature.
        public static let signatureHeader = "magic-hour-event-signature"
        /// The name of the header field that contains the time of the request.
        public static let timestampHeader = "magic-hour-event-timestamp"
        /// The maximum size of a body, 1 MiB. A larger body is rejected before its signature is computed.
        public static let maximumBodyBytes = 1 << 20

        private let secrets: [Data]
        private let tolerance: Duration
        private let now: @Sendable () -> Date

        /// Creates a verifier for one secret.
        ///
        /// - Parameters:
        ///   - secret: The signing secret of the webhook, from the Developer Hub. Surrounding whitespace is removed.
        ///   - tolerance: The maximum difference between the time of the request and the current time, in either direction. Defaults to
        ///     five minutes.
        ///   - now: A closure that returns the current time. Defaults to the system clock.
        /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidConfiguration`` if the secret is empty or the tolerance is
        ///   negative.
        public init(
            secret: String,
            tolerance: Duration = .seconds(300),
            now: @escaping @Sendable () -> Date = { Date() }
        ) throws {
            try self.init(secrets: [secret], tolerance: tolerance, now: now)
        }

        /// Creates a verifier for several secrets. A request that any of them signed is accepted.
        ///
        /// Pass the old and the new secret while you replace a secret.
        ///
        /// - Parameters:
        ///   - secrets: The signing secrets of the webhooks, from the Developer Hub. Surrounding whitespace is removed.
        ///   - tolerance: The maximum difference between the time of the request and the current time, in either direction. Defaults to
        ///     five minutes.
        ///   - now: A closure that returns the current time. Defaults to the system clock.
        /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidConfiguration`` if there is no secret, a secret is empty, or
        ///   the tolerance is negative.
        public init(
            secrets: [String],
            tolerance: Duration = .seconds(300),
            now: @escaping @Sendable () -> Date = { Date() }
        ) throws {
            self.secrets = secrets.map { Self.key(for: $0) }
            guard !secrets.isEmpty, self.secrets.allSatisfy({ !$0.isEmpty }) else {
                throw HeadshotKitError(
                    .invalidConfiguration,
                    """
                    \(secrets.isEmpty ? "There is no webhook secret" : "A webhook secret is empty"). Copy the secret of your webhook from \
                    the Developer Hub of Magic Hour.
                    """
                )
            }
            guard tolerance >= .zero else {
                throw HeadshotKitError(
                    .invalidConfiguration,
                    "The tolerance for the time of a webhook request is negative. Pass at least zero seconds."
                )
            }
            self.tolerance = tolerance
            self.now = now
        }

        /// Returns the event that a webhook request reports, after the request is verified.
        ///
        /// - Parameters:
        ///   - body: The raw bytes of the request's body, at most ``maximumBodyBytes``. JSON that is decoded and encoded again has
        ///     another signature.
        ///   - headers: The header fields of the request.
        /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidWebhook`` if the request cannot be verified, or with
        ///   ``HeadshotKitError/Code/unreadableWebhook`` if the request is verified and its body cannot be read.
        public func event(body: Data, headers: TransportHeaders) throws -> WebhookEvent {
            try event(body: body) { name in headers[name].map { [$0] } ?? [] }
        }

        /// Returns the event that a webhook request reports, after the request is verified.
        ///
        /// - Parameters:
        ///   - body: The raw bytes of the request's body, at most ``maximumBodyBytes``. JSON that is decoded and encoded again has
        ///     another signature.
        ///   - headers: The header fields of the request. Their names are case-insensitive.
        /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidWebhook`` if the request cannot be verified, or with
        ///   ``HeadshotKitError/Code/unreadableWebhook`` if the request is verified and its body cannot be read.
        public func event(body: Data, headers: [String: String]) throws -> WebhookEvent {
            try event(body: body) { name in headers.filter { $0.key.lowercased() == name }.map(\.value) }
        }

        private func event(body: Data, values: (String) -> [String]) throws -> WebhookEvent {
            let signature = try SignatureHeader(values(Self.signatureHeader))
            let timestamp = try TimestampHeader(values(Self.timestampHeader))
            try checkAge(of: timestamp)
            guard body.count <= Self.maximumBodyBytes else {
                throw HeadshotKitError(
                    .invalidWebhook,
                    "The body of the webhook request has \(body.count) bytes, and at most \(Self.maximumBodyBytes) are read.",
                    advice: "Respond with status 413. Limit the size of the bodies that your server accepts."
                )
            }
            try checkSignature(signature, of: body, timestamp: timestamp)
            return try WebhookEvent(verifiedBody: body)
        }

        private func checkAge(of timestamp: TimestampHeader) throws {
            let age = now().timeIntervalSince1970 - timestamp.seconds
            guard abs(age) > tolerance.seconds || age.isNaN else { return }
            let seconds = abs(age).rounded(.up).plainText
            let limit = tolerance.seconds.plainText
            throw HeadshotKitError(
                .invalidWebhook,
                """
                The webhook request was sent \(seconds) s \(age < 0 ? "in the future" : "ago"), according to its timestamp. At most \
                \(limit) s are allowed.
                """,
                advice: age < 0
                    ? "Check the clock of your server, and respond with status 400."
                    : """
                    Verify a request when it arrives and not from a queue. Check the clock of your server. Otherwise, an old request may \
                    have been sent again by an attacker, so respond with status 400.
                    """
            )
        }

        private func checkSignature(_ signature: SignatureHeader, of body: Data, timestamp: TimestampHeader) throws {
            // Every secret is tried, so that the time does not reveal which secret signed the request.
            let isValid = secrets.reduce(false) { isValid, secret in
                let expected = Self.signature(of: body, timestamp: timestamp.text, key: secret)
                return HMACSHA256.isEqual(expected, signature.bytes) || isValid
            }
            guard isValid else {
                throw HeadshotKitError(
                    .invalidWebhook,
                    """
                    The signature of the webhook request does not match its body and timestamp. Another secret signed the request, the \
                    body was changed, or the request is not from Magic Hour.
                    """,
                    advice: """
                        Check that the secret is that of the same webhook in the Developer Hub. Pass the raw bytes of the body, and not \
                        JSON that was decoded and encoded again. Respond with status 400.
                        """
                )
            }
        }

        /// Returns the key that a secret stands for.
        package static func key(for secret: String) -> Data {
            Data(secret.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
        }

        /// Returns the signature of a request, in 32 bytes.
        package static func signature(of body: Data, timestamp: String, key: Data) -> [UInt8] {
            HMACSHA256.code(of: [Data("\(timestamp).".utf8), body], key: key)
        }
    }
}

extension MagicHour.WebhookVerifier: CustomStringConvertible, CustomReflectable {
    /// The number of secrets, without the secrets.
    public var description: String { "WebhookVerifier(\(secrets.count) hidden secrets)" }
    /// A mirror without the secrets.
    public var customMirror: Mirror { Mirror(self, children: ["tolerance": tolerance]) }
}
