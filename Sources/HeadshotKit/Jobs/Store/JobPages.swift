import Foundation

/// The pages of a store's records, in the order of their ids. The pages after the first one are large.
struct JobPages {
    private let store: any JobStore
    private var limit: Int
    private var last: UUID?
    private var isAtEnd = false

    /// Creates the pages after a record.
    ///
    /// - Parameter limit: The maximum number of records in the first page.
    init(of store: any JobStore, after id: UUID? = nil, limit: Int = Self.maximumLimit) {
        self.store = store
        self.limit = min(max(1, limit), Self.maximumLimit)
        last = id
    }

    private static let maximumLimit = 1_000

    /// Returns the next page, or `nil` if there are no more records.
    mutating func next() async throws -> [JobRecord]? {
        guard !isAtEnd else { return nil }
        let page = try await store.records(after: last, limit: limit)
        // A store that ignores the id would return the same page forever.
        guard let id = page.last?.id, !page.contains(where: { $0.id == last }) else { return nil }
        isAtEnd = page.count < limit
        last = id
        // The caller may look for a few jobs of one service among many jobs of another.
        limit = Self.maximumLimit
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
