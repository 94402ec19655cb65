// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v13)],
    dependencies: [
        .package(name: "HeadshotKit", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.20.0"),
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
        // Hundreds of jobs in processes that are killed, through a service that fails.
        .executableTarget(
            name: "chaos",
            dependencies: [
                "FaultyServer",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "FaultyServer",
                "SimulatorServer",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
            ]
        ),
        .testTarget(
            name: "HeadshotToolTests",
            dependencies: [
                "headshot",
                "SimulatorServer",
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
            ]
        ),
    ]
)

for target in package.targets {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
