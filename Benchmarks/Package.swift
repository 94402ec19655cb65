// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "HeadshotKit", path: "..")],
    targets: [
        .executableTarget(
            name: "bench-client",
            dependencies: [.product(name: "HeadshotKit", package: "HeadshotKit")]
        ),
        // The programs of wire-comparison.
        .executableTarget(
            name: "SendRequests",
            dependencies: [.product(name: "HeadshotKit", package: "HeadshotKit")],
            path: "wire-comparison/Sources/SendRequests"
        ),
        .executableTarget(
            name: "ResumeEvent",
            dependencies: [.product(name: "HeadshotKit", package: "HeadshotKit")],
            path: "wire-comparison/Sources/ResumeEvent"
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
