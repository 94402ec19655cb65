import HeadshotKit

extension WorkerState {
    /// Handles the message of an order as a worker of a queue does, and returns whether the outcome is known.
    ///
    /// Other workers handle the same message at the same time. Only the job store keeps them from paying for the order again.
    func handleMessage(of order: Assignment) async throws -> Bool {
        var options = options(for: order)
        options.referencePolicy = .once(for: .seconds(7 * 86_400))
        do {
            let job = try await generate(order, options)
            try runDirectory.count(.delivered)
            try runDirectory.write(Note(job: job, ending: .delivered), order.number)
            return true
        } catch let error as HeadshotKitError {
            switch error.code {
            case .submissionUnconfirmed:
                try runDirectory.count(.unconfirmed)
                try runDirectory.write(Note(ending: .unconfirmed, reason: error.description), order.number)
                return true
            case .jobInUse:
                try runDirectory.count(.inUse)
            default:
                try runDirectory.count(.otherError)
            }
            return false
        }
    }
}
