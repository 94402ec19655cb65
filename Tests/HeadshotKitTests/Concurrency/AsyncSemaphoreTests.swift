import XCTest

@testable import HeadshotKit

final class AsyncSemaphoreTests: XCTestCase {
    func testPlacesAreGivenInTheOrderOfAsking() async throws {
        let limiter = AsyncSemaphore(places: 1)
        let first = try await limiter.enter()
        let order = Locked<[Int]>([])
        let started = Locked(0)
        var tasks: [Task<Void, any Error>] = []
        for number in 1...5 {
            tasks.append(
                Task {
                    started.withLock { $0 = number }
                    let place = try await limiter.enter()
                    order.withLock { $0.append(number) }
                    place.release()
                }
            )
            try await eventually(limiter.waitingCount == number)
        }
        first.release()
        for task in tasks { try await task.value }
        XCTAssertEqual(order.withLock { $0 }, [1, 2, 3, 4, 5])
    }

    func testNoMoreAreInsideThanThereArePlaces() async throws {
        let limiter = AsyncSemaphore(places: 5)
        let inside = Locked((now: 0, most: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let place = try await limiter.enter()
                    inside.withLock {
                        $0.now += 1
                        $0.most = max($0.most, $0.now)
                    }
                    await Task.yield()
                    inside.withLock { $0.now -= 1 }
                    place.release()
                }
            }
            try await group.waitForAll()
        }
        XCTAssertLessThanOrEqual(inside.withLock { $0.most }, 5)
        XCTAssertEqual(inside.withLock { $0.now }, 0)
    }

    func testACancelledWaiterLeavesTheQueueAndLosesNoPlace() async throws {
        let limiter = AsyncSemaphore(places: 1)
        let first = try await limiter.enter()
        let waiter = Task { try await limiter.enter() }
        try await eventually(limiter.waitingCount == 1)
        waiter.cancel()
        let error = await thrown { try await waiter.value }
        XCTAssertTrue(error is CancellationError)
        first.release()
        _ = try await limiter.enter()
    }

    func testAPlaceThatIsGoneIsFree() async throws {
        let limiter = AsyncSemaphore(places: 1)
        do { _ = try await limiter.enter() }
        let place = try await limiter.enter()
        place.release()
        place.release()
        let again = try await limiter.enter()
        XCTAssertEqual(limiter.waitingCount, 0)
        again.release()
    }
}
