"""Understands what the columns of a table hold: numbers, truth values, dates, words or nothing."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.core.names import shown, suggestion
from lamina.data.dataset import Column
from lamina.data.tables import cells, dates
from lamina.data.tables.cells import Place

KINDS = ("number", "boolean", "category", "date", "text", "ignored")
NUMERIC = ("number", "boolean", "date")
_FEW = 50  # different values of a column of codes such as 1, 2, 3, 4+
_MANY = 100
_LONG_WORDS = 3.0
_CODE = np.int32  # limits.TABLE_CELLS is far below its largest number
_ENOUGH = 10
_NEARLY = 0.95  # a table with a few repeated rows still has identifiers
_IDENTIFIER = re.compile(
    r"(?i:(?:.*[_ .-])?(?:id|uuid|guid|index|key))|.*[a-z](?:Id|ID)", re.DOTALL
)

_NAMES_ROWS = (
    "nearly every value is different, as in a name or number of the row",
    "counts the rows",
    "nearly every value is different, as in a number of the row",
)


class Understood(NamedTuple):
    """A column and what stands in it.

    Args:
        column: How it was understood.
        values: Numbers (NaN for a gap), seconds for dates, words ("" for a gap).
        codes: A whole number for each row, the same one for the same value.
    """

    column: Column
    values: Any
    codes: np.ndarray


def understand(place: Place, kind: str | None = None) -> Understood:
    """Finds out what a column holds, or reads it as it is told.

    Args:
        place: The column.
        kind: What it is to be read as; found out when `None`.

    Raises:
        DataError: A few cells do not fit what the others are.
    """
    if kind == "ignored":
        return _ignored(place, "left out as asked for")
    if kind is not None:
        return _understood(place, kind, None)
    given = place.file.columns[place.column]
    if given.form != "text":
        return _without_nothing(place, _understood(place, given.form, None))
    plain = cells.plain_numbers(given.values)
    kind = kind_of_text(place) if plain is None else "number"
    return _without_nothing(place, _understood(place, kind, plain))


def _understood(place: Place, kind: str, plain: np.ndarray | None) -> Understood:
    """A column read as what it is."""
    form = _date_form(place) if kind == "date" else ""
    values = cells.numbers(place, plain) if kind == "number" else read(place, kind, form)
    column = Column(place.column, kind, form=form)  # type: ignore[arg-type]
    return Understood(_noted(place, column, values), values, codes_of(kind, values))


def read(place: Place, kind: str, form: str = "") -> Any:
    """The values of a column whose kind is known: numbers, seconds for dates, or words.

    Raises:
        DataError: A cell does not fit.
    """
    if kind == "number":
        return cells.numbers(place)
    if kind == "boolean":
        return cells.booleans(place)
    return cells.seconds(place, form) if kind == "date" else cells.words_of(place)


def codes_of(kind: str, values: Any) -> np.ndarray:
    """A whole number for each row; the same one for the same value, also for gaps."""
    if kind in NUMERIC:
        return np.unique(values, return_inverse=True)[1].astype(_CODE)
    numbers = {word: number for number, word in enumerate(dict.fromkeys(values))}
    return np.fromiter(map(numbers.__getitem__, values), dtype=_CODE, count=len(values))


def check_kinds(kinds: Mapping[str, str] | None, columns: list[str], target: str) -> dict[str, str]:
    """Passes kinds that name columns of the table, the target not among them.

    Raises:
        ArgumentError: A name or a kind is unknown.
    """
    found = dict(kinds or {})
    for name, kind in found.items():
        if name == target:
            raise ArgumentError(
                f"kinds={{{shown(name)}: {shown(kind)}}} is about the target.",
                expected="kinds of the other columns.",
                fix='pass task="classification" or task="regression".',
            )
        if name not in columns:
            raise ArgumentError(
                f"kinds has the column {shown(name)}, which is not in the table.",
                expected=f"some of {', '.join(map(repr, columns))}.",
                fix=suggestion(name, columns),
            )
        checks.choice("load_table", f"kinds[{name!r}]", kind, KINDS)
    return found


def _ignored(place: Place, why: str) -> Understood:
    return Understood(Column(place.column, "ignored", note=why), None, np.zeros(0, dtype=_CODE))


# -- text --------------------------------------------------------------------------------------


def kind_of_text(place: Place) -> str:
    """What a column of text cells holds."""
    counts = _present(place)
    if not counts:
        return "category"
    with_comma = place.has_decimal_commas
    wrong = {t: n for t, n in counts.items() if cells.number_of(t, with_comma=with_comma) is None}
    if _is_mostly(counts, wrong):
        return "number"
    lowered = {text.lower() for text in counts}
    if _is_pair(lowered):
        return "boolean"
    strange = {text: n for text, n in counts.items() if not dates.looks_like_date(text)}
    if _is_mostly(counts, strange):
        return "category" if dates.form_of(counts) == dates.AMBIGUOUS else "date"
    return "text" if _is_prose(counts) else "category"


def _present(place: Place) -> Counter[str]:
    """How often each value occurs that is not missing."""
    counts = Counter(cells.words_of(place))
    counts.pop("", None)
    return counts


def _is_mostly(counts: Mapping[str, int], wrong: Mapping[str, int]) -> bool:
    """Whether a column is of one kind but for cells that look like mistakes.

    Codes such as 1, 2, 3, 4+ are no mistakes: they come again, and there are few of them.
    """
    if not wrong:
        return True
    total, num_wrong = sum(counts.values()), sum(wrong.values())
    is_codes = len(counts) <= _FEW and min(wrong.values()) > 1
    return not is_codes and 2 * num_wrong < total


def _is_pair(words: set[str]) -> bool:
    pairs = zip(cells.TRUE_WORDS, cells.FALSE_WORDS, strict=True)
    return any(words == set(pair) for pair in pairs)


def _is_prose(counts: Mapping[str, int]) -> bool:
    """Whether most cells differ and have several words."""
    total = sum(counts.values())
    num_words = sum((text.count(" ") + 1) * n for text, n in counts.items()) / total
    return num_words >= _LONG_WORDS and 2 * len(counts) > total and total >= _ENOUGH


def _date_form(place: Place) -> str:
    column = place.file.columns[place.column]
    if column.form != "text":
        return dates.ISO
    counts = _present(place)
    form = dates.form_of([text for text in counts if dates.looks_like_date(text)])
    if form == dates.AMBIGUOUS:
        raise place.refuse(
            next(row for row, text in enumerate(cells.words_of(place)) if text),
            "day and month cannot be told apart in this column.",
            expected="dates such as 2024-01-31, or some with a day above 12.",
            fix="write the dates as year-month-day.",
        )
    return form


# -- columns that say nothing ------------------------------------------------------------------


def _without_nothing(place: Place, found: Understood) -> Understood:
    """The column, or the column ignored where nothing can be learned from it."""
    column, values, codes = found
    gaps = np.isnan(values) if column.kind in NUMERIC else np.array([not word for word in values])
    there = codes[~gaps]
    total, present = len(codes), len(there)
    distinct = int(np.count_nonzero(np.bincount(there))) if present else 0
    if not present:
        return _ignored(place, "has no values")
    if distinct == 1 and present == total:
        return _ignored(place, f"has one single value ({shown(cells.words_of(place)[0], 30)})")
    if present >= _ENOUGH and distinct > _NEARLY * present:
        why = _identifier(column, values)
        if why:
            return _ignored(place, why)
    return found


def _identifier(column: Column, values: Any) -> str | None:
    """Why a column with hardly two equal values is taken for a name of the row."""
    if column.kind == "category":
        return _NAMES_ROWS[0]
    if column.kind != "number" or not (values == np.round(values)).all():
        return None
    if values[0] in (0, 1) and (np.diff(values) == 1).mean() > _NEARLY:
        return _NAMES_ROWS[1]
    is_named = _IDENTIFIER.fullmatch(column.name) is not None
    return _NAMES_ROWS[2] if is_named else None


def names_rows(column: Column) -> bool:
    """Whether a column is left out because it names or numbers the rows, as an id does."""
    is_named = _IDENTIFIER.fullmatch(column.name) is not None
    return column.kind == "ignored" and (is_named or column.note in _NAMES_ROWS)


def _noted(place: Place, column: Column, values: Any) -> Column:
    note = ""
    if column.kind == "number":
        row = cells.first_decimal_comma(place)
        if row is not None:
            note = f"decimal commas, first at {place.file.place(row, column.name)}"
    elif column.kind == "date" and column.form != dates.ISO:
        note = f"dates in the order {column.form}"
    elif column.kind in ("category", "text"):
        note = _note_on_words({word for word in values if word}, column.kind)
    return Column(column.name, column.kind, note=note, form=column.form)


def _note_on_words(words: set[str], kind: str) -> str:
    longest = max(map(len, words), default=0)
    if longest > cells.LONGEST:
        return f"texts of up to {longest:,} characters are cut to {cells.LONGEST}"
    if words and kind == "category" and all(map(dates.looks_like_date, words)):
        return f"looks like dates, but {dates.AMBIGUOUS}"
    return (
        f"has {len(words):,} different values" if kind == "category" and len(words) > _MANY else ""
    )
