"""How far can it go? Accuracy of the recipes after some minutes, over several seeds.

    python -m benchmarks.how_far_can_it_go                                  every row, three seeds
    python -m benchmarks.how_far_can_it_go --recipe cnn_fast --minutes 10   one row of one's own
    python -m benchmarks.how_far_can_it_go --recipe cnn_fast --by-hand      the same in plain torch

Each seed is a process of its own. Without --choose the net learns from all training pictures and
the test pictures are asked once, at the end; with it a tenth is kept back and the test is not read.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.parts import machine, results
from benchmarks.parts.places import CACHE, RESULTS, ROOT, cifar_pictures

QUESTION = "how_far_can_it_go"
DATA = {"cifar10": "CIFAR-10 (JPEG copies)", "fashion-mnist": "Fashion-MNIST"}
HELD_BACK = 0.1
BY_HAND = ("cnn_fast",)  # recipes that stand in plain torch beside ours


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        data: Key of DATA.
        recipe: Module of lamina.recipes.
        minutes: How long its updates may take.
        target: Accuracy that is wanted.
        settings: Arguments of the recipe's `train` that differ from its own.
        epochs: Epochs instead of minutes; 0 for as many as fit.
    """

    data: str
    recipe: str
    minutes: float
    target: float = 0.0
    settings: dict[str, Any] = field(default_factory=dict)
    epochs: int = 0

    @property
    def name(self) -> str:
        """What the row is called in the results."""
        extent = f"{self.epochs} epochs" if self.epochs else f"{self.minutes:g} minutes"
        changed = "".join(f" {key}={value}" for key, value in self.settings.items())
        return f"{self.data} {self.recipe} {extent}{changed}"


ROWS = (
    Row("cifar10", "mlp", 3, 0.55),
    Row("cifar10", "mlp", 10, 0.62),
    Row("cifar10", "cnn_fast", 10, 0.88),
    Row("cifar10", "cnn_fast", 30, 0.91),
    Row("fashion-mnist", "mlp", 3, 0.905, {"shift": 1}),
    Row("fashion-mnist", "cnn_fast", 15, 0.94),
)


def one_seed(row: Row, seed: int, *, is_choice: bool) -> dict[str, Any]:
    """Trains once and asks once; runs in a process of its own."""
    import lamina  # noqa: PLC0415  (the program that starts the others needs NumPy only)
    from lamina.recipes import accuracy  # noqa: PLC0415

    began = time.perf_counter()
    data = lamina.data.load(source_of(row.data))
    loading = time.perf_counter() - began
    settings = {key: _tuple(value) for key, value in row.settings.items()}
    extent = {"epochs": row.epochs} if row.epochs else {"minutes": row.minutes}
    cpu = time.process_time()
    outcome = import_module(f"lamina.recipes.{row.recipe}").train(
        data, seed=seed, validation=HELD_BACK if is_choice else 0.0, verbose=2, **extent, **settings
    )
    cpu = time.process_time() - cpu
    plain = mean = outcome.validation_accuracy
    if not is_choice:
        mean = accuracy(outcome.model, data.test.x, data.test.y, augment=outcome.views)
        plain = accuracy(outcome.model, data.test.x, data.test.y)
    return {
        "seed": seed,
        "asked": "validation" if is_choice else "test",
        "accuracy": mean,
        "accuracy_one_view": plain,
        "epochs": outcome.epochs,
        "policy": outcome.policy,
        "tier": outcome.history.tier,
        "threads": outcome.history.speed.threads,
        "train_seconds": outcome.train_seconds,
        "preparation_seconds": outcome.preparation_seconds,
        "load_seconds": loading,
        "cpu_seconds": cpu,
        "parameters": outcome.model.count_params(),
    }


def source_of(data: str) -> Any:
    """What `lamina.data.load` takes: a folder tree of JPEGs where there is one, or the name."""
    return (cifar_pictures() if data == "cifar10" else None) or data


def by_hand(row: Row) -> dict[str, Any]:
    """The same net, pictures and seconds in plain torch, once, without any part of Lamina."""
    import numpy as np  # noqa: PLC0415

    import lamina  # noqa: PLC0415

    path = CACHE / f"{row.data}.npz"
    if not path.exists():
        data = lamina.data.load(source_of(row.data))
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {"x_train": data.train.x, "x_test": data.test.x}
        arrays = {name: x if x.ndim == 4 else x[..., None] for name, x in arrays.items()}
        np.savez(path, y_train=data.train.y, y_test=data.test.y, **arrays)
    words = ["-m", f"benchmarks.peers.torch_{row.recipe}", str(path), "--minutes", f"{row.minutes}"]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1]) | {"machine": machine.describe()}


def measure(row: Row, seeds: int, *, is_choice: bool) -> dict[str, Any]:
    """Runs a row with several seeds, one process after the other."""
    runs = []
    for seed in range(seeds):
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
        words = ["--one-seed", str(seed), "--row", json.dumps(asdict(row))]
        command = [sys.executable, "-m", f"benchmarks.{QUESTION}", *words]
        done = subprocess.run(
            command + ["--choose"] * is_choice,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        runs.append(json.loads(done.stdout.splitlines()[-1]) | {"load_before": load})
        print(f"{row.name}, seed {seed}: {runs[-1]['accuracy']:.4f}", flush=True)
    return {
        "row": asdict(row),
        "data": DATA[row.data],
        "asked": "validation" if is_choice else "test",
        "machine": machine.describe(),
        "versions": {name: version(name) for name in ("torch", "numpy")},
        "accuracy": _spread([run["accuracy"] for run in runs]),
        "accuracy_one_view": _spread([run["accuracy_one_view"] for run in runs]),
        "train_seconds": _spread([run["train_seconds"] for run in runs]),
        "preparation_seconds": _spread([run["preparation_seconds"] for run in runs]),
        "load_seconds": _spread([run["load_seconds"] for run in runs]),
        "runs": runs,
    }


def save(name: str, content: dict[str, Any], *, is_choice: bool) -> Path:
    """Puts one row's result beside the others; choices have a file of their own in the cache."""
    path = (CACHE / "choices" if is_choice else RESULTS) / f"{QUESTION}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = json.loads(path.read_text()) if path.exists() else {"question": QUESTION, "parts": {}}
    whole["parts"][name] = whole["parts"].get(name, {}) | content
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    return path


def report(parts: list[dict[str, Any]]) -> None:
    """Prints the table."""
    columns = ["data", "recipe", "epochs", "accuracy", "one view", "target", "train", "prepare"]
    rows = [
        [
            part["data"],
            part["row"]["recipe"],
            "/".join(sorted({str(run["epochs"]) for run in part["runs"]})),
            _in_words(part["accuracy"], ".4f"),
            _in_words(part["accuracy_one_view"], ".4f"),
            f"{part['row']['target']:g}",
            _in_words(part["train_seconds"], ".0f") + " s",
            _in_words(part["preparation_seconds"], ".0f") + " s",
        ]
        for part in parts
    ]
    results.show("how far it goes: mean ± deviation over seeds", columns, rows)


def main(arguments: list[str] | None = None) -> None:
    """Measures the rows that were asked for."""
    given = _given(arguments)
    if given.one_seed is not None:
        row = Row(**json.loads(given.row))
        print(json.dumps(one_seed(row, given.one_seed, is_choice=given.choose)))
        return
    rows = ROWS
    if given.recipe:
        settings = json.loads(given.settings)
        row = Row(given.data, given.recipe, given.minutes, 0.0, settings, given.epochs)
        rows = (next((known for known in ROWS if known.name == row.name), row),)
    results.heading("How far can it go?")
    if given.by_hand:
        for row in (row for row in rows if row.recipe in BY_HAND):
            found = by_hand(row)
            save(row.name, {"by_hand": found}, is_choice=False)
            print(f"{row.name}, plain torch by hand: {found['accuracy']:.4f}", flush=True)
        return
    parts = []
    for row in rows:
        parts.append(measure(row, given.seeds, is_choice=given.choose))
        path = save(row.name, parts[-1], is_choice=given.choose)
    report(parts)
    print(f"written: {path.name}", flush=True)


def _given(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", choices=DATA, default="cifar10")
    parser.add_argument("--recipe", help="mlp, cnn_fast or resnet; all rows when left out")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--epochs", type=int, default=0, help="instead of minutes")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--settings", default="{}", help="arguments of the recipe, as JSON")
    parser.add_argument("--choose", action="store_true", help="ask a validation part, not the test")
    parser.add_argument(
        "--by-hand", action="store_true", help="plain torch, once, for the same minutes"
    )
    parser.add_argument("--one-seed", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--row", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _spread(values: list[float]) -> dict[str, Any]:
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return {"mean": statistics.fmean(values), "deviation": deviation, "count": len(values)}


def _in_words(spread: dict[str, Any], form: str) -> str:
    mean = format(spread["mean"], form)
    return mean if spread["deviation"] is None else f"{mean} ± {format(spread['deviation'], form)}"


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


if __name__ == "__main__":
    main()
