"""One seed, split into streams: weights, order of the data, and the training step.

A stream is a pure function of what it is for, so that a run resumed in the middle of an epoch
draws the numbers it would have drawn.
"""

import random
import threading
import zlib

import numpy as np
import torch

from lamina.core import checks

_local = threading.local()
_seed: int | None = None
_drawn = 0
_is_chosen = False


def set_seed(seed: int) -> None:
    """Fixes all randomness of Python, NumPy, torch and this library.

    Args:
        seed: Whole number from 0 to 2**32 - 1.

    Raises:
        ArgumentError: `seed` is not such a number.
    """
    global _seed, _drawn, _is_chosen
    _is_chosen = True
    _seed, _drawn = checks.whole("set_random_seed", "seed", seed, high=2**32 - 1), 0
    random.seed(_seed)
    np.random.seed(_seed)
    torch.manual_seed(_seed)
    for key, generator in _local.__dict__.get("generators", {}).items():
        generator.manual_seed(derive(_seed, "step", *map(str, key)))


def current_seed() -> int:
    """The seed set by the user, or one drawn once for this process."""
    global _seed
    if _seed is None:
        _seed = random.SystemRandom().randrange(2**32)
    return _seed


def is_seed_chosen() -> bool:
    """Whether the user set the seed, rather than leaving it to chance."""
    return _is_chosen


def state() -> tuple[int, int]:
    """The seed, and how many others were drawn from it."""
    return current_seed(), _drawn


def load_state(seed: int, drawn: int) -> None:
    """Goes on from what `state` returned; no stream of torch, NumPy or Python is touched."""
    global _seed, _drawn
    _seed, _drawn = seed, drawn


def next_seed() -> int:
    """A new seed for the next thing that needs one, in the order of asking."""
    global _drawn
    _drawn += 1
    return derive(current_seed(), "draw", _drawn)


def restart() -> None:
    """Begins the sequence of `next_seed` again, as a new program would."""
    global _drawn
    _drawn = 0


def derive(seed: int, *path: object) -> int:
    """A seed of 63 bits that depends on `seed` and on every part of `path`.

    Mixes with the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
    number generators", OOPSLA 2014).
    """
    state = int(seed) & (2**64 - 1)
    for part in path:
        value = part if isinstance(part, int) else zlib.crc32(str(part).encode())
        state = _mixed((state ^ (value & (2**64 - 1))) + 0x9E3779B97F4A7C15)
    return state >> 1


def _mixed(z: int) -> int:
    z &= 2**64 - 1
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return z ^ (z >> 31)


def new_generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A torch generator that starts at `seed`."""
    return torch.Generator(device=device).manual_seed(seed)


def step_generator(device: torch.device) -> torch.Generator:
    """The generator that layers draw from, one a thread and device.

    The training step reseeds it before every batch from (seed, epoch, index); outside of training
    it goes on from wherever it stands.
    """
    generators = _local.__dict__.setdefault("generators", {})
    key = (device.type, device.index)
    if key not in generators:
        where = "cpu" if device.type == "meta" else device
        generators[key] = new_generator(derive(current_seed(), "step", *map(str, key)), where)
    return generators[key]
