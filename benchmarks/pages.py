"""Writes the figures of the study and of the recipes into the pages of the docs.

    python -m benchmarks.pages

A table stands between `<!-- figures: NAME -->` and `<!-- end of figures -->`; what surrounds it is
written by hand. A table whose results are missing says so.
"""

import re
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import how_far_can_it_go, what_does_a_convolution_keep
from benchmarks.how_far_can_it_go import DATA, ROWS
from benchmarks.parts import machine, results
from benchmarks.parts.places import ROOT

DOCS = ROOT / "docs"
STORY = DOCS / "how-far-can-it-go.md"
RECIPES = {"mlp": "mlp.md", "cnn_fast": "cnn-fast.md", "resnet": "resnet.md"}
MISSING = "Not measured yet: `make study` measures it."
_PLACE = re.compile(r"(<!-- figures: ([\w -]+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)

Rows = list[list[str]]


def grid(data: str) -> str:
    """The nets of the study on a source: size, cost, accuracy with its spread over the seeds."""
    part = _studies().get(data)
    if part is None:
        return MISSING
    rows = []
    for net, trials in _by_net(part["trials"]).items():
        kind, depth, width = net
        rows.append(
            [
                f"{kind} {depth} x {width}",
                f"{trials[0]['parameters']:,}",
                f"{trials[0]['multiply_adds']:,}",
                _range([trial["epochs"] for trial in trials]),
                f"{statistics.fmean(trial['seconds'] for trial in trials):.0f} s",
                _spread([trial["test_accuracy"] for trial in trials]),
            ]
        )
    columns = ["net", "parameters", "multiply-adds", "epochs", "trained", "test accuracy"]
    return f"{_table(columns, rows)}\n\n{_where(part)}"


def reasons(data: str) -> str:
    """What shuffled pixels and moved pictures do to the best net of each kind."""
    part = _studies().get(data)
    if part is None:
        return MISSING
    shifts = list(next(iter(part["reasons"].values()))["moved"])[1:]
    columns = ["best net", "as it is", "pixels shuffled", *(f"moved by {n}" for n in shifts)]
    rows = []
    for kind, found in part["reasons"].items():
        scores = [found["plain"], found["shuffled"], *(found["moved"][n] for n in shifts)]
        net = found["net"]
        name = f"{kind} {net['depth']} x {net['width']}"
        rows.append([name, *(f"{100 * score:.1f} %" for score in scores)])
    return _table(columns, rows)


def records() -> str:
    """The recipes with their targets."""
    return _recipes([row.name for row in ROWS], "target")


def one_recipe(name: str) -> str:
    """Every measured row of a recipe."""
    parts = _records()
    return _recipes([key for key, part in parts.items() if part["row"]["recipe"] == name], "epochs")


def by_hand() -> str:
    """The same net for the same seconds in plain torch."""
    rows = []
    for part in _records().values():
        if "by_hand" in part and "runs" in part:
            ours, theirs = part["runs"][0], part["by_hand"]
            for name, run in (("Lamina", ours), ("plain torch by hand", theirs)):
                rows.append(
                    [
                        f"{name}, {part['row']['minutes']:g} minutes, {run['threads']} thread(s)",
                        str(run["epochs"]),
                        f"{run['train_seconds']:.0f} s",
                        f"{100 * run['accuracy']:.2f} %",
                    ]
                )
    return _table(["cnn_fast, CIFAR-10 (JPEG copies)", "epochs", "trained", "test"], rows)


def _recipes(names: list[str], last: str) -> str:
    parts = {name: part for name in names if "runs" in (part := _records().get(name, {}))}
    if not parts:
        return MISSING
    targets = {row.name: row.target for row in ROWS}
    rows = []
    for name, part in parts.items():
        runs, row = part["runs"], part["row"]
        seconds = statistics.fmean(run["train_seconds"] for run in runs)
        before = statistics.fmean(run["preparation_seconds"] + run["load_seconds"] for run in runs)
        rows.append(
            [
                part["data"],
                f"`{row['recipe']}`" + "".join(f", {k}={v}" for k, v in row["settings"].items()),
                f"{seconds / 60:.1f} min (and {before:.0f} s before)",
                "/".join(sorted({str(run["threads"]) for run in runs})),
                _range([run["epochs"] for run in runs]),
                _spread([run["accuracy_one_view"] for run in runs]),
                f"**{_spread([run['accuracy'] for run in runs])}**",
                str(len(runs)),
            ]
        )
        if last == "target":
            rows[-1].append(f"{100 * targets[name]:g} % in {row['minutes']:g} min")
    columns = ["data", "recipe", "trained", "threads", "epochs", "one view", "views averaged"]
    columns += ["seeds"] + ["wanted"] * (last == "target")
    return f"{_table(columns, rows)}\n\n{_where(next(iter(parts.values())))}"


def _studies() -> dict[str, Any]:
    return results.load(what_does_a_convolution_keep.QUESTION).get("parts", {})


def _records() -> dict[str, Any]:
    return results.load(how_far_can_it_go.QUESTION).get("parts", {})


def _by_net(trials: list[dict[str, Any]]) -> dict[tuple[str, int, int], list[dict[str, Any]]]:
    found: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for trial in trials:
        net = trial["net"]
        found.setdefault((net["kind"], net["depth"], net["width"]), []).append(trial)
    return found


def _table(columns: list[str], rows: Rows) -> str:
    if not rows:
        return MISSING
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _spread(values: list[float]) -> str:
    mean = 100 * statistics.fmean(values)
    if len(values) == 1:
        return f"{mean:.2f} %"
    return f"{mean:.2f} ± {100 * statistics.stdev(values):.2f} %"


def _range(values: list[int]) -> str:
    low, high = min(values), max(values)
    return f"{low}" if low == high else f"{low} to {high}"


def _where(part: dict[str, Any]) -> str:
    here = part["machine"]
    return f"{machine.in_words(here)}; {machine.occasion(here)}; ± is the deviation over the seeds."


PARTS: dict[str, Callable[[], str]] = {
    **{f"grid {data}": partial(grid, data) for data in DATA},
    **{f"reasons {data}": partial(reasons, data) for data in DATA},
    **{f"recipe {name}": partial(one_recipe, name) for name in RECIPES},
    "records": records,
    "by hand": by_hand,
}


def filled(text: str) -> str:
    """A page with its tables made anew."""
    return _PLACE.sub(lambda m: f"{m[1]}{PARTS[m[2]]()}\n{m[3]}", text)


def main() -> None:
    """Writes all pages."""
    for path in (STORY, *(DOCS / "recipes" / name for name in RECIPES.values())):
        path.write_text(filled(path.read_text()))
        print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
