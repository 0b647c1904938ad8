"""The task is found out from the target, and can be told."""

import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.data.tables.targets import choose_target, read_target
from lamina.files import CellColumn, TableFile


def file(values, form="text", name="target"):
    column = CellColumn(form, values if form == "text" else np.array(values))
    return TableFile("t.csv", {name: column}, len(values), range(2, len(values) + 2), ",")


def repeated(*values):
    return [values[i % len(values)] for i in range(24)]


@pytest.mark.parametrize(
    ("values", "form", "names"),
    [
        (repeated("b", "a", "10"), "text", ("10", "a", "b")),
        (repeated("10", "9", "1"), "text", ("1", "9", "10")),
        (repeated("1.0", "0.0", ""), "text", ("0", "1")),
        (repeated("0.5", "0.25"), "text", ("0.25", "0.5")),
        (repeated("yes", "no"), "text", ("no", "yes")),
        (repeated(1.0, 0.0, np.nan), "boolean", ("False", "True")),
        (repeated(3, 1, 2), "number", ("1", "2", "3")),
        (repeated(3.0, np.nan, 2.0), "number", ("2", "3")),
    ],
)
def test_classes_are_recognised_and_ordered(values, form, names):
    target = read_target(file(values, form), "target", None)

    assert (target.task, target.class_names) == ("classification", names)
    assert target.y.dtype == np.int64
    assert len(target.y) == len(target.rows)


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (repeated("1.5", "2.5", "3"), "text"),
        ([str(i) for i in range(24)], "text"),
        ([str(i % 12) for i in range(24)], "text"),
        (repeated(1.5, 2.5, 3.0), "number"),
    ],
)
def test_amounts_are_recognised(values, form):
    target = read_target(file(values, form), "target", None)

    assert (target.task, target.class_names) == ("regression", ())
    assert target.y.dtype == np.float32


def test_the_task_can_be_told():
    values = repeated("1", "2", "3")

    assert read_target(file(values), "target", "regression").y[:3].tolist() == [1.0, 2.0, 3.0]
    assert read_target(file(repeated("1.5", "2", "x")), "target", "classification").class_names == (
        "1.5",
        "2",
        "x",
    )


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (repeated("a", "b"), "Task: classification of 'target' into two classes ('a', 'b')."),
        (
            repeated(*"abcdef"),
            "Task: classification of 'target' into 6 classes ('a', 'b', 'c', 'd', 'e', …).",
        ),
        (
            repeated("1.5", "2.5", "3"),
            "Task: regression of 'target', from 1.5 to 3 (3 different numbers).",
        ),
    ],
)
def test_the_task_is_said(values, note):
    assert read_target(file(values), "target", None).note == note


def test_rows_without_a_target_are_left_out():
    target = read_target(file(["a", "", "b", "?", "a"] * 3), "target", None)

    assert target.rows[:3].tolist() == [0, 2, 4]
    assert target.y[:3].tolist() == [0, 1, 0]


@pytest.mark.parametrize("name", ["target", "Label", "CLASS", "y"])
def test_a_column_with_a_usual_name_is_the_target(name):
    assert choose_target(file(["1"], name=name), None) == name


def test_two_usual_names_are_one_too_many():
    columns = {"y": CellColumn("text", ["1"]), "class": CellColumn("text", ["1"])}
    with pytest.raises(DataError, match=r"is to be predicted\? several could be meant"):
        choose_target(TableFile("t.csv", columns, 1), None)
