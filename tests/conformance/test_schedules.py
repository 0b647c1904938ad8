"""Schedules give the numbers of the real Keras, one at a time and many at once."""

import pytest
import torch
from torch.testing import assert_close

from lamina.optimizers import SGD, schedules

STEPS = [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 15, 19, 20, 21, 30, 40, 41, 70, 100]
CASES = {
    "exponential": lambda s: s.ExponentialDecay(0.1, 10, 0.9),
    "exponential stairs": lambda s: s.ExponentialDecay(0.1, 10, 0.9, staircase=True),
    "inverse": lambda s: s.InverseTimeDecay(0.1, 4, 0.5),
    "inverse stairs": lambda s: s.InverseTimeDecay(0.1, 4, 0.5, staircase=True),
    "piecewise": lambda s: s.PiecewiseConstantDecay([3, 10, 20], [1.0, 0.5, 0.25, 0.1]),
    "polynomial": lambda s: s.PolynomialDecay(0.1, 20, 0.01, power=0.5),
    "polynomial cycle": lambda s: s.PolynomialDecay(0.1, 10, 0.01, power=2.0, cycle=True),
    "cosine": lambda s: s.CosineDecay(0.1, 20, alpha=0.1),
    "cosine warmup": lambda s: s.CosineDecay(0.0, 20, 0.1, warmup_target=0.2, warmup_steps=5),
    "restarts": lambda s: s.CosineDecayRestarts(0.1, 10),
    "restarts all": lambda s: s.CosineDecayRestarts(0.1, 8, t_mul=1.5, m_mul=0.8, alpha=0.1),
    "restarts equal": lambda s: s.CosineDecayRestarts(0.1, 10, t_mul=1.0, m_mul=0.5),
}
every_case = pytest.mark.parametrize("make", CASES.values(), ids=CASES)


@every_case
def test_rates_are_those_of_keras(keras, make):
    other = make(keras.optimizers.schedules)
    wanted = torch.tensor([float(other(step)) for step in STEPS])

    rates = torch.stack([make(schedules)(step) for step in STEPS])

    assert_close(rates, wanted, rtol=1e-5, atol=1e-6)


@every_case
def test_many_steps_at_once_equal_one_by_one(make):
    schedule = make(schedules)

    together = schedule(torch.tensor(STEPS, dtype=torch.float64))

    assert together.dtype == torch.float64
    assert_close(together.float(), torch.stack([schedule(step) for step in STEPS]))


@every_case
def test_configuration_is_that_of_keras(keras, make):
    schedule = make(schedules)

    assert schedule.get_config() == make(keras.optimizers.schedules).get_config()
    assert schedules.deserialize(schedules.serialize(schedule)).get_config() == (
        schedule.get_config()
    )


def test_every_schedule_has_a_row():
    tested = {type(make(schedules)).__name__ for make in CASES.values()}

    own = {"OneCycle", "Triangular"}  # tests/optimizers/test_cycles.py
    assert set(schedules.CLASSES) == tested | own | {"LearningRateSchedule"}


class Halving(schedules.LearningRateSchedule):
    """A schedule as users write it, with an if and an index."""

    def __init__(self, table):
        self.table = table

    def __call__(self, step):
        return self.table[step] if step < len(self.table) else 0.01


def test_schedules_of_users_are_asked_one_by_one():
    optimizer = SGD(Halving([0.4, 0.2]))

    rates = optimizer.rate_at(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))

    assert rates.tolist() == [0.4, 0.2, 0.01]


def test_the_first_update_has_the_rate_of_step_0():
    optimizer = SGD(schedules.ExponentialDecay(0.5, 1, 0.5))
    weight = torch.zeros(1)
    for _ in range(2):
        optimizer.apply([torch.ones(1)], [weight])

    assert weight.item() == -(0.5 + 0.25)
    assert float(optimizer.learning_rate) == 0.125
