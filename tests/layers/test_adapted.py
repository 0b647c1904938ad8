"""What layers learn from data, in whatever form the data comes, and how it travels."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from lamina.layers.discretization import Discretization
from lamina.layers.lookup import IntegerLookup, StringLookup
from lamina.layers.scaling import MinMaxScaling, Normalization

X = np.random.default_rng(0).normal(3, 5, (12, 2)).astype("float32")
Y = np.zeros(12, "float32")
FORMS = {
    "array": X,
    "tensor": torch.tensor(X),
    "nested list": X.tolist(),
    "pandas": pd.DataFrame(X),
    "polars": pl.DataFrame(X),
    "list of batches": [X[:5], X[5:]],
    "generator of pairs": ((X[start : start + 3], Y[start : start + 3]) for start in (0, 3, 6, 9)),
    "DataLoader": DataLoader(TensorDataset(torch.tensor(X), torch.tensor(Y)), batch_size=5),
}


def adapted(layer, data):
    layer.adapt(data)
    return layer


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_normalization_learns_from_data_of_any_kind(data):
    layer = adapted(Normalization(), data)

    np.testing.assert_allclose(layer.mean.numpy(), X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.variance.numpy(), X.var(0), rtol=1e-5)
    assert layer.is_adapted


def test_normalized_data_has_mean_0_and_variance_1():
    y = adapted(Normalization(), X)(X)

    torch.testing.assert_close(y.mean(0), torch.zeros(2), atol=1e-6, rtol=0)
    torch.testing.assert_close(y.var(0, correction=0), torch.ones(2))


def test_inverse_normalization_undoes_it():
    y = adapted(Normalization(), X)(X)

    torch.testing.assert_close(adapted(Normalization(invert=True), X)(y), torch.tensor(X))


def test_variance_beside_a_large_mean_is_exact():
    x = np.array([[1e8], [1e8 + 1], [1e8 + 2], [1e8 + 3]])
    layer = Normalization()

    layer.adapt(x, batch_size=1)

    assert layer.variance.item() == pytest.approx(1.25)  # of 0, 1, 2, 3: 14/4 - 1.5²


def test_normalization_without_data_changes_nothing():
    layer = Normalization()

    assert torch.equal(layer(X), torch.tensor(X))
    assert not layer.is_adapted


def test_normalization_without_axes_takes_a_column():
    layer = adapted(Normalization(axis=None), X[:, 0])

    assert layer.mean.item() == pytest.approx(X[:, 0].mean())


def test_adapting_again_forgets_the_first_time():
    layer = adapted(Normalization(), X + 100)

    torch.testing.assert_close(adapted(layer, X).mean, adapted(Normalization(), X).mean)


def test_only_the_wanted_number_of_batches_is_looked_at():
    layer = Normalization()
    layer.adapt(X, batch_size=4, steps=2)

    np.testing.assert_allclose(layer.mean.numpy(), X[:8].mean(0), rtol=1e-5)


def test_min_max_scaling_maps_the_ends_of_each_feature():
    layer = adapted(MinMaxScaling(feature_range=(-1, 1)), [[0.0, 5.0], [10.0, 6.0]])

    y = layer(torch.tensor([[0.0, 6.0], [5.0, 5.5], [20.0, 5.0]]))

    assert y.tolist() == [[-1.0, 1.0], [0.0, 0.0], [3.0, -1.0]]


def test_min_max_scaling_maps_a_constant_feature_to_the_low_end():
    layer = adapted(MinMaxScaling(feature_range=(2, 3)), [[7.0], [7.0]])

    assert layer(torch.tensor([[7.0], [8.0]])).tolist() == [[2.0], [2.0]]


def test_min_max_scaling_without_axis_has_one_range():
    layer = adapted(MinMaxScaling(axis=None), np.array([[0, 50], [100, 200]], "uint8"))

    assert layer(torch.tensor([[50, 100]], dtype=torch.uint8)).tolist() == [[0.25, 0.5]]


WORDS = ["b", "a", "a", "ü", "ü", "ü"]
MAKERS = {
    "Normalization": (Normalization, X, X),
    "MinMaxScaling": (MinMaxScaling, X, X),
    "Discretization": (lambda: Discretization(num_bins=3), X, X),
    "StringLookup": (StringLookup, WORDS, ["a", "z", "ü"]),
    "StringLookup tf_idf": (lambda: StringLookup(output_mode="tf_idf"), WORDS, [["a"], ["ü"]]),
    "IntegerLookup": (IntegerLookup, [3, 3, 5], np.array([5, 3, 9])),
}


@pytest.mark.parametrize(("make", "data", "x"), MAKERS.values(), ids=MAKERS)
def test_what_was_learned_survives_a_state_dict(make, data, x):
    first, second = adapted(make(), data), make()
    second.build_for((torch.zeros(1, 2),), {})

    second.load_state_dict(first.state_dict())

    assert second.is_adapted
    assert torch.equal(second(x), first(x))


def test_a_learned_vocabulary_survives_a_state_dict():
    first, second = adapted(StringLookup(), WORDS), StringLookup()

    second.load_state_dict(first.state_dict())

    assert second.get_vocabulary() == ["[UNK]", "ü", "a", "b"]
