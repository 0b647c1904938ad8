"""keras.mixed_precision: which dtype layers compute in, and the scaling that float16 needs."""

from lamina.core.dtypes import DTypePolicy
from lamina.core.dtypes import DTypePolicy as Policy
from lamina.core.settings import dtype_policy, set_dtype_policy
from lamina.core.settings import dtype_policy as global_policy
from lamina.core.settings import set_dtype_policy as set_global_policy
from lamina.optimizers import LossScaleOptimizer

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]
