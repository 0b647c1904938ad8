"""Rows 105, 106 and 108: tables as CSV, and files of settings."""

from pathlib import Path
from typing import Any

import numpy as np

from lamina.data.tables import load_table, read_table
from lamina.files import read_csv, read_toml
from tests.bad_input.case import Accepted, Refused

NO_NUMBER = "numbers with a decimal point, or an empty cell where one is missing."
AS_WORDS = 'correct the cell, or read the column as words: kinds={"age": "category"}.'


def table(*lines: str | bytes, header: str | None = "age,city,target", **arguments: Any) -> Any:
    """A CSV of 20 good rows and these lines after them, loaded."""
    mark = next((mark for mark in ";\t|" if mark in (header or "")), ",")
    rows = [
        mark.join((str(20 + i % 7), "Bonn" if i % 3 else "Köln", "ab"[i % 2])) for i in range(20)
    ]
    start = [header] if header else []
    ends = [line if isinstance(line, bytes) else line.encode() for line in lines]
    Path("t.csv").write_bytes(b"\n".join([*("\n".join([*start, *rows]).encode(),), *ends]) + b"\n")
    return load_table("t.csv", **arguments)


def settings(text: str) -> Any:
    """A TOML file with this text, read."""
    Path("run.toml").write_text(text)
    return read_toml("run.toml", known=("epochs", "optimizer.learning_rate"))


def numbers(loaded: Any) -> list[float]:
    """All ages of a table in the order of the file."""
    return read_table(loaded.source, loaded.schema).x["numbers"][:, 0].tolist()


CASES = [
    Accepted(
        105,
        "missing values: empty, NA, ?",
        lambda: [np.isnan(v) for v in numbers(table(",Bonn,a", "NA,?,b", "?,-,a"))[-3:]],
        lambda: [True, True, True],
    ),
    Refused(
        105,
        "a line with a cell too few",
        lambda: table("31,Bonn"),
        "'t.csv': line 22, column 3: nothing for 'target'; the line has 2 cells of 3.",
        "as many cells in each line as in the first.",
        "fill the line up; an empty cell still needs its delimiter.",
    ),
    Refused(
        105,
        "a line with a cell too many",
        lambda: table("31,Bonn,a,b"),
        "'t.csv': line 22, column 4: 'b' is too much; the line has 4 cells, not 3.",
        "as many cells in each line as in the first.",
        "put quotes around a cell that holds a comma.",
    ),
    Refused(
        105,
        "no header",
        lambda: table(header=None),
        "'t.csv': line 1, column 1: the first line holds '20', which is no name of a column.",
        "a first line with the names of the columns.",
        "put a line with names above the rows.",
    ),
    Refused(
        105,
        "a name twice in the header",
        lambda: table(header="age,age,target"),
        "'t.csv': line 1, column 2: the name 'age' is that of column 1 too.",
        "a name of its own for each column.",
        "rename one of the two columns.",
    ),
    Refused(
        105,
        "text in a column of numbers",
        lambda: table("old,Bonn,a"),
        "'t.csv': line 22, column 1 ('age'): 'old' is no number.",
        NO_NUMBER,
        AS_WORDS,
    ),
    Refused(
        105,
        "a decimal comma between commas",
        lambda: table('"31,5",Bonn,a'),
        "'t.csv': line 22, column 1 ('age'): '31,5' is no number.",
        NO_NUMBER,
        "write it with a decimal point: 31.5.",
    ),
    Accepted(
        105,
        "decimal commas between semicolons",
        lambda: numbers(table("31,5;Bonn;a", header="age;city;target"))[-1],
        lambda: 31.5,
    ),
    Refused(
        105,
        "1,5 and 1.5 in one column",
        lambda: table("31,5;Bonn;a", "31.5;Bonn;a", header="age;city;target"),
        "'t.csv': line 22, column 1 ('age'): '31,5' has a decimal comma, "
        "other cells a decimal point.",
        "one way of writing numbers in a column.",
        "write all of them with a decimal point.",
    ),
    Accepted(
        105,
        "; as the delimiter",
        lambda: table(header="age;city;target").notes[0],
        lambda: "Cells are separated by a semicolon.",
    ),
    Refused(
        105,
        "a quote that is never closed",
        lambda: table('31,"Bonn,a', "32,Köln,b"),
        "'t.csv': line 22, column 2: a quote is opened and never closed.",
        "cells as they are, or quoted from their beginning to their end.",
        'close the quote; a quote inside a quoted cell is written twice: "say ""yes""".',
    ),
    Accepted(
        105,
        "a byte order mark",
        lambda: [c.name for c in table(header="\ufeffage,city,target").schema.columns],
        lambda: ["age", "city"],
    ),
    Refused(
        105,
        "Latin-1",
        lambda: table("31,Köln,a".encode("latin-1")),
        "'t.csv': line 22, column 2: the byte 0xF6 is not UTF-8 ('ö' in Latin-1).",
        "text in UTF-8.",
        'save it as "CSV UTF-8", or convert it: iconv -f LATIN1 -t UTF-8 old.csv > new.csv.',
    ),
    Refused(
        105,
        "a NUL byte",
        lambda: table("31,Bo\0nn,a"),
        "'t.csv': line 22, column 2: there is a NUL character.",
        "text without the character \\0.",
        "export the file again; it may have been cut off or be no text at all.",
    ),
    Refused(
        105,
        "no rows",
        lambda: read_csv(b"age,city,target\n", name="t.csv"),
        "'t.csv': the table has no rows.",
        "at least one row below the names of the columns.",
        "look at the program that wrote the file.",
    ),
    Refused(
        105,
        "a target that is not there",
        lambda: table(target="tagret"),
        "'t.csv' has no column 'tagret'.",
        "one of 'age', 'city', 'target' as the target.",
        'did you mean "target"?',
    ),
    Refused(
        105,
        "no target named, and none to be guessed",
        lambda: table(header="age,city,size"),
        "'t.csv': which column is to be predicted? none is called target, label, class or y.",
        "one of 'age', 'city', 'size'.",
        "pass target='size' (on the command line: --target 'size').",
    ),
    Refused(
        105,
        "a constant target",
        lambda: load_constant(),
        "'t.csv': the target 'target' has one single value: 'a'.",
        "at least two different values, or there is nothing to learn.",
        "name another column as target, or add rows with other values.",
    ),
    Accepted(
        105,
        "dates",
        lambda: table_of_dates("2024-02-29").train.x["numbers"].shape[1],
        lambda: 3,
    ),
    Refused(
        105,
        "a date that is not in the calendar",
        lambda: table_of_dates("2024-02-30"),
        "'t.csv': line 22, column 1 ('sold'): '2024-02-30' is no date in the order year-month-day.",
        "dates such as 2024-01-31, or in the order year-month-day, or an empty cell.",
        'correct the cell, or read the column as words: kinds={"sold": "category"}.',
    ),
    Refused(
        105,
        "1e400",
        lambda: table("1e400,Bonn,a"),
        "'t.csv': line 22, column 1 ('age'): '1e400' does not fit float32.",
        "finite numbers between -3.4e38 and 3.4e38.",
        "correct the cell, or leave it empty where the number is not known.",
    ),
    Accepted(
        106,
        "a formula",
        lambda: read_csv(b"a,b\n=cmd()|' /C calc'!A0,1\n").columns["a"].values,
        lambda: ["=cmd()|' /C calc'!A0"],
    ),
    Refused(
        108,
        "bad TOML",
        lambda: settings("epochs = 3\n[optimizer\n"),
        "'run.toml': line 2: expected ']' at the end of a table declaration.",
        "a TOML file of settings, such as epochs = 20, with finite numbers.",
        "correct that line; text stands in double quotes, and # begins a comment.",
    ),
    Refused(
        108,
        "a YAML tag that runs code",
        lambda: settings("epochs = !!python/object:os.system rm\n"),
        "'run.toml': line 1: invalid value.",
        "a TOML file of settings, such as epochs = 20, with finite numbers.",
        "correct that line; text stands in double quotes, and # begins a comment.",
    ),
    Refused(
        108,
        "an unknown key",
        lambda: settings("epochs = 3\n[optimizer]\nlearnin_rate = 0.1\n"),
        "'run.toml': line 3: 'optimizer.learnin_rate' is not a setting.",
        "one of epochs, optimizer.learning_rate.",
        'did you mean "optimizer.learning_rate"?',
    ),
]


def load_constant() -> Any:
    """A table in which the target never changes."""
    Path("t.csv").write_text("age,target\n" + "".join(f"{i},a\n" for i in range(20)))
    return load_table("t.csv")


def table_of_dates(last: str) -> Any:
    """A table with a column of 20 dates and this one."""
    rows = [f"2023-05-{i % 9 + 1:02},{'ab'[i % 2]}" for i in range(20)]
    Path("t.csv").write_text("\n".join(["sold,target", *rows, f"{last},a"]) + "\n")
    return load_table("t.csv")
