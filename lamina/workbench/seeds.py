"""The same run with several seeds, and how far their results lie apart."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import stdev
from typing import Any

from lamina.data.dataset import Dataset
from lamina.files import limits, read_json, write_text
from lamina.report import intervals
from lamina.train.run_folder import RunFolder
from lamina.workbench import choosing, parts, plan_file, resuming
from lamina.workbench.facts import facts_of
from lamina.workbench.one_run import RUNS, Voice, command_of, make_folder, run_on, stem_of
from lamina.workbench.settings import Settings
from lamina.workbench.telling import Say, score_words

NAME = "seeds.json"
FORMAT = "lamina seeds 1"
SHOWN = (("accuracy", "accuracy"), ("r2_score", "R2"), ("mae", "MAE"))


def run_all(dataset: Dataset, settings: Settings, voice: Voice) -> Path:
    """Makes a run for each seed, from `settings.seed` on, and compares them.

    The validation part, the weights, the order and the noise differ between runs; the test part
    is the same for all. Runs that have finished are not made again.

    Args:
        dataset: Not yet divided into what is learned from and what is watched.
        settings: What is asked for; checked.
        voice: How the runs speak.

    Returns:
        The folder that holds the run folders and seeds.json.

    Raises:
        ArgumentError: A setting does not suit the data, or the folder holds another run.
        DivergedError: A loss became NaN or infinite.
        StorageError: The folder cannot be written.
    """
    divided = parts.divide(dataset, settings.seed, settings.validation_share)
    facts = facts_of(divided)
    decided = choosing.decide(settings, facts)
    if settings.out is None:
        stem = stem_of(decided, facts.name, "-seeds")
        found = resuming.unfinished_seeds(RUNS, stem, decided, dataset.fingerprint)
        decided = replace(decided, out=found)
    if decided.out is not None and (decided.out / plan_file.NAME).is_file():
        folder = RunFolder(decided.out)
        voice.say(f"goes on with the runs in {folder.path}")
    else:
        folder = make_folder(decided, facts.name, "-seeds")
    hold = resuming.held_for_seeds(folder.path)
    try:
        return _run_each(dataset, settings, voice, replace(decided, out=folder.path), folder)
    finally:
        hold.release()


def _run_each(
    dataset: Dataset, settings: Settings, voice: Voice, decided: Settings, folder: RunFolder
) -> Path:
    plan_file.write(decided, folder.path / plan_file.NAME)
    runs: list[dict[str, Any]] = []
    for number in range(settings.seeds):
        seed = settings.seed + number
        voice.say(f"seed {seed}: {number + 1} of {settings.seeds}")
        own = replace(settings, seed=seed, seeds=1, out=folder.path / f"seed-{seed}")
        run_on(dataset, own, voice)
        runs.append(_outcome(seed, own.out or folder.path))
        voice.say("")
        is_last = number + 1 == settings.seeds
        _write(folder.path, command_of(decided), runs, "finished" if is_last else "running")
    _tell(spread_of([run["test"] for run in runs]), voice.say)
    return folder.path


def _outcome(seed: int, path: Path) -> dict[str, Any]:
    facts = read_json(path / "run.json", max_string_bytes=limits.MIB)
    results = facts["results"]
    return {
        "seed": seed,
        "folder": path.name,
        "seconds": facts.get("seconds"),
        "validation": results["validation"],
        "test": {k: v for k, v in results["test"].items() if isinstance(v, (int, float))},
    }


def spread_of(results: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Mean with its 95 % interval, standard deviation and range of each number, over several runs.

    Args:
        results: Numbers by name, one mapping a run, all with the same names.

    Example:
        >>> spread_of([{"r2": 0.5}, {"r2": 0.7}])["r2"]["mean"]
        0.6
    """
    found = {}
    for name in results[0]:
        values = [float(entry[name]) for entry in results]
        mean = intervals.of_mean(values)
        found[name] = {
            "mean": mean.value,
            "low": mean.low,
            "high": mean.high,
            "std": stdev(values) if len(values) > 1 else math.nan,
            "min": min(values),
            "max": max(values),
        }
    return found


def _write(path: Path, command: str, runs: list[dict[str, Any]], status: str) -> None:
    spread = spread_of([run["test"] for run in runs])
    finite = {
        name: {key: value if math.isfinite(value) else None for key, value in numbers.items()}
        for name, numbers in spread.items()
    }
    facts = {"format": FORMAT, "status": status, "command": command, "runs": runs, "test": finite}
    write_text(path / NAME, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def _tell(spread: Mapping[str, Mapping[str, float]], say: Say) -> None:
    for name, label in SHOWN:
        if name in spread:
            told = {key: score_words(name, value) for key, value in spread[name].items()}
            say(
                f"mean test {label:<9} {told['mean']} +- {told['std']}, "
                f"95 % interval {told['low']} to {told['high']}"
            )
