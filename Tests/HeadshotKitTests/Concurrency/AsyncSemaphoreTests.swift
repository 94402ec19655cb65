import XCTest

@testable import HeadshotKit

final class AsyncSemaphoreTests: XCTestCase {
    func testPermitsAreGrantedInRequestOrder() async throws {
        let semaphore = AsyncSemaphore(permits: 1)
        let first = try await semaphore.acquire()
        let order = Locked<[Int]>([])
        let started = Locked(0)
        var tasks: [Task<Void, any Error>] = []
        for number in 1...5 {
            tasks.append(
                Task {
                    started.withLock { $0 = number }
                    let permit = try await semaphore.acquire()
                    order.withLock { $0.append(number) }
                    permit.release()
                }
            )
            try await eventually(semaphore.waitingCount == number)
        }
        first.release()
        for task in tasks { try await task.value }
        XCTAssertEqual(order.withLock { $0 }, [1, 2, 3, 4, 5])
    }

    func testHoldersStayWithinPermitCount() async throws {
        let semaphore = AsyncSemaphore(permits: 5)
        let inside = Locked((now: 0, most: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let permit = try await semaphore.acquire()
                    inside.withLock {
                        $0.now += 1
                        $0.most = max($0.most, $0.now)
                    }
                    await Task.yield()
                    inside.withLock { $0.now -= 1 }
                    permit.release()
                }
            }
            try await group.waitForAll()
        }
        XCTAssertLessThanOrEqual(inside.withLock { $0.most }, 5)
        XCTAssertEqual(inside.withLock { $0.now }, 0)
    }

    func testCanceledWaiterLeavesQueueWithoutLosingPermit() async throws {
        let semaphore = AsyncSemaphore(permits: 1)
        let first = try await semaphore.acquire()
        let waiter = Task { try await semaphore.acquire() }
        try await eventually(semaphore.waitingCount == 1)
        waiter.cancel()
        let error = await thrown { try await waiter.value }
        XCTAssertTrue(error is CancellationError)
        first.release()
        _ = try await semaphore.acquire()
    }

    func testDroppedPermitIsReleased() async throws {
        let semaphore = AsyncSemaphore(permits: 1)
        do { _ = try await semaphore.acquire() }
        let permit = try await semaphore.acquire()
        permit.release()
        permit.release()
        let again = try await semaphore.acquire()
        XCTAssertEqual(semaphore.waitingCount, 0)
        again.release()
    }
}
