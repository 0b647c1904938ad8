"""What a study is asked for, and how its minutes are divided among the nets."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.study.nets import Net

QUICK_MINUTES = 2.0
DEFAULT_MINUTES = 30.0
MOST_EPOCHS = 60
_NETS = (
    *(Net("dense", depth, width) for depth in (1, 2, 4) for width in (128, 512, 2048)),
    *(Net("convolution", depth, width) for depth, width in ((2, 16), (3, 16), (3, 32), (3, 64))),
)
_QUICK_NETS = (
    Net("dense", 1, 128),
    Net("dense", 2, 512),
    Net("dense", 4, 512),
    Net("convolution", 2, 16),
    Net("convolution", 3, 16),
)


@dataclass(frozen=True)
class Settings:
    """What a study is asked for.

    Args:
        source: A source of pictures: a catalogue name, a folder or an archive.
        out: Folder of the study; an unfinished study there goes on.
        minutes: Minutes of training in all; 30, or 2 for a quick one, when `None`.
        quick: Fewer nets and two seeds, within three minutes all told.
        seeds: Trainings of each net; 3, or 2 for a quick one, when `None`.
        seed: The first seed; the others follow it.
    """

    source: str
    out: Path
    minutes: float | None = None
    quick: bool = False
    seeds: int | None = None
    seed: int = 1


@dataclass(frozen=True)
class Plan:
    """A study with nothing left open.

    Args:
        nets: The grid.
        seeds: Seeds with which each net is trained.
        seconds: Of training, for each net and seed.
        seed: Chooses the validation part and the permutation of the pixels.
    """

    nets: tuple[Net, ...]
    seeds: tuple[int, ...]
    seconds: float
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data."""
        return asdict(self)


def decide(settings: Settings) -> Plan:
    """Fills in what the settings leave open.

    The minutes are shared evenly by all trainings: each net with each seed, and one more of a
    dense net and of a convolution on shuffled pixels.

    Raises:
        ArgumentError: A setting is not possible.
    """
    seeds = 2 if settings.quick else 3
    if settings.seeds is not None:
        seeds = checks.positive_int("study", "seeds", settings.seeds)
    first = checks.whole("study", "seed", settings.seed, high=2**31)
    minutes = QUICK_MINUTES if settings.quick else DEFAULT_MINUTES
    if settings.minutes is not None:
        minutes = checks.number(
            "study", "minutes", settings.minutes, low=0.0, open_low=True, example=10
        )
    nets = _QUICK_NETS if settings.quick else _NETS
    trainings = len(nets) * seeds + 2
    seconds = 60 * minutes / trainings
    if seconds < 0.5:
        raise ArgumentError(
            f"{minutes:g} minutes are too few for {trainings} trainings.",
            expected=f"at least {trainings / 120:.2g} minutes.",
            fix="pass more minutes, fewer seeds, or --quick.",
        )
    return Plan(nets, tuple(range(first, first + seeds)), round(seconds, 3), first)
