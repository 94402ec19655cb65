"""How often jobs are asked about and how late their ends are found: a simulation in virtual time."""

from . import table
from .bench import Bench
from .measure import measured

JOBS = 10_000


def run(bench: Bench) -> str:
    bench.say("simulating polls")
    rows = measured([bench.client, "simulate", JOBS]).report
    return table.lines(
        ["operation", "median s", "polling", "polls a job", "found late, mean s", "95 % within s"],
        [
            [row["operation"], f"{row['median']:.0f}", row["polling"], table.number(row["polls"], 1),
             table.number(row["foundLate"]), table.number(row["foundLate95"])]
            for row in rows
        ],
    )  # fmt: skip
