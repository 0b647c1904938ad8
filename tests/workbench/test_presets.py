import numpy as np
import pytest
import torch

from lamina.core.errors import ArgumentError
from lamina.layers import Imputation, Normalization, StringLookup
from lamina.workbench import presets
from lamina.workbench.facts import DataFacts, InputFacts, known_words
from lamina.workbench.presets import Sizing

PICTURES = DataFacts("grey", (28, 28, 1), 60_000, num_classes=10, value_range=(0, 255))
FLAT = DataFacts("flat", (28, 28), 60_000, num_classes=10, value_range=(0, 255))
COLOURS = DataFacts("colours", (32, 32, 3), 50_000, num_classes=10, value_range=(0, 255))
SMALL = DataFacts("digits", (8, 8, 1), 1_300, num_classes=10, value_range=(0, 16))
LARGE = DataFacts("photos", (96, 64, 3), 900, num_classes=10, value_range=(0, 255))
ROWS = DataFacts("iris", (4,), 120, num_classes=3)
NUMBERS = DataFacts("prices", (8,), 16_000, label_mean=200.0, label_deviation=50.0)
MANY = tuple(f"w{number}" for number in range(40))
TABLE = DataFacts(
    "flats",
    (),
    500,
    num_classes=2,
    inputs=(
        InputFacts("numbers", ("age", "size"), has_gaps=True),
        InputFacts("city", ("city",), words=("Rome", "Oslo", "")),
        InputFacts("street", ("street",), words=MANY),
    ),
)


@pytest.mark.parametrize("name", ["linear", "mlp", "cnn", "resnet"])
@pytest.mark.parametrize(
    "facts", [PICTURES, FLAT, COLOURS, SMALL, LARGE], ids=lambda facts: facts.name
)
def test_pictures_become_class_probabilities(name, facts):
    model = presets.build(name, facts)

    assert model.input_shape == (None, *facts.input_shape)
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize("name", ["linear", "mlp"])
@pytest.mark.parametrize(
    ("facts", "outputs"), [(ROWS, 3), (NUMBERS, 1), (TABLE, 2)], ids=["classes", "number", "table"]
)
def test_rows_are_taken(name, facts, outputs):
    assert presets.build(name, facts).output_shape == (None, outputs)


def test_a_known_range_becomes_zero_to_one():
    model = presets.build("linear", DataFacts("x", (2,), 10, 2, value_range=(-1, 3)))

    assert model.layers[1](-1.0).item() == 0.0
    assert model.layers[1](3.0).item() == 1.0


def test_an_mlp_gets_values_around_zero():
    model = presets.build("mlp", DataFacts("x", (2,), 10, 2, value_range=(-1, 3)))

    assert model.layers[1](-1.0).item() == -0.5
    assert model.layers[1](3.0).item() == 0.5


def test_an_unknown_range_is_learned():
    assert type(presets.build("linear", ROWS).layers[1]) is Normalization


def test_a_regression_answers_in_the_unit_of_the_labels():
    last = presets.build("linear", NUMBERS).layers[-1]

    assert last(1.0).item() == 250.0


def test_a_linear_model_has_one_weight_a_feature_and_class():
    assert presets.build("linear", PICTURES).count_params() == 784 * 10 + 10


def test_a_table_has_an_input_a_category_and_one_for_all_numbers():
    assert presets.build("mlp", TABLE).input_names == ["numbers", "city", "street"]


def test_a_table_is_read_by_layers_of_the_model():
    kinds = [type(module) for module in presets.build("mlp", TABLE).modules()]

    assert [kinds.count(kind) for kind in (Imputation, Normalization, StringLookup)] == [1, 1, 2]


def test_few_words_are_marked_and_many_are_placed():
    names = [layer.name.rstrip("_0123456789") for layer in presets.build("mlp", TABLE).layers]

    assert names.count("category_encoding") == 1
    assert names.count("embedding") == 1


def test_a_linear_model_marks_all_words():
    # 2 numbers and 2 marks of gaps, 3 words + 1 and 40 + 1, for 2 classes
    model = presets.build("linear", TABLE)

    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == 2 * (4 + 4 + 41) + 2


def test_an_unknown_word_and_a_gap_have_an_answer():
    model = presets.build("mlp", TABLE)
    row = {
        "numbers": np.array([[np.nan, 3.0]], np.float32),
        "city": np.array([["Paris"]]),
        "street": np.array([[""]]),
    }

    assert model.predict(row, verbose=0).sum() == pytest.approx(1.0)


def test_width_multiplies_units():
    half = presets.build("mlp", ROWS, Sizing(width=0.5))

    assert half.count_params() < presets.build("mlp", ROWS).count_params()


@pytest.mark.parametrize(
    ("augment", "names"),
    [("none", []), ("shift", ["RandomTranslation"]), ("flip", ["RandomFlip", "RandomTranslation"])],
)
def test_pictures_are_changed_as_asked_for(augment, names):
    model = presets.build("cnn", SMALL, Sizing(augment=augment))

    kinds = [type(layer).__name__ for layer in model.layers]
    assert [kind for kind in kinds if kind.startswith("Random")] == names


def test_only_convolutions_compute_in_half_precision():
    model = presets.build("cnn", SMALL, Sizing(precision="bfloat16"))

    policies = {layer.name: layer.dtype_policy.compute_dtype for layer in model.layers[1:]}
    assert "bfloat16" in policies.values()
    assert policies["classes"] == "float32"
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


def test_rare_words_are_unknown_where_there_are_many_rows():
    assert known_words(["a"] * 150 + ["b"] * 149 + ["c"]) == ("a", "b")


def test_no_more_than_a_thousand_words_are_known():
    words = [f"w{number}" for number in range(1_200)] * 2

    assert len(known_words(words)) == 1_000


@pytest.mark.parametrize("name", ["cnn", "resnet"])
def test_a_table_is_no_picture(name):
    message = f"^model '{name}' does not suit flats: its examples are rows of a table."

    with pytest.raises(ArgumentError, match=message):
        presets.build(name, TABLE)
