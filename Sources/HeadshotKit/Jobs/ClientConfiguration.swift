/// The configuration of a client of either service. Every property has a default.
public struct ClientConfiguration: Sendable {
    /// The transport that sends requests. Defaults to ``URLSessionTransport/shared``.
    ///
    /// With any other transport, clients use `baseURL` or the service's own URL. The environment variables for base URLs apply to
    /// the default transport only, so that a test with a mock does not depend on its shell.
    public var transport: any Transport {
        didSet { isDefaultTransport = false }
    }
    /// Whether no transport was set, so that the default one is used.
    private(set) var isDefaultTransport: Bool
    /// The policy for retrying requests.
    public var retry: RetryPolicy
    /// Header fields to add to every API request, for example for a gateway of your own. They are not sent to the hosts of uploads and
    /// downloads. The fields that the API requires take precedence, such as `Authorization` for Magic Hour. A `User-Agent` replaces the
    /// one of this package.
    public var headers: TransportHeaders
    /// The clock for delays and deadlines.
    public var clock: any Clock<Duration>
    /// The source of jitter. It returns a number from 0 up to, but not including, 1.
    public var random: @Sendable () -> Double
    /// The durations of earlier jobs, which polling adapts to.
    public var durations: DurationHistory
    /// The store that keeps jobs until they are delivered. Defaults to `nil`, which keeps no jobs.
    public var jobStore: (any JobStore)?
    /// The semaphore for the steps before the create request. Of a thousand jobs, the first ones are created before the photos of the
    /// last ones are uploaded, so that not all jobs are polled at the same time.
    let preparations = AsyncSemaphore(permits: 32)

    /// Creates a configuration. The transport defaults to ``URLSessionTransport/shared``.
    public init(
        transport: (any Transport)? = nil,
        retry: RetryPolicy = RetryPolicy(),
        headers: TransportHeaders = [:],
        clock: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        durations: DurationHistory = .shared,
        jobStore: (any JobStore)? = nil
    ) {
        self.transport = transport ?? URLSessionTransport.shared
        isDefaultTransport = transport == nil
        self.retry = retry
        self.headers = headers
        self.clock = clock
        self.random = random
        self.durations = durations
        self.jobStore = jobStore
    }
}

extension ClientConfiguration {
    var retrier: Retrier { Retrier(policy: retry, clock: clock, random: random) }
}
