"""Cells as numbers, truth values, dates or words; what cannot be read is named with its place."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import DataError
from lamina.data.tables import dates
from lamina.files.cell_text import chunks_of
from lamina.files.opening import printable
from lamina.files.tables import TableFile

MISSING = frozenset(
    ("", "NA", "N/A", "n/a", "NaN", "nan", "NAN", "null", "NULL", "None", "none", "?", "-")
)
"""Cells of text that stand for a missing value; blanks around them make no difference."""

TRUE_WORDS = ("true", "yes", "y", "t", "on")
FALSE_WORDS = ("false", "no", "n", "f", "off")
LONGEST = 512
LARGEST = float(np.finfo(np.float32).max)
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_EXACT = 2.0**53
_AS_WORDS = 'read the column as words: kinds={{"{}": "category"}}.'


class Place(NamedTuple):
    """One column of a file, for reading and for messages.

    Args:
        file: The file.
        column: Name of the column.
        is_fixed: Whether its kind is that of a trained model, and cannot be chosen again.
    """

    file: TableFile
    column: str
    is_fixed: bool = False

    @property
    def has_decimal_commas(self) -> bool:
        """Whether a comma in a number cannot be a delimiter."""
        return self.file.delimiter not in (None, ",")

    def refuse(self, row: int, what: str, *, expected: str, fix: str) -> DataError:
        """The error for a cell that cannot be used."""
        place = self.file.place(row, self.column)
        problem = f"{printable(self.file.name, 70)}: {place}: {what}"
        return DataError(problem[:200], expected=expected, fix=fix)


def is_missing(text: str) -> bool:
    """Whether a cell stands for a missing value."""
    return text.strip() in MISSING


def number_of(text: str, *, with_comma: bool) -> float | None:
    """The number that a cell holds: NaN where it is missing, `None` where it is something else."""
    text = text.strip()
    if text in MISSING:
        return np.nan
    if with_comma and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if "_" in text or not text.isascii():  # Python would read 1_000 and other digits
        return None
    try:
        return float(text)
    except ValueError:
        return None


def numbers(place: Place, plain: np.ndarray | None = None) -> np.ndarray:
    """The cells of a column as numbers, NaN where one is missing: (rows,), float64.

    Args:
        place: The column.
        plain: What `plain_numbers` made of it, where that was asked before.

    Raises:
        DataError: A cell is no number, or too large for float32.
    """
    cells = place.file.columns[place.column]
    if cells.form == "date":
        return seconds(place, dates.ISO)
    if cells.form == "text":
        values = _from_texts(place, cells.values) if plain is None else plain
    else:
        values = np.asarray(cells.values, dtype=np.float64)
    wrong = np.abs(values) > LARGEST
    if wrong.any():
        row = int(wrong.argmax())
        shown = printable(cells.values[row], 40) if cells.form == "text" else f"{values[row]:g}"
        raise place.refuse(
            row,
            f"{shown} does not fit float32.",
            expected="finite numbers between -3.4e38 and 3.4e38.",
            fix="correct the cell, or leave it empty where the number is not known.",
        )
    return values


def plain_numbers(texts: Sequence[str]) -> np.ndarray | None:
    """The numbers of a column without gaps, commas or words, the quick way; `None` for others."""
    values = np.empty(len(texts))
    done = 0
    for chunk in chunks_of(texts):
        joined = "".join(chunk)
        if not joined.isascii() or "_" in joined:
            return None
        try:
            values[done : done + len(chunk)] = list(map(float, chunk))
        except ValueError:
            return None
        done += len(chunk)
    return values


def _from_texts(place: Place, texts: Sequence[str]) -> np.ndarray:
    plain = plain_numbers(texts)
    if plain is not None:
        return plain
    with_comma = place.has_decimal_commas
    found = np.empty(len(texts))
    done = 0
    for chunk in chunks_of(texts):
        table = {text: number_of(text, with_comma=with_comma) for text in set(chunk)}
        values = list(map(table.__getitem__, chunk))
        if None in table.values():
            row = next(row for row, value in enumerate(values) if value is None)
            raise _no_number(place, done + row, chunk[row])
        found[done : done + len(chunk)] = values
        done += len(chunk)
    if with_comma:
        _check_points(place, texts)
    return found


def _no_number(place: Place, row: int, text: str) -> DataError:
    fix = "correct the cell, or leave it empty."
    if _COMMA.fullmatch(text.strip()):
        fix = f"write it with a decimal point: {text.strip().replace(',', '.')}."
    elif not place.is_fixed:
        fix = f"correct the cell, or {_AS_WORDS.format(place.column)}"
    return place.refuse(
        row,
        f"{printable(text, 40)} is no number.",
        expected="numbers with a decimal point, or an empty cell where one is missing.",
        fix=fix,
    )


def _check_points(place: Place, texts: Sequence[str]) -> None:
    """Refuses a column in which 1,5 and 1.5 both occur."""
    row = next((row for row, text in enumerate(texts) if "," in text), None)
    if row is not None and any("." in text for text in texts):
        raise place.refuse(
            row,
            f"{printable(texts[row], 40)} has a decimal comma, other cells a decimal point.",
            expected="one way of writing numbers in a column.",
            fix="write all of them with a decimal point.",
        )


def first_decimal_comma(place: Place) -> int | None:
    """The first row of a column of numbers that is written with a decimal comma."""
    cells = place.file.columns[place.column]
    if cells.form != "text" or not place.has_decimal_commas:
        return None
    return next((row for row, text in enumerate(cells.values) if "," in text), None)


def booleans(place: Place) -> np.ndarray:
    """The cells of a column as 1 and 0, NaN where one is missing: (rows,), float64.

    Raises:
        DataError: A cell is something else.
    """
    words = dict.fromkeys(TRUE_WORDS, 1.0) | dict.fromkeys(FALSE_WORDS, 0.0)
    words |= {"1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}
    return _each(
        place,
        lambda text: words.get(text.lower()),
        "neither true nor false",
        "true or false, yes or no, 1 or 0, or an empty cell.",
    )


def seconds(place: Place, form: str) -> np.ndarray:
    """The dates of a column as seconds from the start of 1970: (rows,), float64, NaN for gaps.

    Args:
        place: The column.
        form: The order in which day, month and year are written.

    Raises:
        DataError: A cell is no date.
    """
    cells = place.file.columns[place.column]
    if cells.form == "date":
        whole = cells.values.astype("int64").astype(np.float64)
        whole[np.isnat(cells.values)] = np.nan
        return whole
    return _each(
        place,
        lambda text: dates.seconds_of(text, form),
        f"no date in the order {form}",
        f"dates such as 2024-01-31, or in the order {form}, or an empty cell.",
    )


def _each(
    place: Place, read: Callable[[str], float | None], what: str, expected: str
) -> np.ndarray:
    texts = words_of(place)
    table = {text: read(text) if text else np.nan for text in set(texts)}
    values = list(map(table.__getitem__, texts))
    if any(value is None for value in table.values()):
        row = next(row for row, value in enumerate(values) if value is None)
        fix = "correct the cell, or leave it empty."
        if not place.is_fixed:
            fix = f"correct the cell, or {_AS_WORDS.format(place.column)}"
        raise place.refuse(
            row, f"{printable(texts[row], 40)} is {what}.", expected=expected, fix=fix
        )
    return np.array(values, dtype=np.float64)


def words_of(place: Place) -> list[str]:
    """The cells of a column as words without blanks around them, "" where one is missing."""
    cells = place.file.columns[place.column]
    if cells.form == "date":
        gaps = np.isnat(cells.values).tolist()
        shown = np.datetime_as_string(cells.values, unit="s").tolist()
        return ["" if gap else text for gap, text in zip(gaps, shown, strict=True)]
    if cells.form == "boolean":
        table = {1.0: "True", 0.0: "False"}
        return [table.get(value, "") for value in cells.values.tolist()]
    if cells.form == "number":
        return number_words(cells.values)
    known: dict[str, str] = {}  # one string for all equal cells
    words: list[str] = []
    for chunk in chunks_of(cells.values):
        for text in set(chunk) - known.keys():
            word = text.strip()
            known[text] = "" if word in MISSING else known.setdefault(word, word)
        words.extend(map(known.__getitem__, chunk))
    return words


def as_written(place: Place) -> list[Any]:
    """The cells of a column as the file has them: text, numbers, truth values; `None` for gaps."""
    column = place.file.columns[place.column]
    if column.form == "text":
        return [text or None for text in column.values]
    if column.form == "date":
        return [word or None for word in words_of(place)]
    values = [None if value != value else value for value in column.values.tolist()]
    if column.form == "boolean":
        return [None if value is None else bool(value) for value in values]
    is_whole = all(value is None or value == int(value) for value in values)
    return [int(value) if is_whole and value is not None else value for value in values]


def number_words(values: np.ndarray) -> list[str]:
    """Numbers as people write them, one string for all equal ones."""
    distinct, places = np.unique(values, return_inverse=True)
    table = list(map(number_text, distinct.tolist()))
    return list(map(table.__getitem__, places.tolist()))


def number_text(value: float) -> str:
    """A number as people write it: 3 for 3.0; "" for NaN."""
    if value != value:
        return ""
    is_whole = isinstance(value, int) or (value == int(value) and abs(value) < _EXACT)
    return str(int(value)) if is_whole else repr(value)


def as_array(words: Sequence[str]) -> np.ndarray:
    """Words as a column of text, cut to their first 512 characters: (rows, 1), objects.

    NumPy's own text gives every cell the room of the longest one, so one long cell would cost
    gigabytes; here equal cells share one string.
    """
    found = np.empty((len(words), 1), dtype=object)
    found[:, 0] = [word[:LONGEST] for word in words]
    return found
