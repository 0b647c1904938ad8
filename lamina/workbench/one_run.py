"""One run from a loaded data set to a tested model in a run folder.

What it leaves to others: models (presets), choices (choosing), the loop (training), what is said
(telling), pages (report).
"""

import shlex
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from lamina.core import names
from lamina.core.errors import LaminaError
from lamina.data.dataset import Dataset
from lamina.models.model import Model
from lamina.preflight import PreflightError
from lamina.report import evidence, intervals, page, scoring
from lamina.report.records import Evidence
from lamina.train import circumstances, run_folder
from lamina.train.history import History
from lamina.train.run_folder import RunFolder
from lamina.workbench import (
    choosing,
    keeping,
    own_models,
    parts,
    plan_file,
    resuming,
    telling,
    training,
)
from lamina.workbench.facts import DataFacts, facts_of
from lamina.workbench.settings import OPTIONS, PASSING, Settings
from lamina.workbench.telling import Say
from lamina.workbench.training import DivergedError

RUNS = Path("runs")
_SCORES = {"r2_score": "r2", "mae": "mae"}


@dataclass(frozen=True)
class Voice:
    """How a run speaks while it goes on.

    Args:
        say: Is told each line that a person should read.
        verbose: What `Model.fit` shows: 0 for nothing.
    """

    say: Say
    verbose: Any = "auto"


def run_on(dataset: Dataset, settings: Settings, voice: Voice) -> Path:
    """Trains and tests a model on a loaded data set, and leaves everything in a run folder.

    Args:
        dataset: Not yet divided into what is learned from and what is watched.
        settings: What is asked for; checked.
        voice: How the run speaks.

    Returns:
        The run folder.

    Raises:
        ArgumentError: A setting does not suit the data, or the folder holds another run.
        DivergedError: The loss became NaN or infinite.
        StorageError: The folder cannot be written.
    """
    divided = parts.divide(dataset, settings.seed, settings.validation_share)
    facts = facts_of(divided)
    decided = choosing.decide(settings, facts)
    if settings.out is None:
        decided = replace(decided, out=_left_over(decided, facts.name, dataset.fingerprint, voice))
    earlier = resuming.find(decided.out)
    if earlier is not None:
        resuming.compare(earlier, decided, dataset.fingerprint)
        if earlier.has_finished:
            voice.say(f"{earlier.path} holds this run already; it has finished")
            _tell_end(earlier.open(), voice.say)
            return earlier.path
    names.clear()  # so that layers have the same names in every run
    model = training.make_model(decided, facts, divided)
    folder = make_folder(decided, facts.name) if earlier is None else earlier.open()
    hold = resuming.held(folder.path)
    try:
        _begin(folder, replace(decided, out=folder.path), facts, divided, voice, model, earlier)
    finally:
        hold.release()
    return folder.path


def _left_over(decided: Settings, name: str, fingerprint: str, voice: Voice) -> Path | None:
    """The folder of the same run, where it was stopped before; that run is gone on with."""
    found = resuming.unfinished(RUNS, stem_of(decided, name), decided, fingerprint)
    if found is not None:
        voice.say(f"{found} holds this run, unfinished; --out NEW would begin another one")
    return found


def _begin(
    folder: RunFolder,
    decided: Settings,
    facts: DataFacts,
    divided: Dataset,
    voice: Voice,
    model: Model,
    earlier: resuming.Earlier | None,
) -> None:
    """Notes what the run is, then trains, tests and reports."""
    plan_file.write(decided, folder.path / plan_file.NAME)
    folder.note(
        command=command_of(decided),
        settings={name: getattr(decided, name) for name in _names()},
        data=parts.described(divided),
        model=_model_of(decided, model),
        machine=circumstances.machine(),
        versions=circumstances.versions(),
    )
    if earlier is not None:
        voice.say(f"goes on with the run in {folder.path}")
    telling.introduce(divided, model, decided, voice.say)
    _Run(decided, facts, divided, folder, voice).go(model)


def _model_of(decided: Settings, model: Model) -> dict[str, Any]:
    known = {"name": decided.model, "parameters": model.count_params()}
    code = own_models.code_of(decided.model or "")
    return known if code is None else {**known, "code": code}


def make_folder(decided: Settings, name: str, ending: str = "") -> RunFolder:
    """The folder that was asked for, or the next free one below `runs`.

    Args:
        decided: With nothing left open.
        name: Name of the data.
        ending: What the name of the folder has after data and model.
    """
    if decided.out is not None:
        return run_folder.create(decided.out)
    return run_folder.create_next(RUNS, stem_of(decided, name, ending))


def stem_of(decided: Settings, name: str, ending: str = "") -> str:
    """What the folders of runs of some data with some model are called, before their number.

    Args:
        decided: With nothing left open.
        name: Name of the data.
        ending: What the name of the folder has after data and model.
    """
    model = Path((decided.model or "").partition(":")[0]).stem
    return f"{name}-{model}{ending}"


def _names() -> list[str]:
    return [entry.name for entry in fields(Settings)]


def command_of(settings: Settings) -> str:
    """The shell command that repeats a run, its results included, in another folder.

    Args:
        settings: With nothing left open.
    """
    usual = Settings()
    words = ["lamina", "train", settings.source]
    for name in _names():
        value = getattr(settings, name)
        if name in ("source", *PASSING) or value == getattr(usual, name):
            continue
        if name == "columns":
            words += [w for key, kind in value.items() for w in ("--set", f"columns.{key}={kind}")]
        elif name in OPTIONS:
            words += [f"--{name.replace('_', '-')}", str(value)]
        else:
            joint = "x" if name == "picture_size" else ","
            text = joint.join(map(str, value)) if isinstance(value, tuple) else str(value)
            words += ["--set", f"{name}={text}"]
    return shlex.join([*words, "--out", f"{settings.out}-again"])


class _Run:
    """The part of a run in which something can go wrong or stop it; its record says which."""

    def __init__(
        self,
        settings: Settings,
        facts: DataFacts,
        dataset: Dataset,
        folder: RunFolder,
        voice: Voice,
    ) -> None:
        self.settings, self.facts, self.dataset = settings, facts, dataset
        self.folder, self.voice = folder, voice
        self.started = time.perf_counter()

    def go(self, model: Model) -> None:
        """Trains, tests, saves and draws; notes how it ended in any case."""
        try:
            history = self._fit(model)
            self._complete("finished", model, history)
        except LaminaError as error:
            status = "diverged" if isinstance(error, DivergedError) else "failed"
            findings = error.findings if isinstance(error, PreflightError) else []
            self.folder.end(status, problem=error.problem, findings=_plain(findings))
            raise
        except (KeyboardInterrupt, SystemExit) as stop:
            self._interrupted(model, stop)
            raise

    def _fit(self, model: Model) -> History:
        folder = self.folder
        checkpoints = folder.path / resuming.CHECKPOINTS
        return training.fit(
            model, self.settings, self.dataset, checkpoints, folder.history_path, self.voice.verbose
        )

    def _complete(self, status: str, model: Model, history: History) -> None:
        """Tests a model, saves it and everything that is known of it."""
        folder, say = self.folder, self.voice.say
        model = training.finished(model, self.settings, self.facts)
        tested = training.test(model, history, self.dataset)
        self._remember(model, tested.results)
        is_plain = keeping.keep(model, folder, self.settings.model or "")
        facts = {
            "results": tested.results,
            "findings": _plain(history.findings),
            "seconds": round(time.perf_counter() - self.started, 3),
            "speed": training.speed_of(history),
        }
        folder.note(**facts, weights=training.kept_of(history))
        seen = evidence.collect(model, self.dataset, folder=folder.path, say=say)
        tested.results["test"]["intervals"] = intervals_of(seen)
        tested.results["constant"] = constant_of(seen)
        folder.end(status, results=tested.results)
        if self.settings.report:
            page.write(folder.path, model=None if is_plain else model)
        say(f"trained and tested in {time.perf_counter() - self.started:.1f} s")
        _tell_end(folder, say)

    def _remember(self, model: Model, results: dict[str, Any]) -> None:
        """Lets the model's file say what it was trained on and how an example is read."""
        schema = self.dataset.schema
        model.schema = schema.to_dict()
        model.class_names = list(schema.class_names) or None
        model.column_names = [c.name for c in schema.columns if c.kind != "ignored"] or None
        model.data_fingerprint = self.dataset.fingerprint
        model.training_record = {
            "settings": self.settings.to_plan(),
            "results": results,
            "versions": circumstances.versions(),
        }

    def _interrupted(self, model: Model, stop: BaseException) -> None:
        """Ctrl-C ends with a tested model where anything was learned; SIGTERM ends at once."""
        self.folder.end("interrupted")
        is_asked = isinstance(stop, KeyboardInterrupt) or getattr(stop, "code", None) == 130
        history = model.__dict__.get("history")
        if is_asked and history is not None and history.epoch:
            self.voice.say("interrupted; testing what was learned so far")
            self._complete("interrupted", model, history)
        self.voice.say(
            f"interrupted; what was done so far is in {self.folder.path}, "
            "and the same command goes on with it"
        )


def intervals_of(seen: Evidence) -> dict[str, list[float]]:
    """The 95 % intervals of a test, low and high, by the name of the number.

    Args:
        seen: What was seen on the test part.
    """
    if seen.y is None:
        return {}
    if seen.is_classification:
        right = int((seen.predicted.argmax(axis=1) == seen.y).sum())
        found = {"accuracy": intervals.wilson(right, len(seen.y))}
    else:
        scores = scoring.regression_scores(seen.y, seen.predicted)
        found = {name: scores[key] for name, key in _SCORES.items()}
    return {name: [interval.low, interval.high] for name, interval in found.items()}


def constant_of(seen: Evidence) -> dict[str, Any]:
    """What the best answer that looks at no example reaches: a class, or the mean of training.

    Args:
        seen: What was seen on the test part.
    """
    if seen.y is None or not len(seen.y):
        return {}
    if seen.is_classification:
        same = float((seen.y == int(seen.constant)).mean())
        return {"answer": seen.schema.class_names[int(seen.constant)], "accuracy": same}
    return {"answer": seen.constant, "mae": float(abs(seen.y - seen.constant).mean())}


def _plain(findings: Any) -> list[dict[str, Any]]:
    return [finding.to_dict() for finding in findings]


def _tell_end(folder: RunFolder, say: Say) -> None:
    telling.conclude(folder.facts, folder.path, say)
