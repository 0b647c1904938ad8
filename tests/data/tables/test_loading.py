"""Files with tables become data sets: the same from every format, and the same for unseen files."""

import json
import re

import numpy as np
import pytest
from sklearn import datasets

from lamina.core.errors import ArgumentError, DataError, LoadError, StorageError
from lamina.data.dataset import Schema
from lamina.data.tables import inputs_of, load_table, read_table

LOADERS = {
    "wine": (datasets.load_wine, "classification", 3),
    "breast cancer": (datasets.load_breast_cancer, "classification", 2),
    "diabetes": (datasets.load_diabetes, "regression", 0),
}


def write(frame, path):
    """Writes a data frame in the format that the ending says."""
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".jsonl":
        frame.to_json(path, orient="records", lines=True, double_precision=15)
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return path


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("name", LOADERS)
def test_a_public_table_is_the_same_in_every_format(name, ending, tmp_path):
    pytest.importorskip("pyarrow")
    load, task, num_classes = LOADERS[name]
    source = load(as_frame=True)
    data = load_table(write(source.frame, tmp_path / f"t{ending}"))

    found = read_table(data.source, data.schema)
    assert (data.schema.task, data.schema.num_classes) == (task, num_classes)
    np.testing.assert_allclose(found.x["numbers"], source.data.to_numpy("float32"), rtol=1e-6)
    np.testing.assert_array_equal(found.y, source.target.to_numpy("float32"))
    assert inputs_of(data.schema)[0].columns == tuple(source.feature_names)


def test_the_parts_hold_the_rows_that_their_ids_name(tmp_path):
    frame = datasets.load_wine(as_frame=True).frame
    data = load_table(write(frame, tmp_path / "wine.csv"))
    parts = (data.train, data.validation, data.test)

    rows = [int(name.removeprefix("row ")) - 1 for part in parts for name in part.ids]
    x = np.concatenate([part.x["numbers"] for part in parts])
    assert sorted(rows) == list(range(178))
    assert [part.num_examples for part in parts] == [124, 18, 36]
    np.testing.assert_allclose(x, frame.to_numpy("float32")[rows, :13], rtol=1e-6)
    assert (data.name, data.title) == ("wine", "wine")


def messy_lines():
    """120 rows: gaps, text, dates, a constant, an empty column, a copy of the target, a repeat."""
    random = np.random.default_rng(0)
    lines = ["id,size,city,sold,garden,remark,fixed,empty,copy,price"]
    for i in range(1, 121):
        price = "" if i == 7 else f"{100 + 3 * i + random.normal():.2f}"
        copy = f"{2 * float(price or 0) + 1:.2f}"
        size = ("NA", "?", "-")[i % 3] if i % 10 == 0 else f"{random.normal(80, 20):.1f}"
        city = ("Bonn", "Köln", "", "null")[i % 4]
        sold = f"{i % 28 + 1:02}.{i % 12 + 1:02}.2023"
        remark = f'"a fine flat, number {i}, near the park"'
        garden = ("yes", "no")[i % 2]
        lines.append(f"{i},{size},{city},{sold},{garden},{remark},x,,{copy},{price}")
    return [*lines, lines[50]]


@pytest.fixture
def messy(tmp_path):
    path = tmp_path / "messy.csv"
    path.write_text("\n".join(messy_lines()) + "\n", encoding="utf-8")
    return path


def test_the_columns_of_a_messy_table_are_understood(messy):
    schema = load_table(messy, target="price").schema

    assert {column.name: column.kind for column in schema.columns} == {
        "id": "ignored",
        "size": "number",
        "city": "category",
        "sold": "date",
        "garden": "boolean",
        "remark": "text",
        "fixed": "ignored",
        "empty": "ignored",
        "copy": "number",
    }
    assert schema.task == "regression"


def test_the_notes_say_what_was_found_and_assumed(messy):
    assert load_table(messy, target="price").notes[1:] == (
        "1 row without a target left out, of 121.",
        "Column 'id' is ignored: counts the rows.",
        "Column 'sold': dates in the order day/month/year.",
        "Column 'fixed' is ignored: has one single value ('x').",
        "Column 'empty' is ignored: has no values.",
        "Column 'copy': looks like a copy of the target.",
        "1 row repeats another; equal rows stay in the same part.",
    )


def test_a_messy_table_becomes_arrays(messy):
    data = load_table(messy, target="price")
    first = read_table(messy, data.schema, labelled=True)

    assert [(one.name, one.kind) for one in inputs_of(data.schema)] == [
        ("numbers", "numbers"),
        ("city", "category"),
        ("remark", "text"),
    ]
    assert inputs_of(data.schema)[0].columns == (
        "size",
        "sold (days)",
        "sold (month)",
        "sold (weekday)",
        "garden",
        "copy",
    )
    # The first row was sold on the 2nd of February 2023, a Thursday, 19,390 days after 1970-01-01.
    assert first.x["numbers"][0, 1:5].tolist() == [19390.0, 2.0, 3.0, 0.0]
    assert np.isnan(first.x["numbers"][8, 0])
    assert first.ids[5:7] == ["row 6", "row 8"]
    assert first.x["city"][:4].tolist() == [["Köln"], [""], [""], ["Bonn"]]
    assert all(isinstance(word, str) for word in first.x["city"].reshape(-1))
    assert (first.x["numbers"].dtype, first.y.dtype) == (np.float32, np.float32)


def test_gaps_and_values_are_counted_in_the_training_part(messy):
    data = load_table(messy, target="price")
    size, city = data.schema.columns[1:3]

    assert size.missing == int(np.isnan(data.train.x["numbers"][:, 0]).sum())
    assert (city.missing, city.distinct) == (int((data.train.x["city"] == "").sum()), 2)


def test_a_schema_survives_json(messy):
    schema = load_table(messy, target="price").schema

    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema


def test_unseen_rows_are_read_as_those_of_the_training(messy, tmp_path):
    schema = load_table(messy, target="price").schema
    other = tmp_path / "new.csv"
    other.write_text(
        "city;more;garden;copy;remark;size;sold\n"
        "Ulm;1;true;1,5;hello;;03.04.2023\n"  # by itself this date could be read either way
        "Bonn;2;NO;2,5;;70;2023-04-03\n"
    )

    found = read_table(other, schema)
    assert found.y is None
    assert found.x["city"].tolist() == [["Ulm"], ["Bonn"]]
    assert found.x["numbers"][:, 1:].tolist() == [[19450, 4, 0, 1, 1.5], [19450, 4, 0, 0, 2.5]]
    assert found.ids == ["row 1", "row 2"]


def test_kinds_can_be_told(messy):
    kinds = {"size": "category", "remark": "ignored", "id": "number"}
    columns = load_table(messy, target="price", kinds=kinds).schema.columns

    assert [column.kind for column in columns[:2]] == ["number", "category"]
    assert columns[5].note == "left out as asked for"


def test_the_same_seed_divides_in_the_same_way(messy):
    one, same, other = (load_table(messy, target="price", seed=seed) for seed in (1, 1, 2))

    assert one.test.ids == same.test.ids != other.test.ids
    assert one.fingerprint == same.fingerprint == other.fingerprint


def test_any_changed_cell_changes_the_fingerprint(messy):
    first = load_table(messy, target="price").fingerprint
    messy.write_text(messy.read_text().replace("fine flat, number 9,", "fine flat, number 8,"))

    assert load_table(messy, target="price").fingerprint != first


# -- labels of unseen files --------------------------------------------------------------------


@pytest.fixture
def flowers(tmp_path):
    path = tmp_path / "flowers.csv"
    rows = [f"{i % 7},{('rose', 'lily', 'Tulip')[i % 3]}" for i in range(40)]
    path.write_text("\n".join(["size,class", *rows]))
    return load_table(path, validation_share=0)


def file(tmp_path, text):
    path = tmp_path / "new.csv"
    path.write_text(text)
    return path


def test_labels_are_read_where_they_are_there(flowers, tmp_path):
    path = file(tmp_path, "class,size\nlily,1\nTULIP,2\n rose,3\n")

    assert flowers.schema.class_names == ("Tulip", "lily", "rose")
    assert flowers.validation is None
    assert read_table(path, flowers.schema).y.tolist() == [1, 0, 2]
    assert read_table(path, flowers.schema, labelled=False).y is None


def test_rows_without_a_label_are_left_out_only_where_labels_are_needed(flowers, tmp_path):
    path = file(tmp_path, "class,size\nlily,1\n?,2\nrose,3\n")

    assert read_table(path, flowers.schema).y is None
    assert read_table(path, flowers.schema).num_examples == 3
    labelled = read_table(path, flowers.schema, labelled=True)
    assert (labelled.y.tolist(), labelled.ids) == ([1, 2], ["row 1", "row 3"])


@pytest.mark.parametrize(
    ("text", "labelled", "message"),
    [
        (
            "class,size\nlily,1\nlilly,2\n",
            None,
            "'new.csv': line 3, column 1 ('class'): the class 'lilly' was not there in training.\n"
            "  expected: one of 'Tulip', 'lily', 'rose'.\n"
            '  fix: did you mean "lily"?',
        ),
        (
            "class,Size\nlily,1\n",
            None,
            "'new.csv' has no column 'size'.\n"
            "  expected: the columns that the model was trained on.\n"
            "  fix: did you mean \"Size\"? Rename that column to 'size'.",
        ),
        (
            "kind,weight\nlily,1\n",
            None,
            "'new.csv' has no column 'size'.\n"
            "  expected: the columns that the model was trained on.\n"
            "  fix: add the column; the file has 'kind', 'weight'.",
        ),
        (
            "size\n1\n",
            True,
            "'new.csv' has no column 'class'.\n"
            "  expected: the columns that the model was trained on.\n"
            "  fix: add the column; the file has 'size'.",
        ),
        (
            "size,class\n1,\n",
            True,
            "'new.csv': no row has a value of 'class'.\n"
            "  expected: rows with the target filled in.\n"
            "  fix: predict instead of evaluating, or fill the column in.",
        ),
        (
            "size\n1\nbig\n",
            None,
            "'new.csv': line 3, column 1 ('size'): 'big' is no number.\n"
            "  expected: numbers with a decimal point, or an empty cell where one is missing.\n"
            "  fix: correct the cell, or leave it empty.",
        ),
    ],
)
def test_an_unseen_file_that_does_not_fit_is_refused(
    flowers, tmp_path, monkeypatch, text, labelled, message
):
    monkeypatch.chdir(tmp_path)
    file(tmp_path, text)

    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        read_table("new.csv", flowers.schema, labelled=labelled)


def test_a_schema_of_pictures_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match="the source is a table; the model reads pictures"):
        read_table(tmp_path / "t.csv", Schema("pictures", "classification"))


# -- what cannot be loaded ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "problem"),
    [
        ({"test_share": 0}, ArgumentError, "load_table(test_share=0) is not possible."),
        ({"test_share": 1.0}, ArgumentError, "load_table(test_share=1.0) is not possible."),
        ({"validation_share": 0.9}, ArgumentError, "test_share=0.2 and validation_share=0.9 leave"),
        ({"task": "ranking"}, ArgumentError, "load_table(task='ranking') is not possible."),
        ({"seed": -1}, ArgumentError, "load_table(seed=-1) is not possible."),
        ({"kinds": {"siez": "text"}}, ArgumentError, "kinds has the column 'siez', which is not"),
        ({"kinds": {"size": "words"}}, ArgumentError, "load_table(kinds['size']='words') is not"),
        ({"kinds": {"price": "text"}}, ArgumentError, "kinds={'price': 'text'} is about the"),
        ({"kinds": {"city": "number"}}, DataError, "line 2, column 3 ('city'): 'Köln' is no num"),
        ({"kinds": {"city": "boolean"}}, DataError, "'Köln' is neither true nor false."),
        ({"kinds": {"city": "date"}}, DataError, "'Köln' is no date in the order year-month-day."),
        ({"target": "sold"}, DataError, "the target 'sold' holds dates."),
        ({"target": "empty"}, DataError, "the target 'empty' has no values."),
        (
            {"target": "remark"},
            DataError,
            "the target 'remark' has 120 different values in",
        ),
    ],
)
def test_an_argument_that_does_not_fit_is_refused(messy, arguments, error, problem):
    with pytest.raises(error, match=re.escape(problem)):
        load_table(messy, **{"target": "price", **arguments})


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        (
            "none.csv",
            StorageError,
            "file 'none.csv' does not exist.",
        ),
        (
            "t.xlsx",
            LoadError,
            "'t.xlsx': the ending '.xlsx' is not that of a table that is read here.\n"
            "  expected: a name that ends in .csv, .tsv, .jsonl, .ndjson, .parquet, .pq.\n"
            "  fix: save the sheet as CSV (UTF-8).",
        ),
        (
            "t",
            LoadError,
            "'t': the name has no ending, which says what kind of table it is.\n"
            "  expected: a name that ends in .csv, .tsv, .jsonl, .ndjson, .parquet, .pq.\n"
            "  fix: rename the file to what it is, for example table.csv.",
        ),
    ],
)
def test_what_is_no_table_is_refused(name, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        load_table(name)


def test_a_table_with_nothing_to_predict_from_is_refused(tmp_path):
    path = file(tmp_path, "id,target\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    message = (
        "has no column to predict 'target' from.\n"
        "  expected: at least one column whose values differ and come again.\n"
        "  fix: look at why each is ignored: 'id' counts the rows."
    )
    with pytest.raises(DataError, match=re.escape(message)):
        load_table(path)
