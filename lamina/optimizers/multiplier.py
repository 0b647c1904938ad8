"""What a weight's learning rate is multiplied by; set on its layer, see `Layer`."""

from torch import Tensor


def multiplier_of(weight: Tensor) -> float:
    """The factor of one weight: 1.0 unless its layer says otherwise."""
    return getattr(weight, "learning_rate_multiplier", 1.0)
