"""Unseen rows of a table that lie outside what a model has learned from: answered, and told."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from lamina.core.names import shown
from lamina.data.dataset import Column, Part, Schema
from lamina.data.tables import inputs_of
from lamina.layers import StringLookup
from lamina.models.model import Model
from lamina.preflight.predict_checks import known_ranges, shifted
from lamina.report.wording import typed

_MARGIN = 0.5  # of the span of the training part; beyond it a value is far
_EXAMPLES = 3
_DAY = 86_400.0
_START = datetime(1970, 1, 1, tzinfo=UTC)


def notes_of(model: Model, schema: Schema, part: Part) -> list[str]:
    """What a reader should know of rows before trusting their answers, a line a column.

    Told are words that the model does not know, numbers and dates far outside the range of the
    training part, and gaps in columns that had none there; of pictures and arrays, values on
    another scale. All rows are answered all the same.

    Args:
        model: Trained.
        schema: How the table of the training was understood.
        part: Unseen rows.
    """
    if schema.form != "table" or not isinstance(part.x, dict):
        ranges = known_ranges(getattr(model, "input_ranges", None))
        return [finding.problem for finding in shifted(ranges or [], part.x)]
    columns = {column.name: column for column in schema.columns}
    found: list[str] = []
    for entry in inputs_of(schema):
        values = part.x[entry.name]
        if entry.kind == "numbers":
            found += _of_numbers(entry.columns, values, columns, part)
        elif entry.kind == "category":
            known = _words_of(model, entry.name)
            found += [] if known is None else _of_words(entry.columns[0], values, known, part)
    return found


def _of_numbers(
    names: tuple[str, ...], values: np.ndarray, columns: dict[str, Column], part: Part
) -> Iterator[str]:
    for place, name in enumerate(names):
        column = columns.get(name) or columns.get(name.removesuffix(" (days)"))
        if column is None or column.kind == "boolean":
            continue
        here = values[:, place].astype(np.float64)
        write: Callable[[float], str] = _date if column.kind == "date" else typed
        here = here * _DAY if column.kind == "date" else here
        gaps = np.isnan(here)
        yield from _far(column, here, write, part)
        if gaps.any() and not column.missing and column.low is not None:
            yield (
                f"column {shown(column.name, 40)}: {_rows(np.flatnonzero(gaps), part)} without a "
                "value, which no row had in training; filled in with the mean"
            )


def _far(
    column: Column, values: np.ndarray, write: Callable[[float], str], part: Part
) -> Iterator[str]:
    if column.low is None or column.high is None:  # a model of an earlier version
        return
    margin = _MARGIN * (column.high - column.low)
    with np.errstate(invalid="ignore"):
        places = np.flatnonzero((values < column.low - margin) | (values > column.high + margin))
    if len(places):
        examples = list(dict.fromkeys(write(values[place]) for place in places[:50]))
        yield (
            f"column {shown(column.name, 40)}: {_rows(places, part)} far outside the training's "
            f"range, {write(column.low)} to {write(column.high)}: {_listed(examples)}"
        )


def _of_words(name: str, values: np.ndarray, known: set[str], part: Part) -> Iterator[str]:
    words = values.reshape(-1).tolist()
    places = np.array([n for n, word in enumerate(words) if word not in known], dtype=np.int64)
    if len(places):
        examples = [shown(word, 30) for word in dict.fromkeys(words[n] for n in places)]
        yield (
            f"column {shown(name, 40)}: {_rows(places, part)} with values that the model does not "
            f"know: {_listed(examples)}"
        )


def _words_of(model: Model, name: str) -> set[str] | None:
    """The words of a category that a preset knows; a gap is nothing new."""
    wanted = f"words_of_{name}"[:60]
    layer: Any = next((one for one in model.layers if one.name == wanted), None)
    return {*layer.get_vocabulary(), ""} if isinstance(layer, StringLookup) else None


def _rows(places: np.ndarray, part: Part) -> str:
    count = len(places)
    first = part.ids[int(places[0])]
    return first if count == 1 else f"{count:,} rows (first: {first})"


def _listed(examples: list[str]) -> str:
    more = ", …" if len(examples) > _EXAMPLES else ""
    return ", ".join(examples[:_EXAMPLES]) + more


def _date(seconds: float) -> str:
    try:
        return (_START + timedelta(seconds=seconds)).date().isoformat()
    except OverflowError:
        return f"{seconds / _DAY:,.0f} days after 1970"
