import Foundation
import HTTPTypes
import HeadshotKit
import Hummingbird
import NIOCore

extension Studio {
    private struct Me: Encodable {
        struct Limits: Encodable {
            let photos: Int
            let bytes: Int
        }

        let name: String
        let credits: CreditLedger.Balance
        /// The credits of a headshot.
        let price: Int
        /// The number of photos of a request, and the bytes of a photo.
        let limits: Limits
    }

    /// Adds the routes of `/api`, whose requests have a caller.
    func addHeadshots(to api: RouterGroup<StudioContext>) {
        api.get("me") { _, context in
            let caller = try context.caller
            return try Response.json(
                Me(
                    name: caller.name,
                    credits: try await ledger.balance(of: caller),
                    price: maker.credits,
                    limits: .init(photos: configuration.uploads.photos, bytes: configuration.uploads.photoBytes)
                )
            )
        }
        api.get("styles") { _, _ in try Response.json(["styles": configuration.styles]) }
        api.post("headshots") { request, context in
            let batch = try await orders.place(request, for: try context.caller)
            return try Response.json(["batch": batch], status: .accepted)
        }
        api.get("headshots/:id") { _, context in try Response.json(try await headshot(context)) }
        api.get("headshots/:id/events") { request, context in
            EventStream(ids: [try await headshot(context).id], feed: feed).response(to: request)
        }
        api.get("headshots/:id/photo") { request, context in
            let headshot = try await headshot(context)
            return try await send(headshot.photo, of: headshot, request, context)
        }
        api.get("headshots/:id/file") { request, context in
            let headshot = try await headshot(context)
            guard let file = headshot.file else {
                throw StudioError(.conflict, "not_done", "The headshot has no file yet. Wait until its state is done.")
            }
            return try await send(file, of: headshot, request, context)
        }
        api.delete("headshots/:id") { _, context in
            try await delete(try await headshot(context))
            return HTTPResponse.Status.noContent
        }
        api.get("batches/:id") { _, context in try Response.json(try await batch(context)) }
        api.get("batches/:id/events") { request, context in
            EventStream(ids: try await batch(context).headshots.map(\.id), feed: feed).response(to: request)
        }
        api.get("batches/:id/file") { _, context in try await archive(of: try await batch(context)) }
    }

    private func headshot(_ context: StudioContext) async throws -> Headshot {
        guard let id = context.parameters.get("id", as: UUID.self),
            let headshot = try await table.headshot(id, of: try context.caller)
        else { throw StudioError.notFound("headshot") }
        return headshot
    }

    private func batch(_ context: StudioContext) async throws -> Batch {
        guard let id = context.parameters.get("id", as: UUID.self),
            let batch = try await table.batch(id, of: try context.caller)
        else { throw StudioError.notFound("batch") }
        return batch
    }

    // MARK: Files

    private func send(_ name: String, of headshot: Headshot, _ request: Request, _ context: StudioContext) async throws
        -> Response
    {
        let file = files.file(name, of: headshot.id)
        let fileExtension = file.pathExtension
        var headers: HTTPFields = [.contentType: "image/\(fileExtension == "jpg" ? "jpeg" : fileExtension)"]
        if request.uri.queryParameters["download"] == "1" {
            let base = (headshot.name as NSString).deletingPathExtension
            headers[.contentDisposition] = ContentDisposition.attachment("\(base).\(fileExtension)")
        }
        let body = try await FileIO().loadFile(path: file.path, context: context)
        return Response(status: .ok, headers: headers, body: body)
    }

    private func archive(of batch: Batch) async throws -> Response {
        var names = UniqueNames()
        let entries = batch.headshots.compactMap { headshot in
            headshot.file.map { name -> ZIPArchive.Entry in
                let file = files.file(name, of: headshot.id)
                let base = (headshot.name as NSString).deletingPathExtension
                return ZIPArchive.Entry(name: names.add(base, file.pathExtension), file: file)
            }
        }
        guard !entries.isEmpty else {
            throw StudioError(
                .conflict,
                "not_done",
                "The batch has no finished headshot yet. Wait until one is done."
            )
        }
        let archive = try await ZIPArchive(entries)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/zip", .contentDisposition: ContentDisposition.attachment("headshots.zip"),
            ],
            body: ResponseBody(contentLength: archive.byteCount) { writer in
                try await archive.write { try await writer.write($0) }
                try await writer.finish(nil)
            }
        )
    }

    // MARK: Deleting

    /// Cancels a headshot that was not sent to the service yet, or deletes one that is final.
    private func delete(_ headshot: Headshot) async throws {
        let isRunning = StudioError(
            .conflict,
            "running",
            "The headshot may still be in progress and may have been charged. Delete it after it is done or has failed."
        )
        if headshot.state.isFinal {
            guard headshot.state != .unconfirmed else { throw isRunning }
            try await table.remove(headshot.id)
            await feed.remove(headshot.id)
            return try await files.remove(headshot.id)
        }
        guard let claim = try await table.store.claim(headshot.id) else { throw isRunning }
        do {
            guard try await table.services(of: headshot.id).isEmpty, try await table.unfinished(headshot.id) != nil
            else { throw isRunning }
            if let changed = try await table.apply(.canceled, to: headshot.id) { await feed.publish(changed) }
            try await files.remove(headshot.id)
            await claim.release()
        } catch {
            await claim.release()
            throw error
        }
    }
}

/// The header field that makes a browser save a response as a file.
enum ContentDisposition {
    /// Returns the field's value for a file name, which may contain any character.
    static func attachment(_ name: String) -> String {
        let ascii = String(
            name.unicodeScalars.map {
                $0.isASCII && $0.value >= 32 && !"\"\\%".unicodeScalars.contains($0) ? Character($0) : "_"
            }
        )
        let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")
        let encoded = name.addingPercentEncoding(withAllowedCharacters: allowed) ?? ascii
        return "attachment; filename=\"\(ascii)\"; filename*=UTF-8''\(encoded)"
    }
}
