"""Page: what is said about one code, and how its program is put together."""

from dataclasses import dataclass

PREAMBLE = """\
import numpy as np

import lamina as keras
from lamina import layers

random = np.random.default_rng(0)
"""

TABLE = 'x = random.normal(size=(400, 6)).astype("float32")\n'
NUMBERS = TABLE + "y = x[:, 0] - 0.5 * x[:, 1]\n"
ANSWERS = TABLE + "y = (x[:, 0] > x[:, 1]).astype(int)\n"
CLASSES = TABLE + "y = x[:, :4].argmax(1)\n"
PICTURES = (
    "x = random.integers(0, 256, size=(200, 12, 12, 1)).astype('uint8')\n"
    "y = random.integers(0, 4, size=200)\n"
)
CHECK = "report = model.check(x, y)\n"


@dataclass(frozen=True)
class Page:
    """Why a mistake costs, a program that makes it, what to change, and when it is none.

    Args:
        why: What goes wrong, and what it costs.
        program: A program with the mistake, without its imports.
        wrong: The lines with the mistake.
        right: What to write in their place.
        ignore: When the finding may be ignored.
    """

    why: str
    program: str
    wrong: str
    right: str
    ignore: str

    @property
    def corrected(self) -> str:
        """The program without the mistake."""
        return self.program.replace(self.wrong, self.right)


def program(
    data: str,
    parts: str,
    plan: str,
    call: str = CHECK,
    shape: str = "(6,)",
) -> str:
    """The text of a program with a Sequential model."""
    lines = "".join(f"    {part}\n" for part in parts.strip().splitlines())
    model = f"model = keras.Sequential([\n    layers.Input({shape}),\n{lines}])\n"
    return f"{data}{model}model.compile({plan})\n{call}"
