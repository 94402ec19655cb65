// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Studio",
    platforms: [.macOS(.v14)],
    products: [
        .library(name: "StudioStores", targets: ["StudioStores"]),
        .library(name: "StudioTransport", targets: ["StudioTransport"]),
        .library(name: "StudioServer", targets: ["StudioServer"]),
        .executable(name: "studio", targets: ["studio"]),
    ],
    traits: [
        .trait(name: "Postgres", description: "The job store in PostgreSQL, which needs libpq and its headers.")
    ],
    dependencies: [
        .package(name: "HeadshotKit", path: "../.."),
        // For the tests alone.
        .package(name: "Examples", path: ".."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    ],
    targets: [
        // The client library of PostgreSQL: libpq-dev of Debian.
        .systemLibrary(name: "CPostgres"),
        // The job store in an SQL database.
        .target(
            name: "StudioStores",
            dependencies: [
                .target(name: "CPostgres", condition: .when(traits: ["Postgres"])),
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        // The transport over AsyncHTTPClient.
        .target(
            name: "StudioTransport",
            dependencies: [
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            ]
        ),
        // The routes, the budgets, and the headshots of the studio.
        .target(
            name: "StudioServer",
            dependencies: [
                "StudioStores",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.copy("Page")]
        ),
        // The server as a program.
        .executableTarget(
            name: "studio",
            dependencies: [
                "StudioServer", "StudioStores", "StudioTransport",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        // The service of `scripts/crowd`.
        .executableTarget(
            name: "crowd-service",
            dependencies: [
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
                .product(name: "FaultyServer", package: "Examples"),
            ],
            path: "Tests/CrowdService"
        ),
        // The program of `make bench` that uses AsyncHTTPClient. `Shared` is a link to the program that uses URLSession.
        .executableTarget(
            name: "async-bench-client",
            dependencies: ["StudioTransport", .product(name: "HeadshotKit", package: "HeadshotKit")],
            path: "Benchmarks",
            exclude: ["Shared/Client.swift"]
        ),
        // A process that holds a claim until it is killed.
        .executableTarget(
            name: "claim-holder",
            dependencies: ["StudioStores", .product(name: "HeadshotKit", package: "HeadshotKit")],
            path: "Tests/ClaimHolder"
        ),
        .testTarget(
            name: "StudioStoreTests",
            dependencies: [
                "claim-holder", "StudioStores",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
            ]
        ),
        .testTarget(
            name: "StudioServerTests",
            dependencies: [
                "StudioServer", "StudioStores", "studio",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
                .product(name: "SimulatorServer", package: "Examples"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        // `Shared` contains links to the tests of URLSessionTransport, which any transport must pass.
        .testTarget(
            name: "StudioTransportTests",
            dependencies: [
                "StudioTransport",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
                .product(name: "FaultyServer", package: "Examples"),
                .product(name: "SimulatorServer", package: "Examples"),
                .product(name: "TLSProxy", package: "Examples"),
            ],
            // It tests the number of connections of URLSessionTransport.
            exclude: ["Shared/Workflow/WaitingCreateTests.swift"]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
