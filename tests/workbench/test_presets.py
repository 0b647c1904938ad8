import pytest

from lamina.workbench import presets
from lamina.workbench.presets import DataFacts, Recipe

PICTURES = DataFacts("grey", (28, 28), 60_000, num_classes=10, value_range=(0, 255))
COLOURS = DataFacts("colours", (32, 32, 3), 50_000, num_classes=10, value_range=(0, 255))
SMALL = DataFacts("digits", (8, 8), 1_300, num_classes=10, value_range=(0, 16))
TABLE = DataFacts("iris", (4,), 120, num_classes=3)
NUMBERS = DataFacts("prices", (8,), 16_000, label_mean=200.0, label_deviation=50.0)


@pytest.mark.parametrize("name", ["linear", "mlp", "cnn"])
@pytest.mark.parametrize("facts", [PICTURES, COLOURS, SMALL], ids=lambda facts: facts.name)
def test_pictures_become_class_probabilities(name, facts):
    model = presets.build(name, facts)

    assert model.input_shape == (None, *facts.input_shape)
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize("name", ["linear", "mlp"])
@pytest.mark.parametrize(
    ("facts", "outputs"), [(TABLE, 3), (NUMBERS, 1)], ids=["classes", "number"]
)
def test_tables_are_taken(name, facts, outputs):
    assert presets.build(name, facts).output_shape == (None, outputs)


def test_a_known_range_becomes_zero_to_one():
    scaling = presets.build("linear", DataFacts("x", (2,), 10, 2, value_range=(-1, 3))).layers[0]

    assert scaling(-1.0).item() == 0.0
    assert scaling(3.0).item() == 1.0


def test_an_unknown_range_is_learned():
    assert type(presets.build("linear", TABLE).layers[0]).__name__ == "Normalization"


def test_a_regression_answers_in_the_unit_of_the_labels():
    last = presets.build("linear", NUMBERS).layers[-1]

    assert last(1.0).item() == 250.0


def test_a_linear_model_has_one_weight_a_feature_and_class():
    assert presets.build("linear", PICTURES).count_params() == 784 * 10 + 10


@pytest.mark.parametrize(
    ("num_examples", "batch_size", "epochs"),
    [(60_000, 128, 15), (1_280, 32, 50), (64, 32, 100)],
    ids=["many", "few", "very few"],
)
def test_few_examples_are_seen_more_often(num_examples, batch_size, epochs):
    recipe = Recipe(epochs=15, least_updates=2_000, learning_rate=0.002)

    assert recipe.batch_size_for(num_examples) == batch_size
    assert recipe.epochs_for(num_examples, batch_size) == epochs
