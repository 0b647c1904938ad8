"""Where things lie: everything below the folder of the benchmarks."""

import os
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
ENVIRONMENTS = BENCHMARKS / ".envs"
CACHE = BENCHMARKS / ".cache"
RESULTS = BENCHMARKS / "results"
REQUIREMENTS = BENCHMARKS / "requirements"

CIFAR_VARIABLE = "LAMINA_CIFAR10_IMAGES"


def python_of(environment: str) -> Path:
    """The interpreter of one of the peers' virtual environments."""
    folder = "Scripts" if os.name == "nt" else "bin"
    return ENVIRONMENTS / environment / folder / ("python.exe" if os.name == "nt" else "python")


def require_environment(environment: str) -> Path:
    """The interpreter, or the end of the program with the command that makes it."""
    python = python_of(environment)
    if not python.exists():
        sys.exit(f"environment {environment!r} is missing: run python -m benchmarks.setup_peers")
    return python


def cifar_pictures() -> Path | None:
    """A zip of CIFAR-10 pictures as train/CLASS/NUMBER.jpg, where there is one."""
    given = os.environ.get(CIFAR_VARIABLE)
    places = [Path(given)] if given else []
    places.append(ROOT.parent / "shared" / "data" / "cifar10-images.zip")
    return next((place for place in places if place.is_file()), None)
