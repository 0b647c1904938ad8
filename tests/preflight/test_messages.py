"""Full text of findings, as a patient teacher would say it."""

import json

import pytest

from lamina.preflight import Finding, PreflightError, Report
from tests.preflight.programs import FAULTS

TEXTS = {
    "softmax-one-unit: softmax for yes or no": (
        "'last' is a softmax over a single unit, which is 1 whatever the input is.\n"
        "  expected: softmax over two units or more; one unit that answers yes or no wants "
        "sigmoid.\n"
        "  fix: give 'last' activation=\"sigmoid\" and compile with "
        'loss="binary_crossentropy".'
    ),
    "label-out-of-range: classes from one": (
        "y has labels from 1 to 4 (first 4 at row 1, 50 in all), and output layer 'last' has 4 "
        "units.\n"
        "  expected: class numbers from 0 to 3.\n"
        "  fix: start at 0: y - 1."
    ),
    "onehot-labels-sparse: one hot rows for class numbers": (
        "y of shape (200, 4) has a row for each sample, and loss "
        "'sparse_categorical_crossentropy' wants a class number.\n"
        "  expected: class numbers of shape (200,), or a loss for one-hot rows.\n"
        '  fix: compile with loss="categorical_crossentropy", or pass y.argmax(-1).'
    ),
    "int-labels-categorical: class numbers for one hot": (
        "y has class numbers, and loss 'categorical_crossentropy' wants rows of 4 values.\n"
        "  expected: one-hot rows, or a loss for class numbers.\n"
        '  fix: compile with loss="sparse_categorical_crossentropy", or pass '
        "keras.utils.to_categorical(y)."
    ),
    "missing-output-activation: linear output for classes": (
        "output layer 'last' is linear, and loss 'sparse_categorical_crossentropy' takes its "
        "results for probabilities.\n"
        "  expected: softmax on the output layer, or from_logits=True in the loss.\n"
        "  fix: give 'last' activation=\"softmax\"."
    ),
    "nan-input: a missing value": (
        "x has 1 NaN (first at row 3, column 2).\n"
        "  expected: finite numbers.\n"
        "  fix: drop those rows or fill in numbers, for example with np.nan_to_num; "
        'nan="allow" goes on.'
    ),
    "unscaled-input: pixels up to 255": (
        "values of x go from 0 to 255.\n"
        "  expected: values near 1: mean about 0, deviation about 1, or 0 to 1.\n"
        "  fix: put keras.layers.Rescaling(1 / 255) after the Input."
    ),
    "val-overlaps-train: validation on training rows": (
        "200 of 200 validation rows (100 %) are also training rows.\n"
        "  expected: validation rows that training has not seen; otherwise overfitting stays "
        "unseen.\n"
        "  fix: hold rows back: leave validation_data out and pass validation_split=0.2."
    ),
    "sorted-no-shuffle: sorted classes in order": (
        "y comes class by class (3 changes in 200 rows), and shuffle=False keeps it so: batches "
        "hold one class.\n"
        "  expected: batches of mixed rows.\n"
        "  fix: pass shuffle=True to fit(), or leave shuffle out."
    ),
    "class-imbalance: two percent positive": (
        "the rarest of 2 classes in y has 2 % of the rows (4 of 200).\n"
        "  expected: classes of similar size, or weights that make up for it.\n"
        "  fix: pass class_weight={0: 0.51, 1: 25.0} to fit()."
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_finding_says_problem_rule_and_fix(name):
    program = FAULTS[name].make(True)
    last = program.model.layers[-1].name

    found = {finding.code: finding for finding in program.check()}

    assert str(found[FAULTS[name].code]).replace(repr(last), "'last'") == TEXTS[name]


ONE = Finding("nan-input", "error", "x has 1 NaN.", "finite numbers.", "drop it.", {"nan": 1})
TWO = Finding("tiny-data", "hint", "x has <2> rows.", "more.", "collect more.", stage="data")


def test_a_page_for_the_terminal():
    assert str(Report([TWO, ONE], "net", ["A note."])) == (
        "Preflight of 'net': 1 error, 1 hint.\n"
        "\n"
        "error    nan-input  (data)\n"
        "  x has 1 NaN.\n"
        "  expected: finite numbers.\n"
        "  fix:      drop it.\n"
        "\n"
        "hint     tiny-data  (data)\n"
        "  x has <2> rows.\n"
        "  expected: more.\n"
        "  fix:      collect more.\n"
        "\n"
        "  A note."
    )


def test_a_page_for_the_notebook_escapes_what_users_wrote():
    page = Report([TWO], "<net>")._repr_html_()

    assert "x has &lt;2&gt; rows." in page
    assert "<net>" not in page


def test_a_report_as_json():
    document = json.loads(Report([ONE], "net").to_json())

    assert document["findings"][0]["code"] == "nan-input"
    assert document["findings"][0]["evidence"] == {"nan": 1}


def test_the_error_has_the_text_of_the_first_error_and_all_findings():
    error = PreflightError([TWO, ONE])

    assert str(error) == "x has 1 NaN.\n  expected: finite numbers.\n  fix: drop it."
    assert error.findings == [TWO, ONE]
