"""Schedules of one rise and one fall: torch's numbers, and those of a hand-drawn triangle."""

import numpy as np
import pytest
import torch

from lamina.optimizers import SGD, schedules


def of_torch(total, rise, steps):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.5, total_steps=total, pct_start=rise, cycle_momentum=False
    )
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        cycle.step()
    return rates


@pytest.mark.parametrize(("total", "rise"), [(20, 0.3), (50, 0.5), (12, 0.25)])
def test_one_cycle_is_that_of_torch(total, rise):
    schedule = schedules.OneCycle(0.5, total, rise=rise)

    rates = schedule(torch.arange(total - 1, dtype=torch.float64))

    np.testing.assert_allclose(rates, of_torch(total, rise, total - 1), rtol=1e-9)


@pytest.mark.parametrize("rise", [0.0, 0.23, 1.0])
def test_triangular_is_drawn_by_two_straight_lines(rise):
    schedule = schedules.Triangular(2.0, 40, rise=rise, start=0.2, end=0.07)

    rates = schedule(torch.arange(60, dtype=torch.float64))

    heights = {0.0: 0.2, 40.0: 0.07, rise * 40: 1.0}
    corners = sorted(heights)
    wanted = np.interp(np.arange(60), corners, [2 * heights[x] for x in corners])
    np.testing.assert_allclose(rates, wanted, rtol=1e-9)


@pytest.mark.parametrize(
    "schedule",
    [schedules.OneCycle(0.5, 20), schedules.Triangular(0.5, 20)],
    ids=["one", "triangle"],
)
def test_schedules_are_rebuilt_from_plain_data(schedule):
    again = schedules.deserialize(schedules.serialize(schedule))

    assert again.get_config() == schedule.get_config()
    assert SGD(again).rate_at(torch.tensor([3.0])) == SGD(schedule).rate_at(torch.tensor([3.0]))
