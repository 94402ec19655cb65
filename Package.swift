// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "HeadshotKit",
    platforms: [.macOS(.v13), .iOS(.v16), .tvOS(.v16), .watchOS(.v9), .visionOS(.v1)],
    products: [
        .library(name: "HeadshotKit", targets: ["HeadshotKit"]),
        .library(name: "HeadshotKitTesting", targets: ["HeadshotKitTesting"]),
    ],
    targets: [
        .target(name: "HeadshotKit", resources: [.copy("PrivacyInfo.xcprivacy")]),
        .target(name: "HeadshotKitTesting", dependencies: ["HeadshotKit"]),
        .testTarget(
            name: "HeadshotKitTests",
            dependencies: ["HeadshotKit", "HeadshotKitTesting"],
            resources: [.copy("Fixtures")]
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
