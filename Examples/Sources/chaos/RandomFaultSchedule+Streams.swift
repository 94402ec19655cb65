import FaultyServer
import TLSProxy

extension RandomFaultSchedule {
    /// Returns the HTTP/2 fault for the next request of a step, or `nil` if the request gets none.
    func streamFault(at step: ServiceStep) -> StreamFault? {
        guard var numbers = streamNumbers(at: step) else { return nil }
        let all: [StreamFault] = [
            .resetBeforeProcessing(7), .resetBeforeProcessing(2), .resetAfterProcessing(2), .goAwayWithoutStream,
            .goAwayWithStream,
            .closeBeforeProcessing, .closeAfterProcessing, .resetConnectionAfterProcessing,
        ]
        return all.randomElement(using: &numbers)
    }
}
