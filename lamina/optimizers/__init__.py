"""Optimizers: update rules, learning-rate schedules and what goes around an update."""

from lamina.core.later import nothing_later
from lamina.optimizers import schedules
from lamina.optimizers.adam import Adam, AdamW
from lamina.optimizers.adaptive import Adadelta, Adagrad, Adamax, Nadam, RMSprop
from lamina.optimizers.base import Optimizer
from lamina.optimizers.lookahead import Lookahead
from lamina.optimizers.loss_scale import LossScaleOptimizer
from lamina.optimizers.multi import MultiOptimizer, OptimizerMap
from lamina.optimizers.names import deserialize, get, serialize
from lamina.optimizers.schedule_free import ScheduleFreeAdamW
from lamina.optimizers.sgd import SGD
from lamina.optimizers.shaped import Adafactor, Lamb, Muon
from lamina.optimizers.signs import Ftrl, Lion

__getattr__ = nothing_later(__name__)

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "Lookahead",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]
