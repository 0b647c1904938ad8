"""What a run is asked for: one frozen record, its words checked and typed before anything is read.

What is left open is chosen by the data and the model, in `choosing`.
"""

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.core.names import shown, suggestion
from lamina.files.pictures import CHANNELS
from lamina.preflight.codes import CODES
from lamina.train.reviewing import MODES
from lamina.train.watch import checked_every

AUGMENTATIONS = ("auto", "none", "shift", "flip")
PRECISIONS = ("auto", "float32", "bfloat16")
JIT_WORDS = {"auto": "auto", "off": False, "max": "max"}
TASKS = ("classification", "regression")
KINDS = ("number", "boolean", "category", "date", "text", "ignored")
PASSING = ("out", "watch", "report")
"""Settings that say where a run goes and who looks on; a plan does not hold them."""
OPTIONS = (
    "target", "task", "model", "epochs", "batch_size", "learning_rate", "seed", "seeds", "device",
    "jit", "check", "every",
)  # fmt: skip
"""Settings that have an option of `lamina train`; the others are reached by --set."""


@dataclass(frozen=True)
class Settings:
    """What a run is asked for; what is `None` or "auto" is chosen by the data and the model.

    Args:
        source: Name in the catalogue, or path of a folder, archive, table or arrays.
        target: Column to predict, for tables.
        task: "classification" or "regression", where the labels leave it open.
        columns: Kinds of columns that are to be read otherwise than they look, by name.
        picture_size: Height and width of all pictures; their own, or the median, when `None`.
        color_mode: "grayscale", "rgb" or "rgba", for pictures.
        skip_bad_files: Whether files that are no pictures are left out, rather than an error.
        test_share: Share of the examples for the test, where the source has no test part.
        split_seed: Seed of the test part; other seeds leave it as it is.
        validation_share: Share of the training part that is watched, not learned from, where the
            source has no validation part of its own.
        model: Name of a preset, or "file.py:function" for a model of your own.
        width: What the presets' numbers of units and filters are multiplied by.
        dropout: Share of values dropped between layers.
        augment: "none", "shift" (pictures are moved a little) or "flip" (mirrored as well).
        precision: "float32", or "bfloat16" for the convolutions of cnn and resnet.
        epochs: Times each example is seen.
        batch_size: Examples in a training step.
        learning_rate: Largest step size; it rises in the warm-up and falls along a cosine.
        warmup: Share of the updates in which the learning rate rises.
        weight_decay: Share that weights shrink by in an update, times the learning rate.
        class_weight: "balanced" lets all classes weigh the same in the loss, however rare.
        label_smoothing: Share of the wanted probability that is spread over all classes.
        patience: Epochs without a better validation loss after which training stops and the best
            weights come back; never when `None`.
        seed: Seed of the weights, the validation part, the order and the noise.
        seeds: Number of runs, with seeds from `seed` on.
        device: "cpu", "cuda", "mps"; the fastest one when `None`.
        jit: "auto" for the captured step, "off" for the eager one, "max" to compile it.
        check: What findings lead to: "auto", "raise", "warn" or "off".
        ignore: Codes of findings to leave out.
        every: Steps, "epoch", or a time such as "60s" between checkpoints.
        out: Folder of the run; the next free one below `runs` when `None`.
        watch: Whether a page on this machine shows the run while it goes on.
        report: Whether report.html is written at the end.
    """

    source: str = ""
    target: str | None = None
    task: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    picture_size: tuple[int, int] | None = None
    color_mode: str | None = None
    skip_bad_files: bool = False
    test_share: float = 0.2
    split_seed: int = 1
    validation_share: float = 0.1
    model: str | None = None
    width: float = 1.0
    dropout: float | None = None
    augment: str = "auto"
    precision: str = "auto"
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    warmup: float | None = None
    weight_decay: float | None = None
    class_weight: str | None = None
    label_smoothing: float | None = None
    patience: int | None = None
    seed: int = 1
    seeds: int = 1
    device: str | None = None
    jit: str = "auto"
    check: str = "auto"
    ignore: tuple[str, ...] = ()
    every: str | int | None = None
    out: Path | None = None
    watch: bool = False
    report: bool = True

    def to_plan(self) -> dict[str, Any]:
        """What a plan file says: all that is decided, none of what passes with the run."""
        pairs = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in pairs.items()
            if key not in PASSING and value not in (None, (), {})
        }


_HINTS = typing.get_type_hints(Settings)
NAMES = tuple(_HINTS)
_WORDS: dict[str, tuple[str, ...]] = {
    "task": TASKS,
    "color_mode": tuple(CHANNELS),
    "augment": AUGMENTATIONS,
    "class_weight": ("balanced",),
    "precision": PRECISIONS,
    "jit": tuple(JIT_WORDS),
    "check": MODES,
}
_COUNTS = ("epochs", "batch_size", "patience", "seeds")
_SHARES = ("dropout", "warmup", "label_smoothing")
_NOUNS: dict[Any, tuple[str, str]] = {
    int: ("a whole number", "20"),
    float: ("a number", "0.1"),
    bool: ("true or false", "true"),
    str: ("text", '"auto"'),
    Path: ("a path", '"runs/first"'),
}
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


def make(values: Mapping[str, Any]) -> Settings:
    """Settings from values by name, each checked.

    Raises:
        ArgumentError: A name is unknown, or a value not possible; the message names it.
    """
    return check(Settings(**{name: _typed(name, value) for name, value in values.items()}))


def gather(*layers: Mapping[str, Any]) -> Settings:
    """Settings from several places, of which later ones win.

    Args:
        *layers: Values by name; kinds of columns are put together.

    Raises:
        ArgumentError: A name is unknown, or a value not possible; the message names it.
    """
    values: dict[str, Any] = {}
    for layer in layers:
        columns = {**values.get("columns", {}), **layer.get("columns", {})}
        values |= layer
        if columns:
            values["columns"] = columns
    return make(values)


def from_words(words: Iterable[str], *, drop: Iterable[str] = ()) -> dict[str, Any]:
    """Values by name from texts such as "epochs=3" or "columns.zip=category".

    Args:
        words: The texts.
        drop: Columns to leave out, as "columns.NAME=ignored" does.

    Raises:
        ArgumentError: A text has another form, its name is unknown, or its value of another kind.
    """
    found: dict[str, Any] = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or not name:
            raise ArgumentError(
                f"--set {shown(word)} is not possible.",
                expected="the name of a setting, = and its value.",
                fix="write for example --set epochs=20.",
            )
        key, _, column = name.strip().replace("-", "_").partition(".")
        if key == "columns" and column:
            column = name.strip().partition(".")[2]  # as it was written
            found["columns"] = {**found.get("columns", {}), column: text.strip()}
        else:
            found[_known(name.strip())] = _typed(_known(name.strip()), text.strip())
    dropped = dict.fromkeys(drop, "ignored")
    return {**found, "columns": {**found.get("columns", {}), **dropped}} if dropped else found


def check(settings: Settings) -> Settings:
    """Passes settings of which every one is possible, before anything is loaded.

    Raises:
        ArgumentError: One is not; the message names it.
    """
    if not settings.source:
        raise ArgumentError(
            "no source was named to train on.",
            expected="a data set of `lamina datasets`, a folder, an archive or a table.",
            fix="write for example lamina train digits.",
        )
    for name, words in _WORDS.items():
        if getattr(settings, name) is not None:
            checks.choice("train", name, getattr(settings, name), words)
    for name in _COUNTS:
        if getattr(settings, name) is not None:
            checks.positive_int("train", name, getattr(settings, name))
    for name in _SHARES:
        if getattr(settings, name) is not None:
            checks.rate("train", name, getattr(settings, name))
    _check_numbers(settings)
    for column, kind in settings.columns.items():
        checks.choice("train", f"columns.{column}", kind, KINDS)
    for code in settings.ignore:
        if code not in CODES:
            raise checks.refuse(
                "train",
                "ignore",
                code,
                expected="codes of findings, such as 'class-imbalance'.",
                fix=suggestion(str(code), CODES),
            )
    return settings


def _check_numbers(settings: Settings) -> None:
    checks.whole("train", "seed", settings.seed, high=2**32 - settings.seeds)
    checks.number("train", "width", settings.width, low=0.0, high=64.0, open_low=True, example=1.0)
    checks.whole("train", "split_seed", settings.split_seed, high=2**32 - 1)
    for name in ("test_share", "validation_share"):
        checks.number(
            "train", name, getattr(settings, name),
            low=0.0, high=1.0, open_low=True, open_high=True, example=0.1,
        )  # fmt: skip
    if settings.learning_rate is not None:
        checks.number(
            "train", "learning_rate", settings.learning_rate, low=0.0, open_low=True, example=0.001
        )
    if settings.weight_decay is not None:
        checks.number("train", "weight_decay", settings.weight_decay, low=0.0, example=0.01)
    checked_every(settings.every)


def _known(name: str) -> str:
    if name.replace("-", "_") in _HINTS:
        return name.replace("-", "_")
    raise ArgumentError(
        f"{shown(name)} is not a setting.",
        expected=f"one of {', '.join(sorted(NAMES))}.",
        fix=suggestion(name, NAMES),
    )


def _typed(name: str, value: Any) -> Any:
    """A value in the type of its setting; text from a command line is read as such."""
    hint = _HINTS[_known(name)]
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if name == "columns":
        return _mapping(value)
    if name == "picture_size":
        return _sizes(value)
    if name == "ignore":
        words = value.split(",") if isinstance(value, str) else value
        return tuple(words)
    if value is None or (value == "none" and type(None) in kinds):
        return None
    for kind in kinds:
        read = _read(kind, value)
        if read is not None:
            return read
    named = [kind for kind in kinds if kind in _NOUNS]
    wanted = " or ".join(_NOUNS[kind][0] for kind in named)
    raise checks.refuse(
        "train",
        name,
        value,
        expected=f"{name!r} as {wanted}.",
        fix=f"write for example {name} = {_NOUNS[named[0]][1]}.",
    )


def _read(kind: Any, value: Any) -> Any:
    """The value as one of a kind, or `None` where it is none of it."""
    is_text = isinstance(value, str)
    if kind is bool:
        return _TRUTHS.get(value.lower()) if is_text else value if isinstance(value, bool) else None
    if kind is int:
        return _number(int, value) if is_text or checks.is_whole(value) else None
    if kind is float:
        return _number(float, value) if is_text or checks.is_number(value) else None
    if kind is Path:
        return Path(value) if is_text or isinstance(value, Path) else None
    return value if kind is str and is_text else None


def _number(kind: type, value: Any) -> Any:
    try:
        return kind(value)
    except ValueError:
        return None


def _sizes(value: Any) -> tuple[int, int] | None:
    """Height and width from one number or two: 64, "64", "48x64" or [48, 64]."""
    if value is None or value == "none":
        return None
    parts = value.split("x") if isinstance(value, str) else value
    parts = [parts] if checks.is_whole(parts) else parts
    given = [_number(int, part) for part in parts] if isinstance(parts, (list, tuple)) else []
    if len(given) in (1, 2) and all(size is not None and size >= 1 for size in given):
        return (given[0], given[-1])
    raise checks.refuse(
        "train",
        "picture_size",
        value,
        expected="'picture_size' as one number of pixels, or height and width.",
        fix="write for example --set picture_size=64, or --set picture_size=48x64.",
    )


def _mapping(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping) and all(isinstance(kind, str) for kind in value.values()):
        return dict(value)
    raise ArgumentError(
        f"columns={shown(value)} is not possible.",
        expected="the kind of each column by its name.",
        fix="write for example --set columns.zip=category.",
    )
