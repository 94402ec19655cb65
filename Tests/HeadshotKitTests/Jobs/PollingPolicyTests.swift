import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class PollingPolicyTests: MockTestCase {
    /// Returns the mean number of polls and the mean seconds between the end of a job and the poll that detects it, over 10,000 jobs
    /// with lognormal durations.
    private func simulate(_ policy: PollingPolicy, median: Double, spread: Double) -> (polls: Double, delay: Double) {
        var random = SplitMix64(state: 42)
        var schedule: [Double] = []
        func poll(_ index: Int) -> Double {
            while schedule.count <= index {
                let last = schedule.last ?? 0
                schedule.append(
                    last + policy.delay(after: .seconds(last), poll: schedule.count + 1, random: 0.5).seconds
                )
            }
            return schedule[index]
        }
        let jobs = 10_000
        var polls = 0
        var delay = 0.0
        for _ in 0..<jobs {
            let duration = median * exp(spread * random.normal())
            var index = 0
            while poll(index) < duration { index += 1 }
            polls += index + 1
            delay += poll(index) - duration
        }
        return (Double(polls) / Double(jobs), delay / Double(jobs))
    }

    func testHeadshotsTakeAtMostElevenPollsAndAreFoundWithin700Milliseconds() {
        let (polls, delay) = simulate(.headshots, median: 16, spread: 0.5)
        XCTAssertLessThanOrEqual(polls, 11)
        XCTAssertLessThanOrEqual(delay, 0.7)
    }

    func testImagesTakeAtMostNinePollsAndAreFoundWithin300Milliseconds() {
        let (polls, delay) = simulate(.images, median: 4, spread: 0.5)
        XCTAssertLessThanOrEqual(polls, 9)
        XCTAssertLessThanOrEqual(delay, 0.3)
    }

    func testTalkingPhotosTakeAtMostTwentyPollsAndAreFoundWithinOneSecond() {
        let (polls, delay) = simulate(.talkingPhotos, median: 41, spread: 0.5)
        XCTAssertLessThanOrEqual(polls, 20)
        XCTAssertLessThanOrEqual(delay, 1)
    }

    func testDelaysAreLongBeforeJobCanBeDoneAndShortWhenJobIsLikelyDone() {
        let delays = [0.0, 7, 10, 14, 20].map { PollingPolicy.headshots.delay(after: .seconds($0), poll: 1).seconds }
        XCTAssertGreaterThan(delays[0], 4)
        XCTAssertLessThan(delays[3], 1.5)
        XCTAssertGreaterThan(delays[0], delays[1])
        XCTAssertGreaterThan(delays[1], delays[2])
    }

    func testDelaysStayWithinBounds() {
        let policy = PollingPolicy.adaptive(median: .seconds(174), minimum: .seconds(2), maximum: .seconds(9))
        for elapsed in [0.0, 1, 50, 170, 500, 100_000, 1e9] {
            for random in [0, 0.99] {
                let delay = policy.delay(after: .seconds(elapsed), poll: 1, random: random)
                XCTAssertGreaterThanOrEqual(delay, .seconds(2), "\(elapsed)")
                XCTAssertLessThanOrEqual(delay, .seconds(9), "\(elapsed)")
            }
        }
    }

    func testSameElapsedTimeGivesSameDelay() {
        let policy = PollingPolicy.images
        XCTAssertEqual(policy.delay(after: .seconds(3), poll: 4), policy.delay(after: .seconds(3), poll: 9))
    }

    func testBackoffGrowsByFactorUpToMaximum() {
        let policy = PollingPolicy.backoff(initial: .seconds(1), factor: 2, maximum: .seconds(5))
        XCTAssertEqual((1...5).map { policy.delay(after: .zero, poll: $0) }, [1, 2, 4, 5, 5].map { .seconds($0) })
        XCTAssertEqual(policy.delay(after: .zero, poll: 1_000_000), .seconds(5))
    }

    func testExtremeValuesGiveFiniteDelays() {
        let durations: [Duration] = [.zero, .seconds(-1), .seconds(Int64.max), .seconds(Int64.min), .nanoseconds(1)]
        let factors = [0, 1.3, -1, .infinity, .nan, .greatestFiniteMagnitude]
        for duration in durations {
            for factor in factors {
                for poll in [Int.min, 0, 1, 3_000, Int.max] {
                    let backoff = PollingPolicy.backoff(initial: duration, factor: factor, maximum: .seconds(5))
                    XCTAssertLessThanOrEqual(backoff.delay(after: duration, poll: poll), .seconds(5))
                    let adaptive = PollingPolicy.adaptive(median: duration, spread: factor, maximum: duration)
                    XCTAssertGreaterThan(adaptive.delay(after: duration, poll: poll, random: factor), .zero)
                }
                let retry = RetryPolicy(
                    maximumAttempts: .max,
                    initialDelay: duration,
                    maximumDelay: duration,
                    jitter: factor
                )
                for attempt in [Int.min, 1, 50] { XCTAssertNotNil(retry.delay(afterAttempt: attempt, random: factor)) }
            }
        }
        // A job must not be polled without a pause.
        XCTAssertGreaterThan(PollingPolicy.backoff(initial: .zero).delay(after: .zero, poll: 1), .zero)
    }

    func testObservedDurationsReplacePublishedDuration() {
        let history = DurationHistory()
        XCTAssertEqual(history.median(of: "a", published: .seconds(14)), .seconds(14))
        history.record(.seconds(2), of: "a")
        let once = history.median(of: "a", published: .seconds(14)).seconds
        for _ in 0..<100 { history.record(.seconds(2), of: "a") }
        let often = history.median(of: "a", published: .seconds(14)).seconds
        XCTAssertTrue(2 < often && often < once && once < 14, "\(often) \(once)")
        XCTAssertEqual(often, 2, accuracy: 0.4)
        for _ in 0..<100 { history.record(.seconds(8), of: "a") }
        XCTAssertEqual(
            history.median(of: "a", published: .seconds(14)).seconds,
            8,
            accuracy: 1,
            "Old durations lose weight."
        )
        XCTAssertEqual(history.median(of: "b", published: .seconds(3)), .seconds(3))
        history.record(.zero, of: "b")
        XCTAssertEqual(history.median(of: "b", published: .seconds(3)), .seconds(3))
    }

    func testServiceEstimateDeterminesDelay() async throws {
        let clients = makeClients()
        clients.mock.on("POST", "/api/v6/image_editing/fetch/7", response: .json(#"{"status":"processing","eta":60}"#))
        clients.mock.on(
            "POST",
            "/api/v6/image_editing/fetch/7",
            response: .json(#"{"status":"success","output":["https://o.example/1"]}"#)
        )
        _ = try await clients.modelsLab().headshots.resume(
            JobHandle(service: .modelsLab, operation: "head_shot", id: "7"),
            options: GenerationOptions(downloadOutputs: false)
        )
        XCTAssertEqual(clients.delays, [.seconds(15)], "One minute remains, so the delay is the maximum of the policy.")
    }
}
