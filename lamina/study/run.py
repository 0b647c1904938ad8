"""A study from a source to its page; what was trained once is never trained again."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, DataError, LoadError
from lamina.core.names import shown_path
from lamina.data.dataset import Dataset
from lamina.data.loading.entry import load
from lamina.files import limits, read_json, write_text
from lamina.models.saving import load_model
from lamina.recipes.examples import Examples
from lamina.study import page, reasons
from lamina.study.nets import Net
from lamina.study.plan import Plan, Settings, decide
from lamina.study.story import headline
from lamina.study.trials import Pictures, train
from lamina.train import circumstances

FORMAT = "lamina study 1"
RECORD = "study.json"
_VALIDATION_SHARE = 0.1
_KINDS = ("dense", "convolution")

Say = Callable[[str], Any]
"""Is told each line that a person should read."""


def carry_out(settings: Settings, *, say: Say) -> Path:
    """Trains the grid of nets on a source of pictures, looks for the reasons, writes the page.

    Args:
        settings: What is asked for. An unfinished study of the same plan in its folder goes on.
        say: Is told what happens, line by line.

    Returns:
        The folder: study.json, study.html, the best net of each kind.

    Raises:
        ArgumentError: A setting is not possible, or the folder holds something else.
        DataError: The source holds no pictures with classes.
        LoadError: A file is damaged.
        StorageError: The source cannot be read, or the folder not be written.
    """
    plan = decide(settings)
    dataset = load(settings.source, seed=1, say=say)
    pictures = _pictures(dataset, plan.seed)
    study = Study(settings, plan, dataset)
    say(
        f"study      {dataset.title}: {len(plan.nets)} nets with {len(plan.seeds)} seeds each, "
        f"{plan.seconds:.3g} s of training each"
    )
    if study.facts["trials"]:
        say(f"going on   {len(study.facts['trials'])} trainings are done already")
    _train_grid(study, pictures, say)
    _look_for_reasons(study, pictures, say)
    path = page.write(study.path)
    say(headline(study.facts))
    say(f"page       {path}")
    return study.path


class Study:
    """The record of a study, on the disk after each training.

    Args:
        settings: What was asked for.
        plan: What was decided.
        dataset: What it learns from.

    Attributes:
        path: Its folder.
        facts: What study.json says.
    """

    def __init__(self, settings: Settings, plan: Plan, dataset: Dataset) -> None:
        self.path = settings.out
        self.plan = plan
        self.facts: dict[str, Any] = {
            "format": FORMAT,
            "plan": plan.to_dict(),
            "data": {
                "name": dataset.name,
                "title": dataset.title,
                "source": dataset.source,
                "fingerprint": dataset.fingerprint,
                "input_shape": list(dataset.schema.input_shape or ()),
                "class_names": list(dataset.schema.class_names),
                "num_train": dataset.train.num_examples,
                "num_test": dataset.test.num_examples,
                "notes": list(dataset.notes),
            },
            "machine": circumstances.machine(),
            "versions": circumstances.versions(),
            "trials": [],
            "reasons": {},
        }
        self._go_on()

    def _go_on(self) -> None:
        record = self.path / RECORD
        if not record.is_file():
            if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
                raise ArgumentError(
                    f"{shown_path(self.path)} holds something already, but no study.",
                    expected="a new or empty folder, or that of an unfinished study.",
                    fix="choose another folder with --out.",
                )
            return
        earlier = read_record(self.path)
        new = json.loads(json.dumps({key: self.facts[key] for key in ("plan", "data")}))
        same = all(earlier.get(key) == new[key] for key in ("plan", "data"))
        if not same:
            raise ArgumentError(
                f"{shown_path(self.path)} holds a study of other nets, minutes or pictures.",
                expected="the same settings and the same pictures, to go on with it.",
                fix="choose another folder with --out, or pass what that study was asked for.",
            )
        self.facts |= {key: earlier[key] for key in ("trials", "reasons")}

    def write(self) -> None:
        """Puts study.json on the disk."""
        write_text(self.path / RECORD, json.dumps(self.facts, indent=1, allow_nan=False) + "\n")

    def trial_of(self, net: Net, seed: int) -> dict[str, Any] | None:
        """The record of a training, if it was done."""
        done = (t for t in self.facts["trials"] if t["net"] == net.to_dict() and t["seed"] == seed)
        return next(done, None)

    def best(self, kind: str) -> dict[str, Any]:
        """The training of a kind with the best validation accuracy."""
        trials = [trial for trial in self.facts["trials"] if trial["net"]["kind"] == kind]
        return max(trials, key=lambda trial: trial["validation_accuracy"])

    def model_path(self, kind: str) -> Path:
        """Where the best net of a kind is kept."""
        return self.path / f"{kind}.lamina"


def read_record(path: Path) -> dict[str, Any]:
    """What study.json in a folder says.

    Raises:
        LoadError: It is damaged, or no record of a study.
        StorageError: It cannot be read.
    """
    facts = read_json(path / RECORD, max_string_bytes=limits.MIB)
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise LoadError(
            f"{shown_path(path / RECORD)} is no record of a study.",
            expected=f"a JSON object of the format {FORMAT!r}.",
            fix="pass the folder of a study.",
        )
    return facts


def _pictures(dataset: Dataset, seed: int) -> Pictures:
    if dataset.schema.task != "classification" or isinstance(dataset.train.x, dict):
        raise DataError(
            f"{dataset.title} holds no pictures with classes.",
            expected="pictures: the study compares nets that see neighbours with nets that do not.",
            fix="pass fashion-mnist, cifar10, or a folder of pictures.",
        )
    learned = Examples.of(dataset, validation=_VALIDATION_SHARE, seed=seed)
    test_x = np.asarray(dataset.test.x).reshape(-1, *learned.input_shape)
    return Pictures(learned, test_x, np.asarray(dataset.test.y))


def _train_grid(study: Study, pictures: Pictures, say: Say) -> None:
    """Trains all nets with the first seed, then with the next, so that all are seen early."""
    todo = [
        (net, seed)
        for seed in study.plan.seeds
        for net in study.plan.nets
        if study.trial_of(net, seed) is None
    ]
    study.path.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    for place, (net, seed) in enumerate(todo):
        model, record = train(net, pictures, seconds=study.plan.seconds, seed=seed)
        study.facts["trials"].append(record)
        if study.best(net.kind) is record:
            model.save(study.model_path(net.kind))
        study.write()
        left = (time.perf_counter() - began) / (place + 1) * (len(todo) - place - 1)
        say(
            f"{net.name:<22} seed {seed}   {record['parameters']:>10,} parameters   "
            f"{record['epochs']:>3} epochs in {record['seconds']:>5.1f} s   "
            f"test accuracy {record['test_accuracy']:.4f}   {left / 60:.1f} min left"
        )


def _look_for_reasons(study: Study, pictures: Pictures, say: Say) -> None:
    """What shuffled pixels and moved pictures do to the best net of each kind."""
    found = study.facts["reasons"]
    shape = pictures.learned.input_shape
    transform = reasons.shuffled_pixels(shape[0], shape[1], study.plan.seed)
    shuffled = pictures.changed(transform)
    for kind in _KINDS:
        if kind in found:
            continue
        best = study.best(kind)
        net = Net(**best["net"])
        _, record = train(net, shuffled, seconds=study.plan.seconds, seed=best["seed"])
        model = load_model(study.model_path(kind))
        moved = reasons.accuracy_when_moved(model, pictures.test_x, pictures.test_y)
        weights = reasons.first_weights(model, shape)
        found[kind] = {
            "net": best["net"],
            "seed": best["seed"],
            "plain": best["test_accuracy"],
            "shuffled": record["test_accuracy"],
            "shuffled_epochs": record["epochs"],
            "moved": {str(pixels): score for pixels, score in moved.items()},
            "weights": {"shape": list(weights.shape), "values": weights.reshape(-1).tolist()},
        }
        study.write()
        say(
            f"{net.name:<22} pixels shuffled: {record['test_accuracy']:.4f} instead of "
            f"{best['test_accuracy']:.4f}; moved by 2 pixels: {moved[2]:.4f}"
        )
