"""Matches several arrays with the inputs or outputs of a model, by position or by name."""

import difflib
from collections.abc import Sequence
from typing import Any

from lamina.core.errors import DataError

Names = Sequence[str]


def is_branch(value: Any) -> bool:
    """Whether a list holds several arrays rather than the numbers of one."""
    if isinstance(value, dict):
        return True
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return any(_is_array(item) for item in value) or (
        isinstance(value[0], (list, tuple)) and is_branch(value[0])
    )


def _is_array(item: Any) -> bool:
    if isinstance(item, dict):
        return True
    return len(getattr(item, "shape", ())) > 0 or hasattr(item, "__dataframe__")


def arrange(name: str, value: Any, names: Names | None, kind: str) -> Any:
    """Brings several arrays into the order of the model's inputs or outputs.

    Args:
        name: The argument as the user knows it.
        value: One array, a list of arrays in order, or a dict of arrays by name.
        names: Names of the inputs or outputs; `None` where they are not known.
        kind: "input" or "output".

    Returns:
        The value for the only name, or a list with one value for each name.

    Raises:
        DataError: The number of arrays or their names differ from the model's.
    """
    if names is None:
        return value
    if isinstance(value, dict):
        found = [value[key] for key in _keys(name, value, names, kind)]
    elif len(names) > 1:
        found = _in_order(name, value, names, kind)
    else:
        found = list(value) if is_branch(value) else [value]
    if len(found) != len(names):
        raise DataError(
            f"{name} is a list of {len(found)} arrays, but the model has one {kind}.",
            expected=f"one array for the {kind} {names[0]!r}.",
            fix=f"stack the rows of one array: np.stack({name}).",
        )
    return found[0] if len(names) == 1 else found


def _keys(name: str, value: dict, names: Names, kind: str) -> Names:
    """The names, once it is certain that the dict has each of them."""
    present = _cut(", ".join(map(repr, value)))
    missing = [key for key in names if key not in value]
    if missing and len(names) == 1:
        raise DataError(
            f"{name} is a dict with {present or 'no keys'}, but the model has one {kind}.",
            expected=f"one array, or a dict with the key {names[0]!r}.",
            fix=f"pass the array itself as {name}.",
        )
    if missing:
        others = [key for key in value if key not in names]
        raise DataError(
            f"{name} has nothing for the {kind} {missing[0]!r}; it has {present or 'no keys'}.",
            expected=f"a dict with {', '.join(map(repr, names))}.",
            fix=_renaming(missing[0], others),
        )
    unknown = [key for key in value if key not in names]
    if unknown and kind == "output":
        raise DataError(
            f"{name} has labels for {unknown[0]!r}, which is no output of the model.",
            expected=f"a dict with {', '.join(map(repr, names))}.",
            fix=f"remove {unknown[0]!r}, or name an output so.",
        )
    return names


def _cut(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _renaming(wanted: str, others: list[Any]) -> str:
    near = difflib.get_close_matches(wanted, map(str, others), n=1) or others[:1]
    rename = f"rename {near[0]!r} to {wanted!r}, or " if near else ""
    return f"{rename}add {wanted!r}."


def _in_order(name: str, value: Any, names: Names, kind: str) -> list[Any]:
    listed = ", ".join(map(repr, names))
    if not isinstance(value, (list, tuple)):
        given = "one array"
    elif len(value) == len(names):
        return list(value)
    else:
        given = f"a list of {len(value)}"
    raise DataError(
        f"{name} is {given}, but the model has {len(names)} {kind}s.",
        expected=f"one array for each of {listed}.",
        fix=f"pass a list in this order, or a dict with these names, as {name}.",
    )
