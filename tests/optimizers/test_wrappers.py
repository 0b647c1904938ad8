"""Clipping, accumulation, weight decay and averaging against their formulas."""

import pytest
import torch
from torch.testing import assert_close

from lamina.optimizers import wrappers


def gradients():
    return [torch.tensor([3.0, 4.0]), torch.tensor([[0.3], [0.4]])]


def test_each_norm_is_cut_to_the_limit():
    given = gradients()

    wrappers.clip_each_norm(given, 1.0)

    # Lengths 5 and 0.5: the first is divided by 5, the second stays.
    assert_close(given, [torch.tensor([0.6, 0.8]), torch.tensor([[0.3], [0.4]])])


def test_the_global_norm_is_cut_to_the_limit():
    given = gradients()

    wrappers.clip_global_norm(given, 1.0)

    length = (25 + 0.25) ** 0.5
    assert_close(given, [gradient / length for gradient in gradients()])


def test_one_flat_tensor_has_the_norm_of_its_parts():
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients()])
    parts = gradients()

    wrappers.clip_global_norm([flat], 1.0)
    wrappers.clip_global_norm(parts, 1.0)

    assert_close(flat, torch.cat([part.reshape(-1) for part in parts]))


def test_a_gradient_of_zeros_stays():
    zeros = [torch.zeros(3)]

    wrappers.clip_each_norm(zeros, 1.0)
    wrappers.clip_global_norm(zeros, 1.0)

    assert zeros[0].tolist() == [0.0, 0.0, 0.0]


def test_values_are_cut_at_the_limit():
    given = gradients()

    wrappers.clip_value(given, 0.35)

    assert_close(given, [torch.tensor([0.35, 0.35]), torch.tensor([[0.3], [0.35]])])


def test_accumulated_gradients_become_their_mean():
    sums = [torch.zeros(2), torch.zeros(2, 1)]
    wrappers.accumulate(sums, gradients())
    wrappers.accumulate(sums, gradients())

    means = wrappers.average_accumulated(sums, [torch.zeros(2), torch.zeros(2, 1)], 4)

    assert_close(means, [gradient / 2 for gradient in gradients()])
    assert [total.abs().sum().item() for total in sums] == [0.0, 0.0]


def test_decay_takes_a_share_off():
    weight = torch.tensor([2.0, -4.0])

    wrappers.decay_weight(weight, torch.tensor(0.25))

    assert weight.tolist() == [1.5, -3.0]


def test_a_tiny_decay_is_not_lost_to_rounding():
    weight, share = torch.ones(1), torch.tensor(4e-6)
    for _ in range(1000):
        wrappers.decay_weight(weight, share)

    # 1 - 4e-6 has an error of 0.75 % of the share in float32; a subtraction has none on average.
    assert_close(1 - weight.item(), 1 - (1 - 4e-6) ** 1000, rtol=2e-3, atol=0)


@pytest.mark.parametrize(("is_due", "wanted"), [(0.0, [1.0, 2.0]), (1.0, [5.0, 6.0])])
def test_the_average_replaces_the_weight_when_due(is_due, wanted):
    weight, average = torch.tensor([1.0, 2.0]), torch.tensor([5.0, 6.0])

    wrappers.overwrite_weight(weight, average, torch.tensor(is_due))

    assert weight.tolist() == wanted
