"""Markdown."""

from .bench import Bench, Row


def lines(header: list[str], rows: list[list[str]]) -> str:
    rule = ["---", *["---:" if index else "---" for index in range(1, len(header))]]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *rows])


def number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def peers(bench: Bench) -> str:
    header = ["task", "client", "wall s", "CPU s", "peak MB", "requests", "API connections", "polls a job",
              "found late s", "delivered", "wall ×", "CPU ×", "runs"]  # fmt: skip
    ours = {row.task: row for row in bench.rows if row.client == "HeadshotKit"}
    return lines(header, [cells(row, ours[row.task]) for row in bench.rows])


def cells(row: Row, ours: Row) -> list[str]:
    def ratio(what) -> str:
        return "" if row is ours else f"{row.median(what) / ours.median(what):.1f}"

    count = row.samples[0].counts
    with_jobs = count["jobs"] > 0 and "down" not in row.task
    delivered = row.median(lambda sample: sample.report.get("delivered", 0))
    return [
        row.task,
        row.client,
        number(row.median(lambda sample: sample.wall)),
        number(row.median(lambda sample: sample.cpu)),
        number(row.median(lambda sample: sample.peak_mb), 0),
        number(row.median(lambda sample: sum(sample.counts["requests"].values())), 0),
        number(row.median(lambda sample: sample.counts["connections"]["api"]), 0),
        number(row.median(lambda sample: sample.counts["polls_per_job"]), 1) if with_jobs else "",
        number(row.median(lambda sample: sample.counts["found_late"])) if with_jobs else "",
        number(delivered, 0) if with_jobs else "",
        ratio(lambda sample: sample.wall),
        ratio(lambda sample: sample.cpu),
        str(len(row.samples)),
    ]
