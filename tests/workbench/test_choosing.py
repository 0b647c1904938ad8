import pytest
import torch

from lamina.workbench import choosing
from lamina.workbench.choosing import Recipe
from lamina.workbench.facts import DataFacts
from lamina.workbench.settings import Settings

GREY = DataFacts("grey", (28, 28, 1), 60_000, num_classes=10, value_range=(0, 255))
COLOURS = DataFacts("colours", (32, 32, 3), 50_000, num_classes=10, value_range=(0, 255))
TINY = DataFacts("digits", (8, 8, 1), 1_300, num_classes=10, value_range=(0, 16))
ROWS = DataFacts("iris", (4,), 120, num_classes=3)
SERIES = DataFacts("series", (50, 6), 120, num_classes=3)


@pytest.mark.parametrize(
    ("facts", "model"),
    [(GREY, "cnn"), (COLOURS, "cnn"), (TINY, "cnn"), (ROWS, "mlp"), (SERIES, "mlp")],
    ids=lambda value: getattr(value, "name", value),
)
def test_pictures_get_convolutions_and_all_else_does_not(facts, model):
    assert choosing.choose_model(facts) == model


@pytest.mark.parametrize(
    ("facts", "augment"),
    [(GREY, "shift"), (COLOURS, "flip"), (TINY, "none"), (ROWS, "none")],
    ids=lambda value: getattr(value, "name", value),
)
def test_only_photographs_are_mirrored(facts, augment):
    assert choosing.decide(Settings("x"), facts).augment == augment


@pytest.mark.parametrize(("has_units", "precision"), [(True, "bfloat16"), (False, "float32")])
def test_precision_goes_by_the_machine(monkeypatch, has_units, precision):
    monkeypatch.setattr(choosing.devices, "default", lambda: torch.device("cpu"))
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": has_units})

    assert choosing.choose_precision(GREY) == precision
    assert choosing.choose_precision(TINY) == "float32"


def test_settings_win_over_the_recipe():
    asked = Settings("x", model="linear", epochs=3, learning_rate=0.5, dropout=0.0)

    decided = choosing.decide(asked, ROWS)
    assert (decided.epochs, decided.batch_size, decided.learning_rate) == (3, 32, 0.5)


@pytest.mark.parametrize(
    ("model", "facts", "rate"),
    [
        ("mlp", GREY, 0.002),
        ("mlp", COLOURS, 0.0007),
        ("mlp", DataFacts("photos", (64, 64, 3), 900, num_classes=2), 0.0003),
        ("linear", COLOURS, 0.003),
        ("cnn", COLOURS, 0.003),
    ],
    ids=["few values", "thousands", "very many", "linear", "cnn"],
)
def test_an_mlp_of_many_values_learns_in_small_steps(model, facts, rate):
    assert choosing.decide(Settings("x", model=model), facts).learning_rate == rate


@pytest.mark.parametrize("model", ["linear", "mlp", "cnn", "resnet", "mine.py:build"])
def test_nothing_is_left_open(model):
    decided = choosing.decide(Settings("x", model=model), GREY)

    names = ("epochs", "batch_size", "learning_rate", "warmup", "dropout", "weight_decay")
    assert None not in [getattr(decided, name) for name in names]
    assert "auto" not in (decided.augment, decided.precision)


@pytest.mark.parametrize(
    ("num_examples", "batch_size", "epochs"),
    [(60_000, 128, 15), (1_280, 32, 50), (64, 32, 100)],
    ids=["many", "few", "very few"],
)
def test_few_examples_are_seen_more_often(num_examples, batch_size, epochs):
    recipe = Recipe(epochs=15, least_updates=2_000, learning_rate=0.002)

    assert recipe.batch_size_for(num_examples) == batch_size
    assert recipe.epochs_for(num_examples, batch_size) == epochs
