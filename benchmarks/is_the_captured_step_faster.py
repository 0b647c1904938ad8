"""Is the captured step faster than everybody else's training loop? Jobs A, B, C, C2 and D.

    python -m benchmarks.is_the_captured_step_faster [--quick] [--only A,D] [--peers torch,jax]

Measured are the seconds of an epoch. The first epoch of each worker is the warm-up and is
reported by itself, for it holds building, tracing and compiling. That all peers did the same job
is shown by their mean loss over the second epoch.
"""

from statistics import median
from typing import Any

from benchmarks.parts import data, figures, results, settings, workers
from benchmarks.parts.jobs import JOBS, QUICK_BATCHES, job_named
from benchmarks.parts.peers import OURS, PEERS, peers_for
from benchmarks.parts.rounds import Record, training
from benchmarks.parts.settings import Settings
from benchmarks.parts.targets import JAX_AGAINST_MAX, target

QUESTION = "is_the_captured_step_faster"
TOLD = ("tier", "threads", "kernel_share", "launch_share", "data_share", "verdict")


def measure(name: str, chosen: Settings) -> dict[str, Any]:
    """Runs one job with all peers and gathers the figures.

    Args:
        name: Name of the job.
        chosen: How much is measured.
    """
    job = job_named(name, batches=QUICK_BATCHES[name] if chosen.quick else None)
    records = training(name, chosen.chosen(peers_for(name)), chosen)
    peers = {record.peer: summary(record) for record in records}
    ours = peers[OURS]
    for figure in peers.values():
        if "laps" in figure and "laps" in ours:
            figure["ratio"] = figures.ratio(figure["laps"], ours["laps"])
    return {
        "title": job.title,
        "data": data.origin(job.data),
        "sizes": {"rows": job.rows, "batch": job.batch, "steps": -(-job.rows // job.batch)},
        "warm_up": "the first epoch of each worker",
        "losses": compare_losses(peers, job.tolerance),
        "peers": peers,
    }


def summary(record: Record) -> dict[str, Any]:
    """What one peer showed in all its turns."""
    about = {
        "title": PEERS[record.peer].title,
        "set": record.variant.label,
        "trials": record.trials,
        "failure": record.failure,
    }
    if not record.answers:
        return about
    laps = [answer["laps"] for answer in record.answers]
    firsts = [answer["first"] for answer in record.answers]
    return about | {
        "versions": record.answers[0]["versions"],
        "notes": record.answers[0]["notes"],
        "seconds": figures.spread(figures.flat(laps)),
        "laps": laps,
        "first_epoch": figures.spread(firsts),
        "once": max(0.0, median(firsts) - median(figures.flat(laps))),
        "loss": median(answer["losses"][1] for answer in record.answers),
    }


def compare_losses(peers: dict[str, Any], tolerance: float) -> dict[str, Any]:
    """Who ended elsewhere than the middle of all, by more than the tolerance."""
    losses = {name: figure["loss"] for name, figure in peers.items() if "loss" in figure}
    middle = median(losses.values()) if losses else 0.0
    apart = [n for n, loss in losses.items() if not abs(loss - middle) <= tolerance * middle]
    return {"middle": middle, "tolerance": tolerance, "apart": apart}


def report(name: str, result: dict[str, Any]) -> None:
    """Prints the table of a job."""
    apart = result["losses"]["apart"]
    rows = []
    for peer, figure in result["peers"].items():
        if "seconds" not in figure:
            reason = figure["failure"].splitlines()[-1][:60]
            rows.append([figure["title"], "failed", reason, "", "", "", ""])
            continue
        aim = target(peer, name)
        ratio = figure.get("ratio")
        rows.append(
            [
                figure["title"],
                figures.with_range(figure["seconds"], figures.seconds),
                "" if ratio is None else figures.with_range(ratio, figures.times),
                "" if ratio is None else figures.verdict(ratio["median"], aim),
                figures.seconds(figure["first_epoch"]["median"]),
                f"{figure['loss']:.4f}" + (" APART" if peer in apart else ""),
                figure["set"],
            ]
        )
    title = f"Job {name}: {result['title']} ({result['sizes']['rows']:,} rows, {result['data']})"
    columns = ["peer", "epoch", "theirs / ours", "aim", "first epoch", "loss", "set"]
    results.show(title, columns, rows)
    report_tiers(name, result["peers"])


def report_tiers(name: str, peers: dict[str, Any]) -> None:
    """Prints what Lamina says of itself, and the comparison with its compiled tier."""
    notes = peers[OURS].get("notes", {})
    told = [f"{key} {value}" for key, value in notes.items() if key in TOLD]
    print(f"Lamina says: {', '.join(told)}")
    for refusal in notes.get("refusals", []):
        print(f"  refused: {refusal}")
    pair = peers.get("jax", {}), peers.get("lamina-max", {})
    if name == "D" and all("laps" in figure for figure in pair):
        value = figures.ratio(pair[0]["laps"], pair[1]["laps"])["median"]
        verdict = figures.verdict(value, JAX_AGAINST_MAX)
        print(f'JAX by hand / Lamina with jit="max": {figures.times(value)} ({verdict})')


def main(arguments: list[str] | None = None) -> None:
    """Measures the jobs that were asked for."""
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    workers.prepare_data()
    for name in JOBS:
        if chosen.wants(name):
            results.heading(f"Job {name}")
            result = measure(name, chosen)
            report(name, result)
            print(f"written: {results.save(QUESTION, name, result, chosen).name}", flush=True)


if __name__ == "__main__":
    main()
