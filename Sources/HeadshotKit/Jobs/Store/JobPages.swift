import Foundation

/// The pages of a store's records, in the order of their ids.
struct JobPages {
    private let store: any JobStore
    private let limit: Int
    private var last: UUID?
    private var isAtEnd = false

    /// Creates the pages after a record.
    ///
    /// - Parameter limit: The maximum number of records in a page, at least 1.
    init(of store: any JobStore, after id: UUID? = nil, limit: Int = 1_000) {
        self.store = store
        self.limit = limit
        last = id
    }

    /// Returns the next page, or `nil` if there are no more records.
    mutating func next() async throws -> [JobRecord]? {
        guard !isAtEnd else { return nil }
        let page = try await store.records(after: last, limit: limit)
        // A store that ignores the id would return the same page forever.
        guard let id = page.last?.id, id != last else { return nil }
        isAtEnd = page.count < limit
        last = id
        return page
    }
}

extension JobStore {
    /// Returns all records in the order of their ids, the oldest first. Reads the store in pages.
    public func records() async throws -> [JobRecord] {
        var pages = JobPages(of: self)
        var all: [JobRecord] = []
        while let page = try await pages.next() { all += page }
        return all
    }
}
