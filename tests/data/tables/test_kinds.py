"""What a column is taken for, cell by cell."""

import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.data.tables import kinds
from lamina.data.tables.cells import MISSING, Place
from lamina.files import CellColumn, TableFile


def place(values, form="text", delimiter=",", name="a"):
    column = CellColumn(form, values if form == "text" else np.array(values))
    lines = range(2, len(values) + 2) if delimiter else None
    return Place(TableFile("t.csv", {name: column}, len(values), lines, delimiter), name)


def repeated(*values):
    return [values[i % len(values)] for i in range(24)]


WORDS = [f"w{i}" for i in range(24)]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (repeated("1", "2.5", "-3e2", "  4 "), "number"),
        (repeated("1", "NA", "3"), "number"),
        (repeated("0", "1"), "number"),
        (repeated("yes", "no", ""), "boolean"),
        (repeated("TRUE", "False"), "boolean"),
        (repeated("yes", "no", "maybe"), "category"),
        (repeated("1", "2", "3", "4+"), "category"),
        (repeated("1_000", "2_000"), "category"),
        (repeated("\u0661", "\u0662"), "category"),
        (repeated("2024-01-31", "2023-02-01"), "date"),
        (repeated("2024-01-31 12:00", "2023-02-01T06:00:30Z"), "date"),
        (repeated("31.01.2024", "01.02.2024"), "date"),
        (repeated("31/01/2024", "01/02/2024"), "date"),
        (repeated("01/31/2024", "01/02/2024"), "date"),
        (repeated("01/02/2024", "03/04/2024"), "category"),
        ([f"word number {i}" for i in range(24)], "text"),
        (repeated("one of few", "texts of words"), "category"),
        (WORDS, "ignored"),
        ([*WORDS[:-1], ""], "ignored"),
        ([str(i) for i in range(24)], "ignored"),
        ([str(i) for i in range(1, 25)], "ignored"),
        ([str(2000 + i) for i in range(24)], "number"),
        (["x"] * 24, "ignored"),
        (["x"] * 23 + [""], "category"),
        (sorted(MISSING), "ignored"),
    ],
)
def test_a_column_of_text_is_taken_for(values, kind):
    assert kinds.understand(place(values)).column.kind == kind


@pytest.mark.parametrize(
    ("values", "form", "kind"),
    [
        ([1.0, 2.5, np.nan] * 4, "number", "number"),
        ([1.0, 0.0, np.nan] * 4, "boolean", "boolean"),
        (np.array(["2024-01-31", "NaT", "1900-01-01"] * 4, "datetime64[s]"), "date", "date"),
        ([np.nan] * 12, "number", "ignored"),
    ],
)
def test_a_column_with_a_form_of_its_own_keeps_it(values, form, kind):
    assert kinds.understand(place(values, form, delimiter=None)).column.kind == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("user_id", "ignored"),
        ("Id", "ignored"),
        ("id", "ignored"),
        ("width", "number"),
        ("userId", "ignored"),
    ],
)
def test_different_whole_numbers_are_a_name_of_the_row_if_called_so(name, kind):
    values = [str(7 * i % 1000 + 5) for i in range(24)]

    assert kinds.understand(place(values, name=name)).column.kind == kind


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (repeated("31.01.2024", "01.02.2024"), "day/month/year"),
        (repeated("01.02.2024", "03.04.2024"), "day/month/year"),
        (repeated("13/02/2024", "03/04/2024"), "day/month/year"),
        (repeated("02/13/2024", "03/04/2024"), "month/day/year"),
        (repeated("2024-02-13", "2024-03-04"), "year-month-day"),
    ],
)
def test_the_order_of_a_date_is_found_and_kept(values, form):
    assert kinds.understand(place(values)).column.form == form


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02", 86_400),
        ("1969-12-31 23:59:59", -1),
        ("1970-01-01T02:00:00+01:30", 1_800),
        ("1970/1/1 0:30", 1_800),
        ("01.01.1970 00:00:05", 5),
    ],
)
def test_dates_become_seconds(text, seconds):
    values = kinds.understand(place([text, "2024-01-31"] * 12)).values

    assert values[0] == seconds


def test_decimal_commas_are_read_and_said():
    found = kinds.understand(place(repeated("1,5", "2", "-,5", ""), delimiter=";"))

    np.testing.assert_array_equal(found.values[:4], [1.5, 2, -0.5, np.nan])
    assert found.column.note == "decimal commas, first at line 2, column 1 ('a')"


def test_a_lone_word_among_numbers_is_a_mistake():
    values = [*map(str, np.arange(23) / 7), "abc"]
    with pytest.raises(DataError, match=r"^'t.csv': line 25, column 1 \('a'\): 'abc' is no number"):
        kinds.understand(place(values))


def test_infinity_is_no_number():
    with pytest.raises(DataError, match=r"line 3, column 1 \('a'\): 'inf' does not fit float32"):
        kinds.understand(place(["1", "inf", "2"] * 4))


def test_an_infinite_number_of_a_binary_file_is_named_with_its_row():
    with pytest.raises(DataError, match=r"'t\.csv': row 2, column 'a': inf does not fit float32"):
        kinds.understand(place([1.0, np.inf], "number", delimiter=None))


def test_a_date_that_could_be_either_is_said():
    found = kinds.understand(place(repeated("01/02/2024", "03/04/2024")))

    assert found.column.note == "looks like dates, but day and month cannot be told apart"
    with pytest.raises(DataError, match="day and month cannot be told apart in this column"):
        kinds.understand(place(repeated("01/02/2024", "03/04/2024")), "date")
