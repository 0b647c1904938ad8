"""Weighs packages with all that they require: bytes of their files as pip lists them.

    python -m benchmarks.parts.installed lamina

What an extra or another system would require is left out.
"""

import json
import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from benchmarks.parts.places import ROOT

OWN = "lamina"


def weigh(names: list[str]) -> dict[str, int]:
    """Bytes and number of the packages in the closure of some names."""
    found: dict[str, int] = {}
    waiting = list(names)
    while waiting:
        name = normal(waiting.pop())
        if name in found:
            continue
        if name == OWN:
            found[name], required = own_bytes(), own_requirements()
        else:
            try:
                package = distribution(name)
            except PackageNotFoundError:
                continue  # a requirement of another system or Python
            found[name], required = bytes_of(package), package.requires or []
        waiting += [needed for line in required if (needed := required_name(line))]
    return {"bytes": sum(found.values()), "packages": len(found)}


def bytes_of(package: Distribution) -> int:
    """Bytes of a package's files, compiled ones included."""
    paths = (path.locate() for path in package.files or [])
    return sum(path.stat().st_size for path in paths if path.exists())


def own_bytes() -> int:
    """Bytes of Lamina's sources; an editable installation lists none."""
    return sum(path.stat().st_size for path in (ROOT / OWN).rglob("*.py"))


def own_requirements() -> list[str]:
    """What Lamina's project file requires."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]


def required_name(line: str) -> str | None:
    """The package that a requirement names; `None` for one of an extra."""
    requirement, _, condition = line.partition(";")
    if "extra" in condition:
        return None
    return re.match(r"[A-Za-z0-9._-]+", requirement.strip()).group()


def normal(name: str) -> str:
    """A package name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    print(json.dumps(weigh(sys.argv[1:])))
