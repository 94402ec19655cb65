"""Instructions and allocations of the steps that run again and again, counted by valgrind: they do not depend on the machine's load."""

import re
import shutil
import subprocess

from . import table
from .bench import Bench

OPERATIONS = {
    "decode": "decode a project response",
    "encode": "encode a request",
    "create": "one create: encode, send, decode, without the network",
    "poll": "one poll: send, judge, decode, without the network",
    "delay": "the delay before the next poll",
}
FEW, MANY = 100, 500


def run(bench: Bench) -> str:
    if shutil.which("valgrind") is None:
        return "valgrind is not installed here: nothing counted."
    bench.say("counting instructions and allocations")
    rows = []
    for operation, meaning in OPERATIONS.items():
        instructions = each(bench, operation, "callgrind", r"Collected : (\d+)")
        allocations = each(bench, operation, "dhat", r"Total:.* in ([\d,]+) blocks")
        rows.append([meaning, f"{instructions:,.0f}", f"{max(0, allocations):,.1f}"])
    return table.lines(["step", "instructions", "allocations"], rows)


def each(bench: Bench, operation: str, tool: str, pattern: str) -> float:
    """By the difference of two runs, in which what happens once cancels out."""
    return (total(bench, operation, MANY, tool, pattern) - total(bench, operation, FEW, tool, pattern)) / (MANY - FEW)


def total(bench: Bench, operation: str, count: int, tool: str, pattern: str) -> int:
    command = ["valgrind", f"--tool={tool}", f"--{tool}-out-file=/dev/null", bench.client, "micro", operation, count]
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    found = re.search(pattern, result.stderr)
    if found is None:
        raise RuntimeError(f"valgrind said something else: {result.stderr[-300:]}")
    return int(found[1].replace(",", ""))
