"""How many threads should a captured step use? From which size on a second thread pays.

    python -m benchmarks.how_many_threads [--quick]

Dense nets of growing width, at several batch sizes, are trained with one thread and with all. The
multiply-adds of the largest kernel at which all threads begin to win is the constant in
lamina/step/threads.py.
"""

import json
from statistics import median
from typing import Any

from benchmarks.parts import figures, results, settings, workers
from benchmarks.parts.places import ROOT
from benchmarks.parts.settings import Settings
from benchmarks.parts.workers import output_of

QUESTION = "how_many_threads"
WIDTHS = (16, 64, 128, 256, 512, 1024)
BATCHES = (1, 32, 128)
STEPS = 200
QUICK_STEPS = 5
ROUNDS_AT_LEAST = 3


def measure(chosen: Settings) -> dict[str, Any]:
    """Trains every size with both numbers of threads, in turns."""
    widths, batches = (WIDTHS[:2], BATCHES[:2]) if chosen.quick else (WIDTHS, BATCHES)
    sizes = [(width, batch) for width in widths for batch in batches]
    steps = QUICK_STEPS if chosen.quick else STEPS
    rounds = 1 if chosen.quick else max(ROUNDS_AT_LEAST, chosen.rounds)
    laps: dict[tuple, list[float]] = {}
    for _ in range(rounds):
        for threads in ("1", "all"):
            content = json.dumps({"sizes": sizes, "steps": steps, "threads": threads})
            text = output_of("torch", ["-m", "benchmarks.peers.lamina_threads", content], {})
            for size, lap in zip(sizes, json.loads(text.splitlines()[-1]), strict=True):
                laps.setdefault((*size, threads), []).append(lap)
    return {
        "title": "seconds of a captured step with one thread and with all",
        "warm_up": "an epoch",
        "sizes": {"steps": steps, "widths": widths, "batches": batches},
        "rounds": rounds,
        "points": sorted(
            (point(*size, laps) for size in sizes), key=lambda point: point["multiply_adds"]
        ),
    }


def point(width: int, batch: int, laps: dict[tuple, list[float]]) -> dict[str, Any]:
    """One size: medians, and how many times faster all threads are."""
    one, every = laps[width, batch, "1"], laps[width, batch, "all"]
    return {
        "width": width,
        "batch": batch,
        "multiply_adds": batch * width * width,
        "one": figures.spread(one),
        "all": figures.spread(every),
        "gain": median(one) / median(every),
    }


def report(result: dict[str, Any]) -> None:
    """Prints the table in the order of work, and the library's present choice."""
    rows = [
        [
            f"{point['multiply_adds']:,}",
            str(point["width"]),
            str(point["batch"]),
            figures.with_range(point["one"], figures.seconds),
            figures.with_range(point["all"], figures.seconds),
            f"{point['gain']:.2f}",
        ]
        for point in result["points"]
    ]
    columns = ["multiply-adds", "width", "batch", "one thread", "all", "one / all"]
    results.show(result["title"], columns, rows)
    line = next(
        line
        for line in (ROOT / "lamina" / "step" / "threads.py").read_text().splitlines()
        if line.startswith("_ONE_THREAD_BELOW")
    )
    print(f"the library's present choice: {line}")


def main(arguments: list[str] | None = None) -> None:
    """Measures the sizes."""
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    workers.prepare_data()
    results.heading("Threads")
    result = measure(chosen)
    report(result)
    print(f"written: {results.save(QUESTION, 'threads', result, chosen).name}", flush=True)


if __name__ == "__main__":
    main()
