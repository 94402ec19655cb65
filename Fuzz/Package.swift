// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "HeadshotKit", path: "..")],
    targets: [
        .executableTarget(
            name: "fuzz",
            dependencies: [
                .product(name: "HeadshotKit", package: "HeadshotKit"),
                .product(name: "HeadshotKitTesting", package: "HeadshotKit"),
            ]
        ),
        .executableTarget(
            name: "transport-client",
            dependencies: [.product(name: "HeadshotKit", package: "HeadshotKit")]
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
