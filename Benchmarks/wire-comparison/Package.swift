// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "WireComparison",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "HeadshotKit", path: "../..")],
    targets: [
        .executableTarget(
            name: "SendRequests",
            dependencies: [.product(name: "HeadshotKit", package: "HeadshotKit")]
        ),
        .executableTarget(
            name: "ResumeEvent",
            dependencies: [.product(name: "HeadshotKit", package: "HeadshotKit")]
        ),
    ]
)
