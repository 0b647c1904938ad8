"""Writes the table of the README from the results, between its two markers.

    python -m benchmarks.table

Ratios only, with their range over the rounds; a job that was not measured has no column.
"""

import sys
from pathlib import Path
from typing import Any

from benchmarks import (
    how_fast_is_one_prediction,
    how_long_until_the_first_epoch_ends,
    is_the_captured_step_faster,
)
from benchmarks.parts import figures, machine, results
from benchmarks.parts.jobs import JOBS
from benchmarks.parts.peers import OURS, PEERS
from benchmarks.parts.places import ROOT
from benchmarks.parts.targets import COLUMNS

BEGIN = "<!-- benchmarks: written by python -m benchmarks.table -->"
END = "<!-- end of benchmarks -->"
README = ROOT / "README.md"
SOURCES = {
    **dict.fromkeys(JOBS, is_the_captured_step_faster.QUESTION),
    "E": how_fast_is_one_prediction.QUESTION,
    "F": how_long_until_the_first_epoch_ends.QUESTION,
}
MEANINGS = {
    **{name: job.title for name, job in JOBS.items()},
    "E": "predict one row",
    "F": "from the start of the process to the end of A's first epoch",
}


def compose() -> str:
    """The table with what it means, in Markdown; empty without results."""
    parts = {name: part for name in COLUMNS if (part := part_of(name))}
    if not parts:
        return ""
    lines = [
        "How many times as long as Lamina the others take (ratio of medians, with its range over "
        "the rounds):",
        "",
        "| | " + " | ".join(parts) + " |",
        "|---" * (len(parts) + 1) + "|",
        "| Lamina itself | " + " | ".join(own(name, part) for name, part in parts.items()) + " |",
    ]
    for peer, about in PEERS.items():
        cells = [cell(name, part, peer) for name, part in parts.items()]
        if about.counts and peer != OURS and any(cells):
            lines.append(f"| {about.title} | " + " | ".join(c or "-" for c in cells) + " |")
    meanings = [f"**{name}** {MEANINGS[name]}" for name in parts]
    return "\n".join([*lines, "", ". ".join(meanings) + ".", "", *footing(parts)])


def footing(parts: dict[str, Any]) -> list[str]:
    """On which machine, with which versions, from which files."""
    machines = sorted({machine.in_words(part["machine"]) for part in parts.values()})
    occasions = sorted({machine.occasion(part["machine"]) for part in parts.values()})
    versions: dict[str, str] = {}
    for part in parts.values():
        for figure in part["peers"].values():
            versions.update(figure.get("versions", {}))
    files = sorted({SOURCES[name] for name in parts})
    listed = ", ".join(f"[{name}](benchmarks/results/{name}.json)" for name in files)
    named = ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
    return [
        f"Measured on {'; '.join(machines)} ({'; '.join(occasions)}).",
        f"Versions: {named}.",
        f"Figures: {listed}.",
    ]


def part_of(name: str) -> dict[str, Any]:
    """The result of one job; empty where it was not measured."""
    return results.load(SOURCES[name]).get("parts", {}).get(name, {})


def own(name: str, part: dict[str, Any]) -> str:
    """Our own time in a job."""
    figure = figure_of(name, part, OURS)
    return figures.seconds(figure["seconds"]["median"]) if "seconds" in figure else "failed"


def cell(name: str, part: dict[str, Any], peer: str) -> str:
    """The ratio of a peer with its range, or nothing."""
    ratio = figure_of(name, part, peer).get("ratio")
    if ratio is None:
        return ""
    lowest, highest = figures.times(ratio["min"]), figures.times(ratio["max"])
    return f"**{figures.times(ratio['median'])}** ({lowest} to {highest})"


def figure_of(name: str, part: dict[str, Any], peer: str) -> dict[str, Any]:
    """Where a peer's seconds and ratio stand in a job."""
    figure = part["peers"].get(peer, {})
    return figure.get("one_row", {}) if name == "E" else figure


def write(path: Path = README) -> None:
    """Puts the table between the markers of a file; says so where there are none."""
    text = path.read_text() if path.exists() else ""
    if BEGIN not in text or END not in text:
        print(f"{path.name} has no markers; the table would be:\n\n{compose()}", file=sys.stderr)
        return
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n{compose()}\n{END}{after}")


if __name__ == "__main__":
    write()
