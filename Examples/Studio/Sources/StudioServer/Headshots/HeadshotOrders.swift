import Foundation
import HTTPTypes
import HeadshotKit
import Hummingbird

/// Takes the photos of a request, reserves their credits, and queues their headshots.
struct HeadshotOrders: Sendable {
    let table: HeadshotTable
    let ledger: CreditLedger
    let files: PhotoFiles
    let signal: WorkSignal
    let styles: [Style]
    let limits: UploadLimits
    let storedHeadshots: Int
    let price: Int
    let clock: any Clock<Duration>
    private let slots: CallerSlots

    private static let maximumKeyLength = 200

    init(
        _ table: HeadshotTable,
        _ files: PhotoFiles,
        _ signal: WorkSignal,
        price: Int,
        _ configuration: StudioConfiguration
    ) {
        self.table = table
        ledger = CreditLedger(table.database)
        self.files = files
        self.signal = signal
        styles = configuration.styles
        limits = configuration.uploads
        slots = CallerSlots(limit: limits.concurrentRequests)
        storedHeadshots = configuration.storedHeadshots
        self.price = price
        clock = configuration.clock
    }

    /// Places the order of a request. A request with the idempotency key of an earlier one returns the earlier batch.
    func place(_ request: Request, for caller: Caller) async throws -> Batch {
        try checkLength(of: request)
        let key = try idempotencyKey(of: request)
        // An order with the same key that is committed after these reads is found by its key.
        let (balance, stored) = (try await ledger.balance(of: caller), try await table.count(of: caller))
        if let key, let batch = try await table.batch(withIdempotencyKey: key, of: caller) { return batch }
        try check(balance, stored)
        let order = try await slots.withSlot(of: caller) {
            try await files.withUploadDirectory { directory in
                let form = try await readForm(request, into: directory)
                let prompt = try prompt(of: form)
                return HeadshotTable.Order(
                    photos: try await save(form.photos),
                    style: form.style,
                    prompt: prompt,
                    idempotencyKey: key,
                    credits: price
                )
            }
        }
        do {
            guard try await table.create(order, for: caller, limit: storedHeadshots) else {
                try await removePhotos(of: order)
                // Another request with the same key was committed first.
                guard let key, let batch = try await table.batch(withIdempotencyKey: key, of: caller) else {
                    throw StudioError.notFound("batch")
                }
                return batch
            }
        } catch {
            // The transaction may have been committed before its response was lost.
            if try await table.batch(order.batch, of: caller) == nil { try await removePhotos(of: order) }
            throw error
        }
        signal.wake()
        guard let batch = try await table.batch(order.batch, of: caller) else { throw StudioError.notFound("batch") }
        return batch
    }

    // MARK: Steps

    private func idempotencyKey(of request: Request) throws -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard !key.isEmpty, key.utf8.count <= Self.maximumKeyLength else {
            throw StudioError.invalid("The Idempotency-Key must have 1 to \(Self.maximumKeyLength) characters.")
        }
        return key
    }

    private func checkLength(of request: Request) throws {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.requestBytes {
            throw StudioError.tooLarge(
                """
                The request has \(length) bytes. Send at most \(limits.photos) photos of at most \(limits.photoBytes >> 20) MiB each.
                """
            )
        }
    }

    /// Checks that the caller can order one headshot, before the photos are read.
    private func check(_ balance: CreditLedger.Balance, _ stored: Int) throws {
        guard balance.available >= price else {
            throw StudioError.budgetExceeded(
                "A headshot costs \(price) credits, and the budget has \(max(0, balance.available)) left."
            )
        }
        guard stored < storedHeadshots else {
            throw StudioError.tooManyHeadshots(stored: stored, limit: storedHeadshots)
        }
    }

    private func readForm(_ request: Request, into directory: URL) async throws -> PhotoForm {
        let error = StudioError(
            .requestTimeout,
            "too_slow",
            "The photos did not arrive in time. Try again, or send fewer at once."
        )
        return try await withTimeout(limits.duration, clock, error) {
            try await PhotoForm(request, limits: limits, directory: directory)
        }
    }

    private func prompt(of form: PhotoForm) throws -> String? {
        guard !form.photos.isEmpty else {
            throw StudioError.invalid("The form contains no photo. Send each photo as a part named photo.")
        }
        guard let id = form.style else { return form.prompt }
        guard form.prompt == nil else { throw StudioError.invalid("Send a style or a prompt, not both.") }
        guard let style = styles.first(where: { $0.id == id }) else {
            let known = styles.map(\.id).joined(separator: ", ")
            throw StudioError.invalid("There is no style with this id. The styles are \(known).")
        }
        return style.prompt
    }

    private func save(_ photos: [PhotoForm.Photo]) async throws -> [HeadshotTable.Order.Photo] {
        var saved: [HeadshotTable.Order.Photo] = []
        for photo in photos {
            let id = UUID()
            do {
                saved.append(.init(id: id, name: photo.name, file: try await files.save(photo.file, as: id)))
            } catch {
                try await files.remove(id)
                for photo in saved { try await files.remove(photo.id) }
                guard let error = error as? HeadshotKitError, error.code == .invalidMedia else { throw error }
                throw StudioError(
                    .unsupportedMediaType,
                    "unsupported_photo",
                    "\(photo.name) is not a photo that can be used. Send a complete JPEG, PNG, WebP, HEIC, AVIF, or GIF file."
                )
            }
        }
        return saved
    }

    private func removePhotos(of order: HeadshotTable.Order) async throws {
        for photo in order.photos { try await files.remove(photo.id) }
    }
}
