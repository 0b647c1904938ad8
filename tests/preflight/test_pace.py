"""The learning rate as findings speak of it."""

import pytest

from lamina.optimizers import SGD, Adam, MultiOptimizer, OptimizerMap
from lamina.optimizers.schedules import CosineDecay
from lamina.preflight import pace


def test_rate_is_that_of_the_optimizer():
    assert pace.rate_of(SGD(0.25)) == 0.25


def test_optimizer_with_several_rates_has_none():
    several = MultiOptimizer(OptimizerMap(SGD(0.1), {".*/bias": SGD(0.2)}))

    assert pace.rate_of(several) is None
    assert not pace.is_high(several, pace.rate_of(several))


def test_a_schedule_has_the_largest_rate_of_the_updates_made():
    optimizer = SGD(CosineDecay(0.5, 100))
    optimizer.iterations = 100

    assert pace.rate_of(optimizer) == 0.5


def test_a_schedule_before_its_first_update_has_its_first_rate():
    assert pace.rate_of(SGD(CosineDecay(0.5, 100))) == 0.5


@pytest.mark.parametrize(
    ("optimizer", "fix"),
    [
        (Adam(10.0), "make the optimizer with a lower rate: Adam(learning_rate=0.001)."),
        (Adam(0.001), "make the optimizer with a lower rate: Adam(learning_rate=0.0001)."),
        (SGD(3.0), "make the optimizer with a lower rate: SGD(learning_rate=0.01)."),
        (SGD(1e-7), "make the optimizer with a lower rate: SGD(learning_rate=1e-08)."),
        (
            Adam(CosineDecay(1.0, 10)),
            "lower the rate that the schedule of Adam starts from to 0.001.",
        ),
    ],
)
def test_a_lower_rate_is_ready_to_type(optimizer, fix):
    assert pace.lower(optimizer, pace.rate_of(optimizer)) == fix
