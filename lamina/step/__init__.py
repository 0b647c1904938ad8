"""One training step as a function, its capture, and the tiers that run it."""

from lamina.step.verify import Difference, Verification, verify

__all__ = ["Difference", "Verification", "verify"]
