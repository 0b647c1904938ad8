"""Fingerprints of rows and statistics of arrays."""

import numpy as np
import pytest
import torch

from lamina.preflight import rows
from lamina.preflight.labels import describe_labels
from lamina.preflight.statistics import describe

KINDS = {
    "bytes": torch.randint(0, 256, (500, 13), dtype=torch.uint8),
    "floats": torch.randn(500, 7),
    "pictures": torch.randint(0, 256, (200, 4, 4, 3), dtype=torch.uint8),
    "whole numbers": torch.randint(0, 9, (500, 5)),
}


@pytest.mark.parametrize("tensor", KINDS.values(), ids=KINDS)
def test_equal_rows_and_only_those_have_equal_fingerprints(tensor):
    distinct = len(torch.unique(tensor.flatten(1), dim=0))

    assert len(np.unique(rows.fingerprints(tensor))) == distinct


def test_rows_of_small_whole_floats_do_not_collide():
    grid = torch.cartesian_prod(*[torch.arange(8.0)] * 4)

    assert len(np.unique(rows.fingerprints(grid))) == 8**4


def test_minus_zero_is_zero():
    one, other = rows.fingerprints(torch.tensor([[0.0, 1.0], [-0.0, 1.0]]))

    assert one == other


def test_repeated_share_counts_rows_that_have_an_equal():
    assert rows.repeated_share(np.array([1, 1, 2, 3, 3, 3])) == pytest.approx(5 / 6)


def test_moments_agree_with_numpy_in_double_precision():
    x = torch.randn(300, 4) * 3 + torch.tensor([0.0, 10.0, 2000.0, -5.0])
    exact = x.double().numpy()

    found = describe(x)

    np.testing.assert_allclose(found.means, exact.mean(0), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.stds, exact.std(0), rtol=1e-5)
    assert found.std == pytest.approx(exact.std(), rel=1e-6)
    assert (found.low, found.high) == (exact.min(), exact.max())


def test_large_arrays_are_sampled_and_say_so():
    found = describe(torch.zeros(300_000, 3))

    assert found.is_sampled
    assert found.looked_at <= 200_000


def test_numbers_that_are_not_finite_are_left_out():
    x = torch.tensor([[1.0, torch.nan], [3.0, 2.0], [torch.inf, 4.0]])

    assert describe(x).means.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("y", "fact"),
    [
        (torch.arange(30) % 3, "looks_like_classes"),
        (torch.eye(3).repeat(10, 1), "is_one_hot"),
        (torch.tensor([[1, 1, 0], [0, 1, 0]]).repeat(10, 1), "is_multilabel"),
        (torch.linspace(0, 1, 30), "is_continuous"),
        ((torch.arange(30) % 2).float(), "is_binary"),
    ],
)
def test_the_kind_of_labels_is_seen(y, fact):
    assert getattr(describe_labels("y", y), fact)


def test_counts_of_many_values_are_no_classes():
    y = torch.randint(0, 5000, (300,))

    assert not describe_labels("y", y).looks_like_classes
