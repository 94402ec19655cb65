"""How long a store of many jobs takes: one job by its handle, a page, all, and finishing all. The service answers at once, in memory."""

from . import table
from .bench import Bench
from .measure import measured

COUNTS = [1_000, 4_000, 10_000]


def run(bench: Bench) -> str:
    rows = []
    for count in COUNTS:
        bench.say(f"a store of {count} jobs")
        sample = measured([bench.client, "store", count, bench.folder / f"store-{count}"])
        found = sample.report
        if found["delivered"] != count or found.get("firstError"):
            raise RuntimeError(f"{found['delivered']} of {count} jobs were delivered: {found.get('firstError')}")
        rows.append(
            [f"{count:,}", table.number(found["resumeMilliseconds"]), table.number(found["firstPageMilliseconds"]),
             table.number(found["allSeconds"]), table.number(found["resumeAllSeconds"])]
        )  # fmt: skip
    return table.lines(
        ["jobs", "resume(handle), median ms", "unfinished(limit: 100), ms", "unfinished(), s", "resumeAll(), s"], rows
    )
