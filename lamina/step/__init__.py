"""One training step as a function, its capture, and the tiers that run it."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.step.verification import Difference, Verification, verify

__getattr__ = imported_later(
    __name__, {"lamina.step.verification": "Difference Verification verify"}
)

__all__ = ["Difference", "Verification", "verify"]
