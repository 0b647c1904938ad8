"""What a result must say of the machine and of the code it was measured on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.parts.places import ROOT


def describe() -> dict[str, Any]:
    """Processor, cores, memory, system, load before the run, commit, and day."""
    return {
        "processor": _processor(),
        "cores": _cores(),
        "memory_bytes": _memory_bytes(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "commit": commit(),
        "day": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def in_words(machine: dict[str, Any]) -> str:
    """One line for the head of a table; `occasion` is for what changes between runs."""
    memory = round(machine["memory_bytes"] / 2**30)
    return (
        f"{machine['processor']}, {machine['cores']} cores, {memory} GiB, {machine['system']}, "
        f"Python {machine['python']}"
    )


def occasion(machine: dict[str, Any]) -> str:
    """Commit and day."""
    return f"commit {machine['commit']}, {machine['day']}"


def commit() -> str:
    """The commit, with a plus where the library has changes that are not in it."""
    head = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", "lamina", "benchmarks")
    return (head or "unknown") + ("+" if changed else "")


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    """Logical cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_bytes() -> int:
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 0
