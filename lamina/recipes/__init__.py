"""Whole trainings that reach the records of their field: short programs, public names only."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.recipes import cnn_fast, mlp, resnet
    from lamina.recipes.examples import Examples
    from lamina.recipes.outcome import Outcome, accuracy
    from lamina.recipes.precision import fastest_policy

__getattr__ = imported_later(
    __name__,
    {
        "lamina.recipes.cnn_fast": "",
        "lamina.recipes.examples": "Examples",
        "lamina.recipes.mlp": "",
        "lamina.recipes.outcome": "Outcome accuracy",
        "lamina.recipes.precision": "fastest_policy",
        "lamina.recipes.resnet": "",
    },
)

__all__ = ["Examples", "Outcome", "accuracy", "cnn_fast", "fastest_policy", "mlp", "resnet"]
