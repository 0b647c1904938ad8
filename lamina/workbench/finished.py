"""A finished run, or the file of a model, opened again for new examples."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.core.errors import ArgumentError, LoadError, StorageError
from lamina.core.names import shown, shown_path
from lamina.data.dataset import Schema
from lamina.files import limits, read_json
from lamina.models.model import Model
from lamina.models.saving import MODEL_ENDING, load_model
from lamina.report.reading import find, unusable
from lamina.report.wording import clean
from lamina.workbench import own_models
from lamina.workbench.keeping import MODEL, WEIGHTS, make_again


@dataclass(frozen=True)
class Trained:
    """A trained model that knows how an example is read.

    Args:
        model: The model.
        schema: How an example is read.
        path: What the user named: a run folder or the file of a model.
        facts: What run.json says; empty for the file of a model.
    """

    model: Model
    schema: Schema
    path: Path
    facts: dict[str, Any]

    @property
    def source(self) -> str:
        """What the model was trained on, as its user named it; empty where unknown."""
        record = getattr(self.model, "training_record", None)
        found: str = find(record, "settings", "source", default="")
        return found


def open_trained(
    path: str | Path, own: str | None = None, command: str = "lamina evaluate {run} SOURCE"
) -> Trained:
    """Loads the model of a run folder, or of a .lamina file, and how its examples are read.

    Args:
        path: A folder that `lamina train` made, or the file of a model.
        own: As for `open_model`.
        command: Likewise.

    Raises:
        ArgumentError: There is no model there, it needs code of the user's that was not named,
            or it does not say how an example is read.
        LoadError: A file is damaged.
        StorageError: There is no such file or folder.
    """
    place = Path(path).expanduser()
    model = open_model(path, own, command)
    known = getattr(model, "schema", None)
    if known is None:
        raise ArgumentError(
            f"{shown_path(path)} does not say how an example is read.",
            expected="a model that `lamina train` saved.",
            fix="read the examples in Python: lamina.models.load_model(path).predict(x).",
        )
    facts = read_facts(place) if place.is_dir() else {}
    return Trained(model, Schema.from_dict(known), place, facts)


def open_model(path: str | Path, own: str | None, command: str) -> Model:
    """Loads the model of a run folder, or of a .lamina file; runs no code that a file holds.

    A model that needs classes or functions of the user's is made again by a file that the user
    names in the same call, never by one that the record of the run names.

    Args:
        path: A folder that `lamina train` made, or the file of a model.
        own: "file.py:function" that made the model, where it needs code of the user's.
        command: What the user could type, with "{run}" for the path; messages complete it.

    Raises:
        ArgumentError: There is no model there, or it needs code of the user's that was not named.
        LoadError: A file is damaged.
        StorageError: There is no such file or folder.
    """
    place = Path(path).expanduser()
    facts = read_facts(place) if place.is_dir() else {}
    needed = find(facts, "model", "needs", default="")
    words = command.format(run=shlex.quote(str(path)))
    if own is not None:
        if not own_models.is_own(own):
            raise ArgumentError(
                f"--model {shown(own)} names no file of yours.",
                expected="the Python file and function that made the model; only a model with "
                "code of your own needs it.",
                fix=f"write for example {words} --model mine.py:build",
            )
        return make_again(place if (place / WEIGHTS).is_file() else model_file(place), own, facts)
    if needed:
        raise _needs_code(path, f"{words} --model {shlex.quote(clean(needed, 200))}", needed)
    try:
        model: Model = load_model(model_file(place), compile=False)
    except LoadError as error:
        if "custom_objects" not in error.expected:
            raise
        raise _needs_code(path, f"{words} --model FILE.py:FUNCTION") from error
    return model


def _needs_code(path: str | Path, command: str, made_by: str = "") -> ArgumentError:
    by = f"; {clean(made_by, 60)} made it" if made_by else ""
    return ArgumentError(
        f"the model of {shown_path(path, 60)} needs code of your own{by}.",
        expected="that code named in the command: no file is run that you do not name.",
        fix=command,
    )


def model_file(path: Path) -> Path:
    """The file of the model that a path leads to.

    Args:
        path: A run folder, or the file of a model.

    Raises:
        ArgumentError: The folder holds no model.
        StorageError: There is no such file or folder.
    """
    if not path.exists():
        raise StorageError(
            f"there is no run and no model at {shown_path(path)}.",
            expected=f"a run folder, or a file that ends in {MODEL_ENDING}.",
            fix="list the runs of a folder with `lamina runs FOLDER`.",
        )
    if not path.is_dir():
        return path
    for name in (MODEL, WEIGHTS):
        if (path / name).is_file():
            return path / name
    raise ArgumentError(
        f"{shown_path(path)} holds no model.",
        expected=f"a run folder with a {MODEL}, as `lamina train` leaves it.",
        fix=_what_to_do(path),
    )


def _what_to_do(path: Path) -> str:
    inner = sorted(child.name for child in path.iterdir() if (child / MODEL).is_file())
    if inner:
        return f"name one of the runs in it, for example {shown(str(path / inner[0]))}."
    if (path / "run.json").is_file():
        status = find(read_facts(path), "status", default="unknown")
        return f"train again: the run's status is {shown(status)}."
    return "list the runs of a folder with `lamina runs FOLDER`."


def read_facts(path: Path) -> dict[str, Any]:
    """What the run.json of a folder says; empty where there is none.

    Raises:
        LoadError: It is damaged.
    """
    file = path / "run.json"
    if not file.is_file():
        return {}
    facts = read_json(file, max_string_bytes=limits.MIB)
    if not isinstance(facts, dict):
        raise unusable(str(file), "it is no object.")
    return facts


def escaped(word: str) -> str:
    """A word as a shell takes it, within a command that `open_model` completes."""
    return shlex.quote(word).replace("{", "{{").replace("}", "}}")
