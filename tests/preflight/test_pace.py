"""The learning rate as findings speak of it."""

from lamina.optimizers import SGD, MultiOptimizer, OptimizerMap
from lamina.preflight import pace


def test_rate_is_that_of_the_optimizer():
    assert pace.rate_of(SGD(0.25)) == 0.25


def test_optimizer_with_several_rates_has_none():
    several = MultiOptimizer(OptimizerMap(SGD(0.1), {".*/bias": SGD(0.2)}))

    assert pace.rate_of(several) is None
    assert not pace.is_high(several)
