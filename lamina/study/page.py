"""study.html: the grid, the reasons and every number, as one file that needs nothing else."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lamina.files import read_json, write_text
from lamina.files.limits import MIB
from lamina.report.page import as_name
from lamina.report.pictures import as_image
from lamina.report.wording import clean, counted, duration, share
from lamina.study import charts, story
from lamina.version import VERSION

NAME = "study.html"
_STRETCH = 36  # pixels that a drawn filter has at least
_MENU = {
    "result": "Result",
    "grid": "Grid",
    "curves": "Curves",
    "reasons": "Reasons",
    "numbers": "Numbers",
    "repeat": "Repeat",
}


def write(path: Path) -> Path:
    """Writes study.html into the folder of a study, from its study.json alone.

    Args:
        path: The folder.

    Raises:
        LoadError: study.json is damaged.
        StorageError: It cannot be read, or the page not be written.
    """
    facts = read_json(path / "study.json", max_string_bytes=MIB)
    return write_text(path / NAME, render(facts))


def render(facts: dict[str, Any]) -> str:
    """The page of a study as text.

    Args:
        facts: What study.json says.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("lamina.study"), PackageLoader("lamina.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"name": as_name, "count": "{:,}".format, "share": share}
    environment.globals |= {"counted": counted, "duration": duration}
    style, script = (_source(environment, name) for name in ("style.css", "script.js"))
    lines = story.lines_of(facts["trials"])
    first = [trial for trial in facts["trials"] if trial["seed"] == facts["plan"]["seeds"][0]]
    return environment.get_template("study.html").render(
        menu=_MENU.items(),
        facts=facts,
        title=clean(facts["data"]["title"], 80),
        headline=story.headline(facts),
        sentences=[text for text in (story.shape_sentence(lines),) if text],
        lines=lines,
        against=[(size, charts.accuracy_against(size, lines)) for size in charts.SIZES],
        curves=[
            charts.curves("val_accuracy", first, "validation accuracy"),
            charts.curves("loss", first, "training loss"),
        ],
        reasons=_reasons(facts["reasons"]),
        style=style,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        version=VERSION,
    )


def _reasons(reasons: dict[str, Any]) -> dict[str, Any] | None:
    if not {"dense", "convolution"} <= reasons.keys():
        return None
    return {
        "shuffle": story.shuffle_sentence(reasons),
        "shuffled": charts.shuffled(reasons),
        "moved": charts.moved(reasons),
        "weights": [
            (kind, _drawn(reasons[kind]["weights"], kind)) for kind in ("dense", "convolution")
        ],
    }


def _drawn(weights: dict[str, Any], kind: str) -> list[Markup]:
    pictures = np.array(weights["values"], np.uint8).reshape(weights["shape"])
    pictures = pictures[..., :3] if pictures.shape[-1] >= 3 else pictures[..., :1]
    times = max(1, -(-_STRETCH // pictures.shape[1]))
    large = pictures.repeat(times, axis=1).repeat(times, axis=2)
    return [
        as_image(one, f"weights {number} of the first layer of the {kind} net")
        for number, one in enumerate(large, start=1)
    ]


def _source(environment: Environment, name: str) -> Markup:
    loader = environment.loader
    text = loader.get_source(environment, name)[0] if loader is not None else ""
    return Markup(text)
