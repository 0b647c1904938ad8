import numpy as np
import pytest

from lamina.data import catalog
from lamina.workbench.experiment import Pace, Settings, carry_out, choose_pace
from lamina.workbench.parts import divide, facts_of


def test_the_validation_part_is_a_tenth_of_each_class():
    parts = divide(catalog.load("digits"), seed=1)

    share = parts.validation.y.bincount() / (
        parts.train.y.bincount() + parts.validation.y.bincount()
    )
    assert parts.validation.num_examples == 144
    assert share.min() > 0.09
    assert share.max() < 0.11


def test_no_example_is_in_two_parts():
    parts = divide(catalog.load("iris"), seed=1)

    assert parts.train.num_examples + parts.validation.num_examples == 120
    assert parts.test.num_examples == 30


def test_label_facts_come_from_the_training_part_alone():
    dataset = catalog.load("diabetes")
    parts = divide(dataset, seed=1)
    facts = facts_of(dataset.description, parts.train)

    y = parts.train.y.numpy().astype(np.float64)
    assert facts.label_mean == pytest.approx(y.mean())
    assert facts.label_deviation == pytest.approx(y.std())
    assert parts.train.y.shape == (317, 1)


def test_settings_win_over_the_recipe():
    asked = Settings("digits", model="linear", epochs=3, learning_rate=0.5)

    assert choose_pace(asked, num_examples=1_293) == Pace(3, 32, 0.5)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "least"), [("mlp", 0.885), ("cnn", 0.91)])
def test_fashion_mnist_reaches_its_accuracy(model, least, tmp_path):
    lines = []

    carry_out(Settings("fashion-mnist", model=model, out=tmp_path / "run"), say=lines.append)

    assert float(lines[-2].removeprefix("test accuracy  ")) >= least
