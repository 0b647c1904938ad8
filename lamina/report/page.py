"""report.html: a run as one file that needs no network, no server and no other file."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from lamina.files import write_text
from lamina.report.record import Record, read_record
from lamina.report.sections import (
    answers,
    data,
    findings,
    network,
    outcome,
    repeat,
    results,
    training,
)
from lamina.report.wording import clean, counted, number, share
from lamina.version import VERSION

NAME = "report.html"

_SECTIONS = {
    "outcome": ("Result", outcome.build),
    "data": ("Data", data.build),
    "findings": ("Findings", findings.build),
    "network": ("Model", network.build),
    "training": ("Training", training.build),
    "results": ("Test", results.build),
    "mistakes": ("Mistakes", answers.mistakes),
    "confidence": ("Confidence", answers.confidence),
    "inputs": ("Inputs", answers.inputs),
    "repeat": ("Repeat", repeat.build),
}
"""Sections in the order of the page: heading in the menu, and what builds them."""


def write(run_path: str | Path, *, model: Any = None) -> Path:
    """Writes report.html into a run folder, from what the folder holds and nothing else.

    A part of the run that is missing or damaged is left out, and the page says so.

    Args:
        run_path: The run folder.
        model: The trained model, where its file cannot be read without code of the user's.

    Returns:
        The path of the page.

    Raises:
        ArgumentError: The folder holds no run.
        LoadError: run.json is damaged.
        StorageError: The folder cannot be written.

    Example:
        >>> write("runs/digits-mlp-1").name
        'report.html'
    """
    folder = Path(run_path)
    return write_text(folder / NAME, render(read_record(folder, model)))


def render(record: Record) -> str:
    """The page of a run as text.

    Args:
        record: What the run folder holds.
    """
    environment = Environment(
        loader=PackageLoader("lamina.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"name": as_name, "count": _count, "share": share, "number": number}
    environment.filters |= {"command": as_command}
    environment.globals |= {"counted": counted}
    script = _text(environment, "script.js")
    context: dict[str, Any] = {
        name: build(record)  # type: ignore[operator]
        for name, (_, build) in _SECTIONS.items()
    }
    menu = [(name, title) for name, (title, _) in _SECTIONS.items() if context[name] is not None]
    return environment.get_template("page.html").render(
        **context,
        menu=menu,
        notes=[clean(note, 300) for note in record.notes],
        style=_text(environment, "style.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        version=VERSION,
    )


def as_name(text: str, limit: int = 40) -> Markup:
    """A name from the data: cut, its direction kept to itself, the whole of it on hovering."""
    short, whole = clean(text, limit), clean(text, 200)
    hint = f' title="{escape(whole)}"' if short != whole else ""
    return Markup(f"<bdi{hint}>{escape(short)}</bdi>")


def as_command(text: str) -> Markup:
    """A shell command whose lines break between its options, never at a hyphen."""
    groups: list[str] = []
    for word in text.split(" "):
        is_value = groups and groups[-1].startswith("--") and " " not in groups[-1]
        if is_value and not word.startswith("--"):
            groups[-1] += f" {word}"
        else:
            groups.append(word)
    return Markup(" ").join(Markup('<span class="word">{}</span>').format(one) for one in groups)


def _count(value: int) -> str:
    return f"{value:,}"


def _text(environment: Environment, name: str) -> Markup:
    """The text of a style sheet or script of ours, which is not escaped."""
    loader = environment.loader
    source = loader.get_source(environment, name)[0] if loader is not None else ""
    return Markup(source)
