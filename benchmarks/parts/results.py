"""Writes what was measured, one JSON file a question; prints it as a table."""

import json
from pathlib import Path
from typing import Any

from benchmarks.parts import machine
from benchmarks.parts.places import CACHE, RESULTS
from benchmarks.parts.settings import Settings


def path_of(question: str, *, quick: bool = False) -> Path:
    """The file of a question; quick runs have their own, for they measure nothing."""
    return (CACHE / "quick" if quick else RESULTS) / f"{question}.json"


def load(question: str) -> dict[str, Any]:
    """The result of a question; empty where there is none."""
    path = path_of(question)
    return json.loads(path.read_text()) if path.exists() else {}


def save(question: str, part: str, content: dict[str, Any], settings: Settings) -> Path:
    """Puts one part (a job) of a question's result in its place, beside the others.

    Args:
        question: Name of the program.
        part: Name of the job, or of whatever is told apart.
        content: Figures, sizes, versions.
        settings: How much was measured.
    """
    path = path_of(question, quick=settings.quick)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = json.loads(path.read_text()) if path.exists() else {"question": question}
    measured = {
        "rounds": settings.rounds,
        "epochs": settings.epochs,
        "budget_seconds": settings.budget,
        "quick": settings.quick,
    }
    head = {"machine": machine.describe(), "settings": measured}
    whole.setdefault("parts", {})[part] = head | content
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    return path


def show(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Prints a table with aligned columns."""
    widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
    line = "  ".join("-" * width for width in widths)
    print(f"\n{title}\n")
    for number, row in enumerate([columns, *rows]):
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
        if number == 0:
            print(line)
    print(flush=True)


def heading(title: str) -> None:
    """Prints what is about to be measured, and where."""
    here = machine.describe()
    print(f"{title}\n{machine.in_words(here)}, {machine.occasion(here)}", flush=True)
