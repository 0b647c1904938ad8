"""Minutes become epochs, examples are divided, and precision follows the machine."""

import re

import numpy as np
import pytest
import torch

from lamina.core.errors import ArgumentError, DataError
from lamina.data.dataset import Dataset, Part, Schema
from lamina.recipes import Examples, accuracy, fastest_policy, mlp, starts, training

X = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 3)).astype(np.uint8)
Y = np.arange(20) % 2


def dataset(validation: Part | None) -> Dataset:
    part = Part(X, Y, [str(i) for i in range(20)])
    schema = Schema("pictures", "classification", class_names=("a", "b", "c"))
    return Dataset("toy", "Toy", "toy", schema, part, validation, part, "0")


def test_minutes_become_as_many_epochs_as_fit(monkeypatch):
    monkeypatch.setattr(training, "seconds_per_update", lambda *_: 2.0)

    outcome = mlp.train((X, Y), minutes=1, batch_size=10, units=4, blocks=1, shift=1, verbose=0)
    assert outcome.epochs == 14  # of 2 updates and 4 seconds each, in 58.8 seconds


def test_update_is_timed():
    def prepare(updates):
        model = mlp.build(X, 2, units=4, blocks=1, shift=1)
        model.compile("sgd", "mse")
        return model

    examples = Examples.of((X, Y))
    assert training.seconds_per_update(prepare, examples, 10) > 0


@pytest.mark.parametrize("given", [{}, {"minutes": 1, "epochs": 1}])
def test_one_of_minutes_and_epochs_is_wanted(given):
    minutes, epochs = given.get("minutes"), given.get("epochs")
    wanted = (
        f"a recipe received minutes={minutes} and epochs={epochs}.\n"
        "  expected: one of the two: how long it trains, or how often it sees each picture.\n"
        "  fix: pass minutes=10, or epochs=12."
    )

    with pytest.raises(ArgumentError, match=re.escape(wanted)):
        mlp.train((X, Y), **given)


def test_clock_tells_the_capture_from_the_steps(monkeypatch):
    clock = training.Clock()
    clock.captured_at, clock.batches = 12.0, 10

    # Twelve seconds for two batches, eight for eight others: ten were for the capture.
    assert clock.capture_seconds(0.0, 20.0) == pytest.approx(10.0)


def test_labels_become_one_hot_rows():
    examples = Examples.of((X, Y))

    assert examples.y.shape == (20, 2)
    assert examples.num_classes == 2
    assert examples.input_shape == (4, 4, 3)


def test_share_is_kept_back_with_all_classes():
    examples = Examples.of((X, Y), validation=0.2)

    assert len(examples.x) == 16
    assert sorted(examples.held_y) == [0, 0, 1, 1]


def test_dataset_keeps_back_its_own_validation_part():
    own = Part(X[:3], Y[:3], ["a", "b", "c"])
    examples = Examples.of(dataset(own), validation=0.5)

    assert len(examples.x) == 20
    assert np.array_equal(examples.held_x, X[:3])


def test_dataset_says_how_many_classes_there_are():
    assert Examples.of(dataset(None)).num_classes == 3


def test_data_of_another_kind_is_refused():
    wanted = (
        "a recipe received int as its data.\n"
        "  expected: a Dataset, or a pair of arrays (x, y).\n"
        '  fix: pass lamina.data.load("cifar10"), or (train_x, train_y).'
    )

    with pytest.raises(DataError, match=re.escape(wanted)):
        Examples.of(3)


def test_rows_of_a_table_are_no_pictures():
    wanted = (
        "a recipe received x of shape (20, 7) and y of shape (20,), int64.\n"
        "  expected: pictures (n, height, width, channels) and n class numbers.\n"
        "  fix: pass pictures of one size with whole numbers from 0 as labels."
    )

    with pytest.raises(DataError, match=re.escape(wanted)):
        Examples.of((np.zeros((20, 7)), Y))


def test_scaled_bytes_are_exact_in_bfloat16():
    scale, offset = starts.scaling(X)
    values = torch.arange(256, dtype=torch.float32) * scale + offset

    assert torch.equal(values.bfloat16().float(), values)


def test_whitening_matrix_gives_values_that_vary_alike_and_apart():
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(400, 2, 2, 3))).float()
    x = x * torch.tensor([3.0, 1.0, 0.5])
    kernel, bias = starts.whitening_matrix(x, 12, epsilon=0.0)
    z = x.reshape(400, -1) @ torch.from_numpy(kernel) + torch.from_numpy(bias)

    assert torch.allclose(z.mean(0), torch.zeros(12), atol=1e-4)
    assert torch.allclose(z.T @ z / 400, torch.eye(12), atol=1e-3)


def test_whitening_matrix_leaves_units_beyond_the_pixels_at_zero():
    kernel, _ = starts.whitening_matrix(torch.rand(30, 1, 2, 2), 6, epsilon=0.1)

    assert (kernel[:, 4:] == 0).all()


def test_accuracy_is_the_share_named_right():
    class Reader:
        def predict(self, x, **_):
            return np.eye(2)[[0, 0, 1, 1]]

    assert accuracy(Reader(), X[:4], [0, 1, 1, 1]) == 0.75


def test_fastest_policy_is_one_of_two():
    assert fastest_policy() in ("mixed_bfloat16", "float32")


def test_processor_without_matrix_units_computes_in_float32(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    monkeypatch.setenv("LAMINA_DEVICE", "cpu")

    assert fastest_policy() == "float32"


def test_processor_with_matrix_units_computes_in_bfloat16(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True}, raising=False)
    monkeypatch.setenv("LAMINA_DEVICE", "cpu")

    assert fastest_policy() == "mixed_bfloat16"
