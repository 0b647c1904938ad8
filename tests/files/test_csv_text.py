"""Tables of text are read strictly; every fault is named with line and column."""

import re
import time

import numpy as np
import pytest

from lamina.core.errors import LoadError
from lamina.files import read_csv

ONE_WAY = "as many cells in each line as in the first."


def cells(data: bytes) -> dict[str, list[str]]:
    return {name: column.values for name, column in read_csv(data).columns.items()}


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        (b"a,b\n1,x\n2,y\n", ","),
        (b"a;b\n1;x\n2;y\n", ";"),
        (b"a\tb\n1\tx\n2\ty\n", "\t"),
        (b"a|b\n1|x\n2|y\n", "|"),
        (b"\xef\xbb\xbfa,b\r\n1,x\r\n2,y\r\n", ","),
        (b"a,b\r1,x\r2,y", ","),
        (b'\n"a","b"\n\n"1","x"\n2,y\n\n', ","),
        (b"a, b\n1, x\n2, y\n", ","),
    ],
)
def test_the_same_table_is_read_however_it_is_written(data, delimiter):
    table = read_csv(data)

    assert cells(data) == {"a": ["1", "2"], "b": ["x", "y"]}
    assert table.delimiter == delimiter


def test_a_quoted_cell_may_hold_anything():
    data = 'a,b\n1,"x, ""y""\nz"\n2,ü\n'.encode()

    assert cells(data)["b"] == ['x, "y"\nz', "ü"]
    assert list(read_csv(data).lines) == [2, 4]


def test_a_formula_is_plain_text():
    assert cells(b"a,b\n=cmd()|' /C calc'!A0,@x\n")["a"] == ["=cmd()|' /C calc'!A0"]


def test_a_decimal_comma_is_no_delimiter():
    assert cells(b"a;b\n1,5;2,5\n3;4\n") == {"a": ["1,5", "3"], "b": ["2,5", "4"]}


def test_columns_without_a_name_are_called_by_their_number():
    table = read_csv(b",a\n0,x\n")

    assert list(table.columns) == ["column 1", "a"]
    assert table.notes == ("Column 1 has no name; it is called 'column 1'.",)


def test_years_are_names_of_columns():
    assert list(cells(b"city,2019,2020\nBonn,1,2\n")) == ["city", "2019", "2020"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the file is empty."),
        (b"\n \n", "the file is empty."),
        (b"a,b\n", "the table has no rows."),
        (b"a,b\n1,2\n3\n", "line 3, column 2: nothing for 'b'; the line has 1 cell of 2."),
        (b"a,b\n1,2,z\n", "line 2, column 3: 'z' is too much; the line has 3 cells, not 2."),
        (b'a,b\n1,"x\ny"\n2\n', "line 4, column 2: nothing for 'b'; the line has 1 cell of 2."),
        (b"a,b,a\n1,2,3\n", "line 1, column 3: the name 'a' is that of column 1 too."),
        (b"5.1,3,x\n1,2,y\n", "line 1, column 1: the first line holds '5.1', which is no name"),
        (b"7,8\n1,2\n", "line 1, column 1: the first line holds '7', which is no name"),
        (b'a,b\n1,"x\n2,y\n', "line 2, column 2: a quote is opened and never closed."),
        (b'a,b\n"x"y,2\n', "line 2, column 1: something stands between the end of a quoted cell"),
        (b"a,b\n1,x\0y\n", "line 2, column 2: there is a NUL character."),
        ("a,b\n1,é\n".encode("latin-1"), "line 2, column 2: the byte 0xE9 is not UTF-8 ('é' in"),
        ("a,b\n1,2\n".encode("utf-16"), "the text is UTF-16."),
        (b"a,b\n1," + b"x" * 200_000, "line 2, column 2: a cell has over 131,072 characters."),
        (b'a,b\n1,"' + b"x" * 200_000, "line 2, column 2: a quote is opened and never closed."),
        (b"PAR1" + b"\0" * 20, "the content is a Parquet file, which its name does not say."),
        (b"PK\x03\x04" + b"\0" * 20, "the content is a zip file (perhaps a spreadsheet), which"),
        (b"\x1f\x8b\x08\0", "the content is gzip data, which its name does not say."),
        (b'{"a": 1}\n{"a": 2}\n', "the content is JSON lines, which its name does not say."),
        (b",".join(b"c%d" % i for i in range(10_001)), "the table has 10,001 columns."),
    ],
)
def test_a_fault_is_named_with_its_place(data, problem):
    with pytest.raises(LoadError, match=re.escape(f"'t.csv': {problem}")):
        read_csv(data, name="t.csv")


def test_the_message_has_three_parts():
    message = (
        "'t.csv': line 3, column 2: nothing for 'b'; the line has 1 cell of 2.\n"
        f"  expected: {ONE_WAY}\n"
        "  fix: fill the line up; an empty cell still needs its delimiter."
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        read_csv(b"a,b\n1,2\n3\n", name="t.csv")


def test_a_tsv_file_has_tabs(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_bytes(b"a,b\n1,2\n")
    problem = "line 1: cells are separated by a comma, the name promises tabs."

    with pytest.raises(LoadError, match=re.escape(problem)):
        read_csv(path)


def test_too_many_cells_are_refused_while_reading(monkeypatch):
    monkeypatch.setattr("lamina.files.limits.TABLE_CELLS", 10_000)

    with pytest.raises(LoadError, match="line 4097: up to here the table has 40,960 cells"):
        read_csv(b",".join(b"c%d" % i for i in range(10)) + b"\n" + b",,,,,,,,,\n" * 5000)


def test_quotes_in_every_line_cost_linear_time():
    data = b"a,b\n" + b'"x",""\n' * 200_000 + b'1,"'
    start = time.perf_counter()
    with pytest.raises(LoadError, match="line 200002, column 2: a quote is opened"):
        read_csv(data)

    assert time.perf_counter() - start < 10  # quadratic time would be hours


def test_numbers_come_back_as_they_were_written():
    x = np.random.default_rng(0).normal(size=(50, 3))
    text = "a,b,c\n" + "\n".join(",".join(map(repr, row)) for row in x.tolist())

    found = cells(text.encode())

    assert np.array_equal(np.array([found[name] for name in "abc"], dtype=float).T, x)
