/// What a client of either service works with: the network, time and chance. Everything has a sensible default.
public struct ClientConfiguration: Sendable {
    /// What carries the requests. With one that is given here, clients go to `baseURL` or the service's own address: the environment variables
    /// for base URLs count for the default transport alone, so that a test with a mock does not depend on the shell that it runs in.
    public var transport: any Transport {
        didSet { isDefaultTransport = false }
    }
    /// Whether the transport is the one that nobody chose.
    private(set) var isDefaultTransport: Bool
    /// When requests are sent again.
    public var retry: RetryPolicy
    /// What delays and deadlines are measured with.
    public var clock: any Clock<Duration>
    /// Where jitter comes from: a number from 0 up to, not including, 1.
    public var random: @Sendable () -> Double
    /// How long jobs took so far, which polling goes by.
    public var durations: DurationHistory
    /// Where jobs are kept until they are delivered; nowhere unless set.
    public var jobStore: (any JobStore)?

    /// A configuration. The transport is ``URLSessionTransport/shared`` unless given.
    public init(
        transport: (any Transport)? = nil,
        retry: RetryPolicy = RetryPolicy(),
        clock: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        durations: DurationHistory = .shared,
        jobStore: (any JobStore)? = nil
    ) {
        self.transport = transport ?? URLSessionTransport.shared
        isDefaultTransport = transport == nil
        self.retry = retry
        self.clock = clock
        self.random = random
        self.durations = durations
        self.jobStore = jobStore
    }
}

extension ClientConfiguration {
    var retrier: Retrier { Retrier(policy: retry, clock: clock, random: random) }
}
