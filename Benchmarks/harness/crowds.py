"""Many jobs at once, without a fault, on each network: how long the last took, and how late the end of a job was found."""

from . import jobs, table
from .bench import HTTP2, PLAIN, TLS, Bench

COUNTS = [1, 2, 10, 50, 300, 1_000]


def run(bench: Bench) -> str:
    rows = []
    for network in [PLAIN, TLS, HTTP2]:
        with bench.stand_in(bench.small_output(), network) as server:
            for count in COUNTS:
                bench.say(f"{count:,} at once{network}, {bench.rounds} times")
                samples = [jobs.swift(bench, server, count, "FIXED:2", 2_000) for _ in range(bench.rounds)]
                for sample in samples:
                    seen = (sample.report["delivered"], sample.counts["jobs"], sample.counts["found"])
                    if seen != (count, count, count):
                        raise RuntimeError(f"Of {count} jobs, (delivered, created, found complete): {seen}.")
                walls = [sample.report["seconds"] for sample in samples]
                latest = [sample.counts["found_latest"] for sample in samples]
                rows.append(
                    [network.removeprefix(", ") or "plain HTTP", f"{count:,}", table.number(sorted(walls)[len(walls) // 2]),
                     table.number(max(walls)), table.number(max(latest))]
                )  # fmt: skip
    return (
        "Every job was created once and delivered.\n\n"
        + table.lines(["network", "jobs of 2 s at once", "wall, median s", "wall, at most s", "end found late, at most s"], rows)
    )
