"""Processes and what they cost: wall and processor time, and the most memory they held."""

import json
import os
import statistics
import subprocess
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from .front import Front

@dataclass
class Sample:
    """One run of one program."""

    wall: float
    cpu: float
    peak_mb: float | None
    report: dict = field(default_factory=dict)
    counts: dict = field(default_factory=dict)


def measured(command: list, environment: dict | None = None, limit: float = 300) -> Sample:
    """Runs a program that prints a line of JSON. Its "seconds" count as the wall time, which leaves out starting up."""
    started = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}
    )
    memory = PeakMemory(process.pid)
    watchdog = threading.Timer(limit, process.kill)
    watchdog.start()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    watchdog.cancel()
    peak = memory.stop() or usage.ru_maxrss / (1 << 20)  # Where there is no /proc, the unit is bytes.
    wall = time.monotonic() - started
    if process.returncode != 0 and wall < limit:
        raise RuntimeError(f"{Path(command[0]).name} {command[1]} ended with {process.returncode}: {output}")
    report = json.loads(output) if output.strip() else {}
    if isinstance(report, dict) and "seconds" in report:
        wall = report["seconds"]
    return Sample(wall, usage.ru_utime + usage.ru_stime, peak, report)


class PeakMemory(threading.Thread):
    """The high-water mark of a process, read while it runs: the one in its rusage holds that of whoever started it, too."""

    def __init__(self, process: int):
        super().__init__(daemon=True)
        self.status = f"/proc/{process}/status"
        self.kilobytes = 0
        self.is_over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.is_over.wait(0.01):
            try:
                with open(self.status) as status:
                    mark = next((line for line in status if line.startswith("VmHWM")), None)
            except OSError:
                return
            if mark:
                self.kilobytes = int(mark.split()[1])

    def stop(self) -> float | None:
        self.is_over.set()
        self.join()
        return self.kilobytes / 1024 or None


class StandIn:
    """The server, in a process of its own; over TLS, with HTTP/1.1 or HTTP/2, behind another."""

    def __init__(self, program: Path, output: Path, front: str | None = None):
        self.process = subprocess.Popen(
            [program, output], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        api, storage = self.process.stdout.readline().split()
        self.admin = f"http://127.0.0.1:{api}"
        self.front = Front(api, storage, front == "http2") if front else None
        if self.front:
            self.api, self.storage = (f"https://127.0.0.1:{port}" for port in (self.front.api, self.front.storage))
        else:
            self.api, self.storage = self.admin, f"http://127.0.0.1:{storage}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.front:
            self.front.close()
        self.process.stdin.close()
        self.process.wait()

    def ask(self, path: str) -> dict:
        with urllib.request.urlopen(self.admin + path) as response:
            return json.load(response)

    def measured(self, command: list, jobs: str = "FIXED:0", latency: float = 0, **options) -> Sample:
        """Runs a client against the server, and adds what the server saw of it."""
        self.ask(f"/admin/reset?jobs={jobs}&latency={latency}&storage={self.storage}")
        environment = {"MAGIC_HOUR_API_KEY": "key", "MAGIC_HOUR_BASE_URL": self.api, **options.pop("environment", {})}
        if self.front:
            # httpx has a list of authorities of its own.
            environment["SSL_CERT_FILE"] = "/etc/ssl/certs/ca-certificates.crt"
        sample = measured(command, environment, **options)
        sample.counts = self.ask("/admin/counts")
        if self.front:
            # Those that the stand-in sees are nginx's.
            sample.counts["connections"] = {"api": None, "storage": None}
        return sample


def median(values) -> float:
    return statistics.median(values)
