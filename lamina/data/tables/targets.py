"""The column to predict: which it is, whether it holds classes or amounts, and its numbers."""

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from lamina.core import checks
from lamina.core.errors import ArgumentError, DataError
from lamina.core.names import shown, suggestion
from lamina.data.dataset import Schema
from lamina.data.tables import cells, kinds
from lamina.data.tables.cells import Place
from lamina.files.opening import printable
from lamina.files.tables import TableFile

USUAL_NAMES = ("target", "label", "class", "y")
TASKS = ("classification", "regression")
_MOST_NUMBERED_CLASSES = 20
_ROWS_A_CLASS = 3
_LIKE_COUNTS = 6  # classes from which on whole numbers may well be amounts
_MOST_NAMED = 40
_SHOWN = 5


class Target(NamedTuple):
    """What is to be predicted.

    Args:
        task: "classification" or "regression".
        class_names: Names of the classes; none for regression.
        y: Class numbers (int64) or amounts (float32) of the rows that have one.
        rows: The rows that have one, ascending.
        note: The task in words, and why.
    """

    task: Literal["classification", "regression"]
    class_names: tuple[str, ...]
    y: np.ndarray
    rows: np.ndarray
    note: str


def choose_target(file: TableFile, target: str | None) -> str:
    """The name of the column to predict: what was asked for, or the only one with a usual name.

    Raises:
        DataError: There is no such column, or none can be chosen.
    """
    names = list(file.columns)
    if target is not None:
        if target in file.columns:
            return target
        raise DataError(
            f"{printable(file.name, 70)} has no column {shown(target, 60)}.",
            expected=f"one of {_listed(names)} as the target.",
            fix=suggestion(str(target), names),
        )
    usual = [name for name in names if name.lower() in USUAL_NAMES]
    if len(usual) == 1:
        return usual[0]
    what = "several could be meant" if usual else "none is called target, label, class or y"
    raise DataError(
        f"{printable(file.name, 70)}: which column is to be predicted? {what}.",
        expected=f"one of {_listed(names)}.",
        fix=f"pass target={shown((usual or names)[-1], 60)} "
        f"(on the command line: --target {shown((usual or names)[-1], 60)}).",
    )


def _listed(names: list[str]) -> str:
    more = "" if len(names) <= 30 else f" and {len(names) - 30} more"
    return ", ".join(shown(name, 40) for name in names[:30]) + more


def read_target(file: TableFile, name: str, task: str | None) -> Target:
    """Reads the target, and finds out what the task is where it is not told.

    Raises:
        DataError: It has no values, one single value, dates, or a class of its own in each row.
        ArgumentError: `task` is unknown.
    """
    if task is not None:
        checks.choice("load_table", "task", task, TASKS)
    place = Place(file, name, is_fixed=True)
    values = _amounts(place, task)
    if values is not None and (task or _task_of(values)) == "regression":
        return _regression(place, values, is_given=task is not None)
    words = cells.words_of(place) if values is None else _number_words(values)
    found = _classification(place, words, is_given=task is not None)
    if values is None or task is not None or len(found.class_names) < _LIKE_COUNTS:
        return found
    hint = "if these whole numbers are amounts or counts, pass task='regression'."
    return found._replace(note=f"{found.note[:-1]}; {hint}")


def _amounts(place: Place, task: str | None) -> np.ndarray | None:
    """The target as numbers, or `None` where it holds words."""
    if task == "classification" and place.file.columns[place.column].form == "text":
        found = cells.plain_numbers([text for text in cells.words_of(place) if text])
        return None if found is None else cells.numbers(place)
    if task == "regression":
        return _asked_numbers(place)
    form = place.file.columns[place.column].form
    kind = kinds.kind_of_text(place) if form == "text" else form
    if kind == "date":
        raise DataError(
            f"{printable(place.file.name, 70)}: the target {shown(place.column, 60)} holds dates.",
            expected="classes, or numbers.",
            fix="predict a number instead, such as the days from a date that is known.",
        )
    return cells.numbers(place) if kind == "number" else None


def _asked_numbers(place: Place) -> np.ndarray:
    """The target as numbers, where regression was asked for."""
    try:
        return cells.numbers(place)
    except DataError as error:
        raise DataError(
            error.problem,
            expected="numbers to predict, since regression was asked for.",
            fix="leave task= out, or correct the cell.",
        ) from error


def _number_words(values: np.ndarray) -> list[str]:
    return cells.number_words(values)


def _task_of(values: np.ndarray) -> str:
    """Two different numbers, or a few whole ones that come again and again, are classes."""
    there = values[~np.isnan(values)]
    distinct = np.unique(there)
    is_whole = bool((distinct == np.round(distinct)).all())
    is_repeated = len(there) >= _ROWS_A_CLASS * len(distinct)
    few = len(distinct) <= _MOST_NUMBERED_CLASSES and is_whole and is_repeated
    return "classification" if len(distinct) == 2 or few else "regression"


def _regression(place: Place, values: np.ndarray, *, is_given: bool) -> Target:
    rows = np.flatnonzero(~np.isnan(values))
    there = values[rows]
    _check_varied(place, len(np.unique(there)), lambda: cells.number_text(there[0].item()))
    why = "as asked for" if is_given else f"{len(np.unique(there)):,} different numbers"
    span = f"from {there.min():g} to {there.max():g}"
    note = f"Task: regression of {shown(place.column, 60)}, {span} ({why})."
    return Target("regression", (), there.astype(np.float32), rows, note)


def _classification(place: Place, words: list[str], *, is_given: bool) -> Target:
    rows = np.array([row for row, word in enumerate(words) if word], dtype=np.int64)
    there = [words[row] for row in rows.tolist()]
    names = sorted_names(set(there))
    _check_varied(place, len(names), lambda: names[0])
    if len(names) == len(there) > 2 or 2 * len(names) > max(len(there), _MOST_NAMED):
        raise DataError(
            f"{printable(place.file.name, 70)}: the target {shown(place.column, 60)} has "
            f"{len(names):,} different values in {len(there):,} rows.",
            expected="classes that come again, or numbers.",
            fix="name the column with the classes as target, or pass task='regression'.",
        )
    numbers = {name: number for number, name in enumerate(names)}
    y = np.array([numbers[word] for word in there], dtype=np.int64)
    kind = "two classes" if len(names) == 2 else f"{len(names):,} classes"
    listed = ", ".join(map(repr, names[:_SHOWN])) + (", …" if len(names) > _SHOWN else "")
    why = ", as asked for" if is_given else ""
    note = f"Task: classification of {shown(place.column, 60)} into {kind}{why} ({listed})."
    return Target("classification", names, y, rows, note)


def sorted_names(words: set[str]) -> tuple[str, ...]:
    """Names of classes in their order: numbers by size where all are numbers, else by letters."""
    numbers = {word: cells.number_of(word, with_comma=False) for word in words}
    if all(value is not None and math.isfinite(value) for value in numbers.values()):
        return tuple(sorted(words, key=lambda word: (numbers[word], word)))
    return tuple(sorted(words))


def _check_varied(place: Place, distinct: int, first: Any) -> None:
    target = f"the target {shown(place.column, 60)}"
    if distinct == 0:
        raise DataError(
            f"{printable(place.file.name, 70)}: {target} has no values.",
            expected="a value in every row to learn from.",
            fix="name another column as target, or fill it in.",
        )
    if distinct == 1:
        raise DataError(
            f"{printable(place.file.name, 70)}: {target} has one single value: "
            f"{shown(first(), 40)}.",
            expected="at least two different values, or there is nothing to learn.",
            fix="name another column as target, or add rows with other values.",
        )


def known_labels(file: TableFile, schema: Schema) -> tuple[np.ndarray, np.ndarray]:
    """The labels of unseen rows by a schema: y of all rows, and which of them have one.

    Raises:
        DataError: A class is none of the schema's, or a cell is no number.
    """
    place = Place(file, schema.target or "", is_fixed=True)
    if schema.task == "regression":
        values = cells.numbers(place)
        return values.astype(np.float32), ~np.isnan(values)
    words = cells.words_of(place)
    table = {word: _class_of(word, schema.class_names) for word in set(words) if word}
    for row, word in enumerate(words):
        if word and table[word] is None:
            raise place.refuse(
                row,
                f"the class {printable(word, 40)} was not there in training.",
                expected=f"one of {_listed(list(schema.class_names))}.",
                fix=suggestion(word, schema.class_names),
            )
    y = np.array([table.get(word, -1) for word in words], dtype=np.int64)
    return y, y >= 0


def _class_of(word: str, names: tuple[str, ...]) -> int | None:
    """The number of a class; numbers are compared as such, words also without their case."""
    if word in names:
        return names.index(word)
    number = cells.number_of(word, with_comma=True)
    if number is not None and cells.number_text(number) in names:
        return names.index(cells.number_text(number))
    lowered = [name.lower() for name in names]
    return lowered.index(word.lower()) if lowered.count(word.lower()) == 1 else None


def check_table(schema: Schema) -> None:
    """Passes the schema of a table.

    Raises:
        ArgumentError: It is that of pictures or arrays.
    """
    if schema.form != "table":
        raise ArgumentError(
            f"the source is a table; the model reads {schema.form}.",
            expected="examples in the form of the training.",
            fix="give a source of the same kind as the one that the model was trained on.",
        )
