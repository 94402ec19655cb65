// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v13)],
    products: [
        // For the tests of Studio.
        .library(name: "SimulatorServer", targets: ["SimulatorServer"]),
        .library(name: "FaultyServer", targets: ["FaultyServer"]),
        .library(name: "TLSProxy", targets: ["TLSProxy"]),
    ],
    dependencies: [
        .package(name: "HeadshotKit", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.20.0"),
        // For the tests over TLS alone.
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.36.0"),
    ],
    targets: [
        // Both services over HTTP on this machine.
        .target(
            name: "SimulatorServer",
            dependencies: [
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ]
        ),
        .executableTarget(
            name: "headshot",
            dependencies: [
                "SimulatorServer",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        // A server that misbehaves to order.
        .target(
            name: "FaultyServer",
            dependencies: [
                "SimulatorServer",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
            ],
            path: "Tests/FaultyServer"
        ),
        // TLS, with HTTP/1.1 or HTTP/2, before a plain server.
        .target(
            name: "TLSProxy",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ],
            path: "Tests/TLSProxy"
        ),
        // Hundreds of jobs in processes that are killed, through a service that fails.
        .executableTarget(
            name: "chaos",
            dependencies: [
                "FaultyServer",
                "TLSProxy",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        // A process that the tests kill.
        .executableTarget(
            name: "SpokenTextWorker",
            dependencies: [.product(name: "HeadshotKit", package: "HeadshotKit")],
            path: "Tests/SpokenTextWorker"
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "SpokenTextWorker",
                "FaultyServer",
                "SimulatorServer",
                "TLSProxy",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
            ]
        ),
        .testTarget(
            name: "HeadshotToolTests",
            dependencies: [
                "FaultyServer",
                "headshot",
                "SimulatorServer",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
            ]
        ),
    ]
)

// The small examples, with the simulated services that they share.
let library: [Target.Dependency] = [
    .product(name: "HeadshotKit", package: "HeadshotKit"),
    .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
]
package.targets.append(.target(name: "Simulation", dependencies: library, path: "Small/Simulation"))
for name in [
    "OneHeadshot", "TeamBatch", "TalkingPhoto", "RecoverAfterCrash", "ReceiveWebhook", "TestWithSimulator",
    "CustomOperation", "Logging",
] {
    package.targets.append(
        .executableTarget(name: name, dependencies: ["Simulation"] + library, path: "Small/\(name)")
    )
}

// An app that uses the studio in place of the service.
package.targets.append(.executableTarget(name: "RelayedApp", dependencies: library, path: "RelayedApp"))

for target in package.targets {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
