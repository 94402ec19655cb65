/// A stopwatch that measures the time elapsed on a clock.
struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    init(_ clock: any Clock<Duration>) {
        func start<C: Clock>(_ clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
            let beginning = clock.now
            return { beginning.duration(to: clock.now) }
        }
        read = start(clock)
    }

    var elapsed: Duration { read() }
}
