"""What it costs to import HeadshotKit: the clean release build and the size of a program that makes one call."""

import json
import shutil
import subprocess
import time
from pathlib import Path

from . import table
from .bench import HERE, Bench

PROGRAMS = {
    "Foundation alone": ("", "", """
        import Foundation
        #if canImport(FoundationNetworking)
        import FoundationNetworking
        #endif
        struct Project: Decodable { var status: String }
        URLSession.shared.dataTask(with: URL(string: "https://example.com/v1/projects/1")!) { data, _, _ in
            print(data.flatMap { try? JSONDecoder().decode(Project.self, from: $0) }?.status ?? "none")
            exit(0)
        }.resume()
        dispatchMain()
        """),
    "HeadshotKit": (
        '.package(name: "HeadshotKit", path: "{root}")', '.product(name: "HeadshotKit", package: "HeadshotKit")', """
        import HeadshotKit
        print(try await MagicHour().imageProjects.get("1").status)
        """),
    "async-http-client": (
        '.package(url: "https://github.com/swift-server/async-http-client", from: "1.24.0")',
        '.product(name: "AsyncHTTPClient", package: "async-http-client")', """
        import AsyncHTTPClient
        import Foundation
        struct Project: Decodable { var status: String }
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "https://example.com/v1/projects/1"), timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 20)
        print(try JSONDecoder().decode(Project.self, from: Data(buffer: body)).status)
        """),
}  # fmt: skip
MANIFEST = """// swift-tools-version: 6.1
import PackageDescription
let package = Package(name: "program", platforms: [.macOS(.v13)], dependencies: [{dependency}],
    targets: [.executableTarget(name: "program", dependencies: [{product}])])
"""


def run(bench: Bench, others: bool) -> str:
    rows = []
    for name in PROGRAMS if others else list(PROGRAMS)[:2]:
        bench.say(f"building a program with {name}")
        rows.append([name, *build(bench.folder / "program", *PROGRAMS[name])])
    header = ["program", "clean release build s", "binary MB", "stripped MB", "packages"]
    return f"{table.lines(header, rows)}\n\nHeadshotKit itself depends on {depended_on(HERE.parent)} packages."


def build(folder: Path, dependency: str, product: str, code: str) -> list[str]:
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / "Sources/program/main.swift"
    source.parent.mkdir(parents=True)
    source.write_text("\n".join(line.strip() for line in code.splitlines()))
    manifest = MANIFEST.replace("{dependency}", dependency.replace("{root}", str(HERE.parent)))
    (folder / "Package.swift").write_text(manifest.replace("{product}", product))
    swift = ["swift", "build", "-c", "release", "--package-path", folder]
    # Fetching is not building.
    subprocess.run(["swift", "package", "--package-path", folder, "resolve"], check=True, capture_output=True)
    packages = depended_on(folder)
    started = time.monotonic()
    subprocess.run(swift, check=True, capture_output=True)
    seconds = time.monotonic() - started
    binary = folder / ".build/release/program"
    stripped = folder / "stripped"
    subprocess.run(["strip", "-o", stripped, binary], check=True)
    sizes = [f"{file.stat().st_size / 1e6:.2f}" for file in (binary, stripped)]
    shutil.rmtree(folder)
    return [f"{seconds:.0f}", *sizes, str(packages)]


def depended_on(folder: Path) -> int:
    """How many packages a package brings with it."""
    command = ["swift", "package", "--package-path", folder, "show-dependencies", "--format", "json"]
    tree = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def names(package: dict) -> set[str]:
        return {name for child in package["dependencies"] for name in {child["identity"], *names(child)}}

    return len(names(tree))
