"""512 MB up and down."""

import os

from .bench import HTTP2, MP4, PLAIN, Bench
from .measure import Sample, StandIn

SIZE = 512 << 20


def run(bench: Bench) -> None:
    for network in (PLAIN, HTTP2):
        over(network, bench)


def over(network: str, bench: Bench) -> None:
    video = bench.file("video.mp4", MP4, SIZE)
    with bench.stand_in(bench.picture("output.bin", SIZE), network) as server:

        def each(words) -> dict:
            return {
                name: lambda client=client: server.measured([client, *words()])
                for name, client in bench.clients(server).items()
            }

        measure(bench, server, f"idle{network}", {
            **each(lambda: ["idle"]),
            "Python SDK": lambda: server.measured(bench.python("idle")),
        })  # fmt: skip
        measure(bench, server, f"512 MB up{network}", {
            **each(lambda: ["upload", video]),
            "URLSessionUploadTask": lambda: server.measured(
                [bench.client, "upload-bare", video, f"{server.storage}/up"]
            ),
            "curl": lambda: curl(server, "--upload-file", video, f"{server.storage}/up"),
            "Python SDK": lambda: server.measured(bench.python("upload", video)),
        })  # fmt: skip
        measure(bench, server, f"512 MB down{network}", {
            **each(lambda: ["download", bench.empty_folder()]),
            "URLSessionDownloadTask": lambda: server.measured(
                [bench.client, "download-bare", f"{server.storage}/down", bench.empty_folder() / "down"],
                environment={"TMPDIR": str(bench.folder)},
            ),
            "curl": lambda: curl(server, "--output", bench.empty_folder() / "down", f"{server.storage}/down"),
            "Python SDK": lambda: server.measured(bench.python("download", bench.empty_folder())),
        })  # fmt: skip
        measure(bench, server, f"512 MB down, responses 50 ms late{network}", {
            "HeadshotKit": lambda: server.measured([bench.client, "download", bench.empty_folder()], latency=0.05),
        })  # fmt: skip


def measure(bench: Bench, server: StandIn, task: str, clients: dict) -> None:
    """In turn, so that a busy moment of the machine does not fall on one client alone."""
    bench.say(task)
    samples: dict[str, list[Sample]] = {client: [] for client in clients}
    for _ in range(bench.rounds):
        for client, run_once in clients.items():
            samples[client].append(run_once())
    for client in clients:
        bench.add(task, client, samples[client])
    bench.empty_folder()


def curl(server: StandIn, *words) -> Sample:
    report = '{"seconds":%{time_total}}'
    return server.measured(["curl", "--silent", "--show-error", "--fail", "--write-out", report, *words])
