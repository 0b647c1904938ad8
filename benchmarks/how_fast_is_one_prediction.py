"""How fast is one prediction? Job E: a thousand calls with one row, one call with 10,000 rows.

    python -m benchmarks.how_fast_is_one_prediction [--quick] [--peers torch,keras-torch]

The model is that of job A, with its first weights. Lamina and Keras answer by `predict`,
torch by hand by its module in inference mode, JAX by hand by its compiled function; all from
NumPy to NumPy.
"""

from dataclasses import replace
from typing import Any

from benchmarks.parts import figures, results, settings, workers
from benchmarks.parts.jobs import QUICK_BATCHES, job_named
from benchmarks.parts.peers import OURS, PEERS, Variant
from benchmarks.parts.rounds import Record, choose_among, take_turns
from benchmarks.parts.settings import Settings
from benchmarks.parts.targets import target
from benchmarks.parts.task import Task
from benchmarks.parts.workers import Answer

QUESTION = "how_fast_is_one_prediction"
JOB = "A"
CALLS = 1000
QUICK_CALLS = 3
SECONDS = 10.0
ASKED = ["lamina", "keras-tensorflow", "keras-torch", "keras-jax", "torch", "jax"]


def measure(chosen: Settings) -> dict[str, Any]:
    """Lets the peers answer in rounds and gathers the figures."""
    whole = Task(
        "predict", OURS, JOB,
        batches=QUICK_BATCHES[JOB] if chosen.quick else None,
        calls=QUICK_CALLS if chosen.quick else CALLS,
        seconds=SECONDS,
    )  # fmt: skip

    def turn(name: str, variant: Variant, calls: int) -> Answer:
        return workers.run(replace(whole, peer=name, calls=calls), variant)

    def trial(name: str, variant: Variant) -> tuple[Answer, float]:
        answer = turn(name, variant, 200)
        figure = answer.figures.get("one_row", {})
        return answer, figure.get("median", float("inf"))

    names = chosen.chosen(ASKED)
    records = [choose_among(name, JOB, chosen, trial) for name in names]
    take_turns(
        records, lambda r: turn(r.peer, r.variant, whole.calls), chosen, lambda r: f"E, {r.peer}"
    )
    peers = {record.peer: summary(record) for record in records}
    for figure in peers.values():
        for kind in ("one_row", "many_rows"):
            if kind in figure and kind in peers[OURS]:
                pair = figure[kind]["rounds"], peers[OURS][kind]["rounds"]
                figure[kind]["ratio"] = figures.ratio(*pair)
    return {
        "title": "predict with the model of job A",
        "sizes": {"calls": whole.calls, "rows_at_once": job_named(JOB, batches=whole.batches).rows},
        "warm_up": "five calls of each kind",
        "peers": peers,
    }


def summary(record: Record) -> dict[str, Any]:
    """What one peer showed: the median call of each turn."""
    about = {
        "title": PEERS[record.peer].title,
        "set": record.variant.label,
        "trials": record.trials,
        "failure": record.failure,
    }
    if not record.answers:
        return about
    about["versions"] = record.answers[0]["versions"]
    about["rows"] = record.answers[0]["rows"]
    for kind in ("one_row", "many_rows"):
        rounds = [[answer[kind]["median"]] for answer in record.answers]
        calls = record.answers[0][kind]["calls"]
        seconds = figures.spread(figures.flat(rounds))
        about[kind] = {"seconds": seconds, "rounds": rounds, "calls": calls}
    return about


def report(result: dict[str, Any]) -> None:
    """Prints one table for both kinds of call."""
    rows = []
    for peer, figure in result["peers"].items():
        if "one_row" not in figure:
            rows.append([figure["title"], "failed", figure["failure"].splitlines()[-1], *[""] * 4])
            continue
        cells = [figure["title"]]
        for kind, aim in (("one_row", target(peer, "E")), ("many_rows", None)):
            part = figure[kind]
            cells.append(figures.with_range(part["seconds"], figures.seconds))
            ratio = part.get("ratio")
            cells.append("" if ratio is None else figures.with_range(ratio, figures.times))
            if kind == "one_row":
                cells.append("" if ratio is None else figures.verdict(ratio["median"], aim))
        rows.append([*cells, figure["set"]])
    columns = ["peer", "one row", "theirs / ours", "aim", "many rows", "theirs / ours", "set"]
    results.show(f"Job E: {result['title']}", columns, rows)


def main(arguments: list[str] | None = None) -> None:
    """Measures the predictions."""
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    workers.prepare_data()
    results.heading("Job E")
    result = measure(chosen)
    report(result)
    print(f"written: {results.save(QUESTION, 'E', result, chosen).name}", flush=True)


if __name__ == "__main__":
    main()
