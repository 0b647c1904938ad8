"""Examples on the live page: pictures or values, with the label and the model's answer."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

import lamina as keras
from lamina.report.live.examples import Examples


class Says:
    """A model that gives the same answers to everybody."""

    def __init__(self, answers, loss="sparse_categorical_crossentropy"):
        self.answers, self.loss = np.asarray(answers, "float32"), loss

    def predict(self, x, verbose=0):
        return self.answers


def picture_of(entry):
    assert entry["picture"].startswith("data:image/png;base64,")
    return Image.open(io.BytesIO(base64.b64decode(entry["picture"].split(",")[1])))


def test_classes_are_told_by_name_with_their_chance():
    examples = Examples(np.zeros((2, 3)), np.array([1, 0]), ["cat", "dog"])
    first, second = examples.asked_of(Says([[0.25, 0.75], [0.1, 0.9]]))

    assert (first["label"], first["answer"], first["chance"], first["right"]) == (
        "dog", "dog", 0.75, True,
    )  # fmt: skip
    assert (second["label"], second["answer"], second["right"]) == ("cat", "dog", False)


@pytest.mark.parametrize(
    ("y", "answers", "loss", "label", "answer", "chance"),
    [
        ([[0.0, 1.0]], [[0.5, 0.5]], "categorical_crossentropy", "class 1", "class 0", 0.5),
        ([1], [[0.75]], "binary_crossentropy", "class 1", "class 1", 0.75),
        ([[0.0]], [[0.0]], keras.losses.BinaryCrossentropy(from_logits=True), "class 0",
         "class 0", 0.5),
        ([2], [[0.0, 0.0, 0.0]], keras.losses.SparseCategoricalCrossentropy(from_logits=True),
         "class 2", "class 0", 0.3333),
    ],
)  # fmt: skip
def test_labels_and_answers_of_all_forms_are_understood(y, answers, loss, label, answer, chance):
    (said,) = Examples(np.zeros((1, 3)), np.array(y)).asked_of(Says(answers, loss))

    assert (said["label"], said["answer"], said["chance"]) == (label, answer, chance)


def test_numbers_are_neither_right_nor_wrong():
    (said,) = Examples(np.zeros((1, 3)), np.array([1.5])).asked_of(Says([[2.25]], "mse"))

    assert (said["label"], said["answer"], said["right"]) == ("1.5", "2.25", None)
    assert "chance" not in said


def test_a_picture_is_shown_as_it_is():
    x = np.arange(64, dtype="uint8").reshape(1, 8, 8)
    (said,) = Examples(x, np.array([0])).asked_of(Says([[1.0, 0.0]]))

    np.testing.assert_array_equal(np.asarray(picture_of(said)), x[0])


@pytest.mark.parametrize(
    ("low", "high", "black", "white"),
    [(0.0, 1.0, 0, 255), (0.0, 255.0, 0, 255), (-2.0, 2.0, 0, 255)],
)
def test_pictures_of_floats_are_scaled_by_their_range(low, high, black, white):
    x = np.full((1, 8, 8, 3), low, "float32")
    x[:, 4:] = high
    (said,) = Examples(x, np.array([0])).asked_of(Says([[1.0, 0.0]]))
    pixels = np.asarray(picture_of(said))

    assert (pixels[:4] == black).all()
    assert (pixels[4:] == white).all()


def test_a_large_picture_is_shown_smaller():
    x = np.zeros((1, 300, 200, 1), "uint8")
    (said,) = Examples(x, np.array([0])).asked_of(Says([[1.0, 0.0]]))

    assert picture_of(said).size == (50, 75)


@pytest.mark.parametrize(
    ("x", "columns", "expected"),
    [
        (np.array([[1.0, 2.5]]), ["age", "height"], [["age", "1"], ["height", "2.5"]]),
        (np.array([[1, 2]]), None, [["x0", "1"], ["x1", "2"]]),
        ({"age": np.array([[3.0]])[:, 0], "town": np.array(["Ulm"])}, None,
         [["age", "3"], ["town", "Ulm"]]),
    ],
)  # fmt: skip
def test_a_row_of_a_table_is_shown_by_columns(x, columns, expected):
    (said,) = Examples(x, np.array([0]), column_names=columns).asked_of(Says([[1.0, 0.0]]))

    assert said["values"] == expected


def test_at_most_eight_examples_are_kept():
    examples = Examples(np.zeros((20, 2)), np.zeros(20, int))

    assert len(examples.asked_of(Says(np.full((8, 2), 0.5)))) == 8


@pytest.mark.parametrize("answers", [[np.zeros((1, 2))] * 2, np.zeros((1, 4, 4))])
def test_answers_that_are_no_row_are_not_shown(answers):
    model = Says(0.0)
    model.answers = answers

    assert Examples(np.zeros((1, 3)), np.array([0])).asked_of(model) == []
