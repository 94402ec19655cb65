"""Whole headshots, photo up to portrait down: many at the same time, one, and some whose durations vary."""

from .bench import HTTP2, PLAIN, Bench
from .measure import Sample, StandIn

# The Python SDK's 1,000 jobs take minutes, and come to the same each time: they are run once.
LIMIT = 300


def run(bench: Bench) -> None:
    with bench.stand_in(bench.small_output()) as server:
        at_once(bench, server, 100, bench.rounds)
        at_once(bench, server, 1_000, 1)
        repeat(bench, server, "1,000 jobs of 2 s, responses 50 ms late", 1_000, latency=0.05)
        one(bench, server)
        scaled(bench, server)
    with bench.stand_in(bench.small_output(), HTTP2) as server:
        at_once(bench, server, 100, bench.rounds, HTTP2)
        repeat(bench, server, f"1,000 jobs of 2 s at once{HTTP2}", 1_000)
        repeat(bench, server, f"1,000 jobs of 2 s, responses 50 ms late{HTTP2}", 1_000, latency=0.05)


def swift(bench: Bench, server: StandIn, count: int, jobs: str, median_ms: int, minimum_ms: int = 250, client=None, **options):
    command = [client or bench.client, "jobs", count, bench.photo(), bench.empty_folder(), median_ms, minimum_ms]
    return server.measured(command, jobs, **options)


def python(bench: Bench, server: StandIn, count: int, jobs: str, **options) -> Sample:
    command = bench.python("jobs", count, bench.photo(), bench.empty_folder())
    return server.measured(command, jobs, limit=LIMIT, **options)


def at_once(bench: Bench, server: StandIn, count: int, python_runs: int, network: str = PLAIN) -> None:
    task = f"{count:,} jobs of 2 s at once{network}"
    repeat(bench, server, task, count)
    samples = [python(bench, server, count, "FIXED:2") for _ in range(python_runs)]
    bench.add(task, "Python SDK", samples, note="one run" if python_runs == 1 else "")


def repeat(bench: Bench, server: StandIn, task: str, count: int, **options) -> None:
    bench.say(task)
    clients = bench.clients(server)
    samples = {name: [] for name in clients}
    for _ in range(bench.rounds):
        for name, client in clients.items():
            samples[name].append(swift(bench, server, count, "FIXED:2", 2_000, client=client, **options))
    for name in clients:
        bench.add(task, name, samples[name])


def one(bench: Bench, server: StandIn) -> None:
    """A job that is late, so that it takes some ten polls."""
    bench.say("one job")
    bench.add("1 job of 2.5 s", "HeadshotKit", [
        swift(bench, server, 1, "FIXED:2.5", 2_000, 25) for _ in range(bench.rounds)
    ])  # fmt: skip
    bench.add("1 job of 2.5 s", "Python SDK", [
        python(bench, server, 1, "FIXED:2.5") for _ in range(bench.rounds)
    ])  # fmt: skip


def scaled(bench: Bench, server: StandIn) -> None:
    """Headshots in a tenth of their time, asked about ten times as often."""
    bench.say("20 jobs in a tenth of their time")
    law = "LOGNORMAL:1.4:0.5"
    task = "20 headshots, time / 10 (median 1.4 s)"
    bench.add(task, "HeadshotKit", [swift(bench, server, 20, law, 1_400, 25) for _ in range(bench.rounds)])
    environment = {"MAGIC_HOUR_POLL_INTERVAL": "0.05"}
    bench.add(task, "Python SDK", [
        python(bench, server, 20, law, environment=environment) for _ in range(bench.rounds)
    ])  # fmt: skip
