"""Where does the time of a captured step go? Each kernel's share, and what lies outside of them.

    python -m benchmarks.where_does_the_time_go [--only A,D]

"Outside" is the wall time of a step less that of its kernel calls, and the launch price is what as
many calls cost that have nothing to compute.
"""

import json
from statistics import median
from typing import Any

from benchmarks.parts import figures, results, settings, workers
from benchmarks.parts.jobs import JOBS
from benchmarks.parts.settings import Settings
from benchmarks.parts.workers import output_of

QUESTION = "where_does_the_time_go"
SHOWN = 8


def measure(job: str, chosen: Settings) -> dict[str, Any]:
    """Profiles a job in processes of its own; medians over the rounds."""
    runs = []
    for _ in range(chosen.rounds):
        text = output_of("torch", ["-m", "benchmarks.peers.lamina_profile", job], {})
        runs.append(json.loads(text.splitlines()[-1]))
    first = runs[0]
    names = [one["kernel"] for one in first["kernels"]]
    seconds = {
        name: median(
            one["seconds"] for run in runs for one in run["kernels"] if one["kernel"] == name
        )
        for name in names
    }
    step = median(run["seconds_a_step"] for run in runs)
    launches = first["calls_a_step"] * median(run["seconds_per_empty_call"] for run in runs)
    return {
        "title": JOBS[job].title,
        "threads": first["threads"],
        "tier": first["tier"],
        "rounds": len(runs),
        "seconds_a_step": figures.spread([run["seconds_a_step"] for run in runs]),
        "calls_a_step": first["calls_a_step"],
        "outside_share": max(0.0, 1 - sum(seconds.values()) / step),
        "launch_share": launches / step,
        "kernels": [one | {"seconds": seconds[one["kernel"]]} for one in first["kernels"]],
    }


def report(job: str, result: dict[str, Any]) -> None:
    """Prints the largest kernels with their share of the step."""
    step = result["seconds_a_step"]["median"]
    kernels = sorted(result["kernels"], key=lambda one: -one["seconds"])
    rows = [
        [
            one["kernel"],
            str(one["calls"]),
            figures.seconds(one["seconds"]),
            share(one["seconds"] / step),
        ]
        for one in kernels[:SHOWN]
    ]
    rest = sum(one["seconds"] for one in kernels[SHOWN:])
    rows.append(
        [
            "others",
            str(sum(one["calls"] for one in kernels[SHOWN:])),
            figures.seconds(rest),
            share(rest / step),
        ]
    )
    rows.append(["outside of kernel calls", "", "", share(result["outside_share"])])
    rows.append(
        ["(price of the launches)", str(result["calls_a_step"]), "", share(result["launch_share"])]
    )
    title = (
        f"{job}: {result['title']}; {figures.seconds(step)} a step, {result['threads']} thread(s)"
    )
    results.show(title, ["kernel", "calls", "time", "share"], rows)


def share(part: float) -> str:
    """A share in per cent."""
    return f"{100 * part:.1f} %"


def main(arguments: list[str] | None = None) -> None:
    """Profiles the jobs that were asked for."""
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    workers.prepare_data()
    results.heading("Where does the time of a captured step go?")
    for job in JOBS:
        if chosen.wants(job):
            result = measure(job, chosen)
            report(job, result)
            results.save(QUESTION, job, result, chosen)


if __name__ == "__main__":
    main()
