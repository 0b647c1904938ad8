"""How much memory does training take? Job H: A and B on data that stays uint8.

    python -m benchmarks.how_much_memory_does_training_take [--quick] [--only A]

Measured is the largest resident set of the whole process over two epochs. What the process held
before training (interpreter, libraries, data) is told beside it.
"""

from math import prod
from statistics import median
from typing import Any

from benchmarks.parts import data, figures, results, settings, workers
from benchmarks.parts.jobs import QUICK_BATCHES, job_named
from benchmarks.parts.peers import OURS, PEERS, peers_for
from benchmarks.parts.rounds import Record, take_turns
from benchmarks.parts.settings import Settings
from benchmarks.parts.targets import MEMORY_AGAINST_TORCH
from benchmarks.parts.task import Task
from benchmarks.parts.workers import Answer

QUESTION = "how_much_memory_does_training_take"
JOBS = ("A", "B")
ASKED = ("lamina", "keras-tensorflow", "keras-torch", "keras-jax", "torch", "jax")


def measure(name: str, chosen: Settings) -> dict[str, Any]:
    """Trains a job with each peer and gathers the peaks."""
    batches = QUICK_BATCHES[name] if chosen.quick else None
    job = job_named(name, batches=batches)
    names = [peer for peer in chosen.chosen(peers_for(name)) if peer in ASKED]
    records = [Record(peer, PEERS[peer].variants_for(name)[0]) for peer in names]

    def turn(record: Record) -> Answer:
        return workers.run(Task("memory", record.peer, name, batches, epochs=1), record.variant)

    take_turns(records, turn, chosen, lambda r: f"H on {name}, {r.peer}")
    return {
        "title": f"peak memory of job {name} with uint8 input",
        "data": data.origin(job.data),
        "sizes": {"rows": job.rows, "data_bytes": prod((job.rows, *job.shape))},
        "warm_up": "none; a peak needs none",
        "peers": {record.peer: summary(record) for record in records},
    }


def summary(record: Record) -> dict[str, Any]:
    """Peaks of one peer."""
    about = {"title": PEERS[record.peer].title, "failure": record.failure}
    if not record.answers:
        return about
    peaks = [answer["peak_bytes"] for answer in record.answers]
    return about | {
        "versions": record.answers[0]["versions"],
        "peak_bytes": figures.spread(peaks),
        "before_bytes": median(answer["before_bytes"] for answer in record.answers),
        "loss": record.answers[0]["losses"][-1],
    }


def report(name: str, result: dict[str, Any]) -> None:
    """Prints the peaks and the comparison with torch by hand."""
    rows = []
    for figure in result["peers"].values():
        if "peak_bytes" not in figure:
            rows.append([figure["title"], "failed", figure["failure"].splitlines()[-1], "", ""])
            continue
        peak = figure["peak_bytes"]["median"]
        added = peak - figure["before_bytes"]
        cells = [
            figures.with_range(figure["peak_bytes"], megabytes),
            megabytes(figure["before_bytes"]),
            megabytes(added),
            f"{figure['loss']:.4f}",
        ]
        rows.append([figure["title"], *cells])
    columns = ["peer", "peak", "before training", "added by training", "loss"]
    results.show(f"Job H: {result['title']}", columns, rows)
    pair = [result["peers"].get(peer, {}).get("peak_bytes") for peer in (OURS, "torch")]
    if all(pair):
        share = pair[0]["median"] / pair[1]["median"]
        verdict = "reached" if share <= MEMORY_AGAINST_TORCH else "MISSED"
        print(f"Lamina / torch by hand: {share:.2f} (at most {MEMORY_AGAINST_TORCH}: {verdict})")


def megabytes(value: float) -> str:
    """Bytes in millions."""
    return f"{value / 1e6:,.0f} MB"


def main(arguments: list[str] | None = None) -> None:
    """Measures the peaks of the jobs that were asked for."""
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    workers.prepare_data()
    for name in JOBS:
        if chosen.wants(name):
            results.heading(f"Job H on {name}")
            result = measure(name, chosen)
            report(name, result)
            print(f"written: {results.save(QUESTION, name, result, chosen).name}", flush=True)


if __name__ == "__main__":
    main()
