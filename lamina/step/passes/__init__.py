"""Clean-ups of a recording: each returns a shorter or faster one that is equal to the bit."""

from lamina.step.passes.casts import plain_casts
from lamina.step.passes.constants import fold_constants
from lamina.step.passes.copies import write_in_place
from lamina.step.passes.dead import drop_dead_calls
from lamina.step.passes.reuse import reuse_arguments

__all__ = [
    "drop_dead_calls",
    "fold_constants",
    "plain_casts",
    "reuse_arguments",
    "write_in_place",
]
