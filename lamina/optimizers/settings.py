"""Settings that every optimizer takes, and the refusals of impossible ones."""

from collections.abc import Mapping
from typing import Any, NoReturn, TypedDict

from torch import Tensor

from lamina.core import checks, configured, names
from lamina.core.errors import ArgumentError


class Settings(TypedDict, total=False):
    """Arguments that every optimizer takes, by name; `Optimizer` describes them."""

    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


def argument_names(kind: type) -> list[str]:
    """All arguments of an optimizer: its own, then those that all take."""
    own = [key for key in configured.argument_names(kind) if key not in Settings.__annotations__]
    return [*own, *Settings.__annotations__]


def optional(
    owner: object, name: str, value: Any, example: float, *, open_low: bool = True
) -> float | None:
    """Accepts `None` or a finite number from 0 (included unless `open_low`)."""
    if value is None:
        return None
    return checks.number(owner, name, value, low=0.0, open_low=open_low, example=example)


def refuse_old_names(optimizer: Any, old: dict[str, Any]) -> None:
    """Refuses arguments that no optimizer takes, those of older courses by name."""
    if old.get("decay", 0) is None:
        old.pop("decay")
    if not old:
        return
    word, value = next(iter(old.items()))
    if word == "lr":
        _refuse(optimizer, word, value, "the step size as 'learning_rate'", f"{value!r}")
    if word == "decay":
        schedule = f"keras.optimizers.schedules.InverseTimeDecay(0.001, 1, {value!r})"
        _refuse(optimizer, word, value, "a schedule as 'learning_rate'", schedule)
    known = argument_names(type(optimizer))
    raise ArgumentError(
        f"{type(optimizer).__name__} has no argument {word!r}.",
        expected=f"arguments among {', '.join(known)}.",
        fix=names.suggestion(word, known),
    )


def _refuse(optimizer: Any, word: str, value: Any, rule: str, instead: str) -> NoReturn:
    raise checks.refuse(
        optimizer,
        word,
        value,
        expected=f"{rule}; {word!r} belongs to older courses.",
        fix=f"pass learning_rate={instead}.",
    )


def refuse_two_clips(optimizer: Any) -> None:
    """Refuses two ways of clipping at once."""
    words = ("clipnorm", "clipvalue", "global_clipnorm")
    given = [word for word in words if getattr(optimizer, word) is not None]
    if len(given) > 1:
        raise ArgumentError(
            f"{type(optimizer).__name__} received {' and '.join(given)} together.",
            expected="at most one of clipnorm, clipvalue and global_clipnorm.",
            fix=f"keep {given[0]} and leave out {', '.join(given[1:])}.",
        )


def refuse_other_state(
    optimizer: Any, own: Mapping[str, Tensor], given: Mapping[str, Tensor]
) -> None:
    """Refuses a state with other names or shapes than the optimizer's own."""
    missing, unknown = sorted(own.keys() - given.keys()), sorted(given.keys() - own.keys())
    if missing or unknown:
        word = f"lacks {missing[0]!r}" if missing else f"has an entry {unknown[0]!r} too many"
        problem = f"{optimizer.name}.load_state() received a state that {word}."
    else:
        moved = [key for key in own if tuple(own[key].shape) != tuple(given[key].shape)]
        if not moved:
            return
        shapes = f"{tuple(given[moved[0]].shape)}, not {tuple(own[moved[0]].shape)}"
        problem = f"{optimizer.name}.load_state(): {moved[0]!r} has shape {shapes}."
    raise ArgumentError(
        problem,
        expected=f"the {len(own)} tensors that state() of this optimizer returns.",
        fix="build the optimizer on the same weights, with the same settings, before loading.",
    )
