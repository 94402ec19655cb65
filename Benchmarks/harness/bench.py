"""What every part needs: the programs, the files, and the rows of the table."""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .measure import Sample, StandIn, median

HERE = Path(__file__).resolve().parent.parent
STUDIO = HERE.parent / "Examples/Studio"
SDK = "magic_hour==0.90.0"
# The client that uses AsyncHTTPClientTransport.
ASYNC = "HeadshotKit, AsyncHTTPClient"
# What a task goes over, as its name ends.
PLAIN, TLS, HTTP2 = "", ", TLS with HTTP/1.1", ", HTTP/2"


@dataclass
class Row:
    """All runs of one task by one client."""

    task: str
    client: str
    samples: list[Sample]
    note: str = ""

    def median(self, what) -> float | None:
        values = [value for value in map(what, self.samples) if value is not None]
        return median(values) if values else None


class Bench:
    def __init__(self, rounds: int):
        self.rounds = rounds
        self.rows: list[Row] = []
        self.client = HERE / ".build/release/bench-client"
        self.async_client = STUDIO / ".build/release/async-bench-client"
        self.venv = HERE / ".work/venv/bin/python"
        memory = Path("/dev/shm")
        # In memory where there is enough of it, so that no disk is measured.
        in_memory = memory.is_dir() and shutil.disk_usage(memory).free > 6 << 30
        self.folder = Path(tempfile.mkdtemp(prefix="headshotkit-bench-", dir=memory if in_memory else None))
        self.place = "memory (tmpfs)" if in_memory else "the disk"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    # What is measured with

    def build(self) -> None:
        self.swift_build(HERE, "bench-client")

    def build_async_client(self) -> None:
        self.swift_build(STUDIO, "async-bench-client")

    def swift_build(self, package: Path, product: str) -> None:
        self.say(f"building {product}")
        subprocess.run(["swift", "build", "-c", "release", "--package-path", package, "--product", product], check=True, stdout=sys.stderr)

    def install_peer(self) -> None:
        if not self.venv.exists():
            self.say(f"installing {SDK}")
            subprocess.run([sys.executable, "-m", "venv", self.venv.parent.parent], check=True)
            subprocess.run([self.venv, "-m", "pip", "install", "--quiet", SDK], check=True, stdout=sys.stderr)

    def clients(self, server: StandIn) -> dict[str, Path]:
        """The programs on HeadshotKit. BoringSSL does not trust the certificate of the tests, because it cannot read the constraint to
        IP addresses, so the one with AsyncHTTPClient is measured over plain HTTP alone."""
        return {"HeadshotKit": self.client} | ({} if server.front else {ASYNC: self.async_client})

    def python(self, *words) -> list:
        return [self.venv, HERE / "peers/magic_hour_peer.py", *words]

    def stand_in(self, output: Path, network: str = PLAIN) -> StandIn:
        front = {PLAIN: None, TLS: "http1", HTTP2: "http2"}[network]
        return StandIn(HERE / "stand-in", output, front)

    def file(self, name: str, head: bytes, size: int, tail: bytes = b"") -> Path:
        """A file that begins and ends like one of its kind; between lies what cannot be compressed."""
        path = self.folder / name
        if not path.exists():
            block = os.urandom(1 << 20)
            with open(path, "wb") as file:
                file.write(head + block[: min(size - len(tail), len(block)) - len(head)])
                while (rest := size - len(tail) - file.tell()) > 0:
                    file.write(block[:rest])
                file.write(tail)
        return path

    def picture(self, name: str, size: int) -> Path:
        """A PNG whose chunks add up; nobody looks at what is in them."""
        header = struct.pack(">I4sIIBBBBB4x", 13, b"IHDR", 1, 1, 8, 2, 0, 0, 0)
        end = b"\0\0\0\0" + struct.pack(">I4s4x", 0, b"IEND")
        start = b"\x89PNG\r\n\x1a\n" + header
        data = struct.pack(">I4s", size - len(start) - 8 - len(end), b"IDAT")
        return self.file(name, start + data, size, end)

    def photo(self) -> Path:
        return self.picture("photo.png", 40_000)

    def small_output(self) -> Path:
        return self.picture("small.bin", 20_000)

    def empty_folder(self) -> Path:
        folder = self.folder / "saved"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    # What comes of it

    def add(self, task: str, client: str, samples: list[Sample], note: str = "") -> None:
        self.rows.append(Row(task, client, samples, note))

    def say(self, text: str) -> None:
        print(f"· {text}", file=sys.stderr, flush=True)


MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\0mdat"
