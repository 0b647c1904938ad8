"""Says whether the document of a checkpoint has the parts and types that one of ours has.

A checkpoint whose checksum is right can still have been written by somebody else.
"""

from typing import Any

from lamina.core.errors import LoadError
from lamina.core.names import shown
from lamina.train.checkpoint import Saved
from lamina.train.snapshot import FORMAT

_LARGEST = 2**53
_PLACES = ("epoch", "step", "done")
_PLANNED_AHEAD = 1 << 16  # as many updates as are computed at once before an epoch begins


def checked(saved: Saved | None) -> Saved | None:
    """Passes a checkpoint from which a run can go on.

    Raises:
        LoadError: A part is missing or of another type.
    """
    if saved is None:
        return None
    document = saved.document
    if document.get("format") != FORMAT:
        raise _refused(saved, "the format", document.get("format"))
    for name, fits in _TESTS.items():
        if not fits(document.get(name)):
            raise _refused(saved, repr(name), document.get(name))
    return saved


def check_terms(saved: Saved, step: int, steps: int | None) -> None:
    """Passes a place inside an epoch, and numbers planned for no more updates than it can have.

    Args:
        saved: The checkpoint.
        step: Steps made in the epoch.
        steps: Steps of the epoch; `None` where nobody knows.

    Raises:
        LoadError: The epoch is over before that place, or memory would be taken for nothing.
    """
    if steps is not None and step > steps:
        raise _refused(saved, f"the step in an epoch of {steps:,} steps", step)
    count = saved.document["terms"][1]
    if count > 4 * (max(min(steps or 1, _PLANNED_AHEAD), step) + 2):
        raise _refused(saved, f"the number of planned updates after {step:,} steps", count)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {*_PLACES, "logs"}
        and all(_is_count(value[name]) for name in _PLACES)
        and isinstance(value["logs"], (dict, type(None)))
    )


def _is_list_of_states(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str) for entry in value
    )


def _is_pair_of_counts(value: Any) -> bool:
    is_pair = isinstance(value, list) and len(value) == 2
    return value is None or (is_pair and all(map(_is_count, value)))


_TESTS = {
    "facts": lambda value: isinstance(value, dict) and _is_count(value.get("seed")),
    "place": _is_place,
    "finished": lambda value: isinstance(value, bool),
    "stop_training": lambda value: isinstance(value, bool),
    "random": lambda value: isinstance(value, dict),
    "epoch_random": lambda value: isinstance(value, (dict, type(None))),
    "callbacks": _is_list_of_states,
    "terms": _is_pair_of_counts,
}


def _refused(saved: Saved, what: str, value: Any) -> LoadError:
    return LoadError(
        f"{saved.path.name} is no checkpoint of a run that this version can go on with: "
        f"{what} is {shown(value, 40)}."[:200],
        expected=f"the format {FORMAT!r}, with all its parts.",
        fix="go on with the version of Lamina that wrote it, or choose another folder.",
    )
