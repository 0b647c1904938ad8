"""How long until the first epoch ends? Job F: from the start of the process, on job A.

    python -m benchmarks.how_long_until_the_first_epoch_ends [--quick] [--peers torch,jax]

Counted are starting Python, importing, reading the data, building, capturing or compiling, and one
epoch. A round that is not counted comes first, so that all files lie in memory. Compilers start
from an empty cache each time, as they do in a new program.
"""

import tempfile
from typing import Any

from benchmarks.parts import figures, results, settings, workers
from benchmarks.parts.jobs import QUICK_BATCHES, job_named
from benchmarks.parts.peers import OURS, PEERS, Variant, peers_for
from benchmarks.parts.rounds import Record, choose, take_turns
from benchmarks.parts.settings import Settings
from benchmarks.parts.targets import target
from benchmarks.parts.task import Task
from benchmarks.parts.workers import Answer

QUESTION = "how_long_until_the_first_epoch_ends"
JOB = "A"
LEFT_OUT = ("lamina-max", "keras-tensorflow-grouped", "keras-jax-grouped", "scikit-learn")


def measure(chosen: Settings) -> dict[str, Any]:
    """Starts the peers in rounds and gathers the seconds until their first epoch ended."""
    batches = QUICK_BATCHES[JOB] if chosen.quick else None
    names = [name for name in chosen.chosen(peers_for(JOB)) if name not in LEFT_OUT]
    records = [choose(name, JOB, chosen) for name in names]
    for record in records:
        warm_files(record, chosen)
    take_turns(
        records,
        lambda r: start(r.peer, r.variant, batches),
        chosen,
        lambda r: f"F, {r.peer}",
    )
    peers = {record.peer: summary(record) for record in records}
    for figure in peers.values():
        if "laps" in figure and "laps" in peers[OURS]:
            figure["ratio"] = figures.ratio(figure["laps"], peers[OURS]["laps"])
    return {
        "title": "from the start of the process to the end of the first epoch of job A",
        "sizes": {"rows": job_named(JOB, batches=batches).rows},
        "warm_up": "one start of each peer on a few batches, so that files lie in memory",
        "peers": peers,
    }


def start(name: str, variant: Variant, batches: int | None) -> Answer:
    """One start, with an empty compiler cache."""
    task = Task("first-epoch", name, JOB, batches)
    with tempfile.TemporaryDirectory() as folder:
        return workers.run(task, variant, variables={"TORCHINDUCTOR_CACHE_DIR": folder})


def warm_files(record: Record, chosen: Settings) -> None:
    """A start that is not counted; a peer that cannot do it has no turn."""
    if not chosen.quick and record.failure is None:
        record.failure = start(record.peer, record.variant, QUICK_BATCHES[JOB]).failure


def summary(record: Record) -> dict[str, Any]:
    """Seconds from the start of the worker's process to the end of its epoch."""
    about = {
        "title": PEERS[record.peer].title,
        "set": record.variant.label,
        "failure": record.failure,
    }
    if not record.answers:
        return about
    laps = [[answer["ended"] - answer["started"]] for answer in record.answers]
    return about | {
        "versions": record.answers[0]["versions"],
        "laps": laps,
        "seconds": figures.spread(figures.flat(laps)),
    }


def report(result: dict[str, Any]) -> None:
    """Prints the table."""
    rows = []
    for peer, figure in result["peers"].items():
        if "seconds" not in figure:
            rows.append([figure["title"], "failed", figure["failure"].splitlines()[-1], "", ""])
            continue
        ratio = figure.get("ratio")
        rows.append(
            [
                figure["title"],
                figures.with_range(figure["seconds"], figures.seconds),
                "" if ratio is None else figures.with_range(ratio, figures.times),
                "" if ratio is None else figures.verdict(ratio["median"], target(peer, "F")),
                figure["set"],
            ]
        )
    columns = ["peer", "seconds", "theirs / ours", "aim", "set"]
    results.show(f"Job F: {result['title']}", columns, rows)


def main(arguments: list[str] | None = None) -> None:
    """Measures the starts."""
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    workers.prepare_data()
    results.heading("Job F")
    result = measure(chosen)
    report(result)
    print(f"written: {results.save(QUESTION, 'F', result, chosen).name}", flush=True)


if __name__ == "__main__":
    main()
