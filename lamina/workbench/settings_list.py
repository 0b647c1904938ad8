"""Every setting of a training with its meaning, its default, and the value that a source gets."""

import dataclasses
import re
import textwrap
from typing import Any

from lamina.workbench import choosing, parts, sources
from lamina.workbench.aligned import width
from lamina.workbench.facts import facts_of
from lamina.workbench.settings import OPTIONS, PASSING, Settings, check
from lamina.workbench.telling import Say

_PASSED = ("source", "columns")
_ARGUMENT = re.compile(r"^ {8}(\w+): (.*?)(?=^ {8}\w+: |\Z)", re.MULTILINE | re.DOTALL)
_CHOSEN = "auto"  # chosen by the data, the model and the machine


def decided(settings: Settings, say: Say) -> Settings:
    """Settings with nothing left open, as a training on their source would choose them.

    Args:
        settings: What is asked for.
        say: Is told what happens, line by line.

    Raises:
        LaminaError: A setting is not possible, or the source cannot be read.
    """
    check(settings)
    choosing.check_model(settings.model)
    dataset = sources.load(settings, say)
    divided = parts.divide(dataset, settings.seed, settings.validation_share)
    return choosing.decide(settings, facts_of(divided))


def rows(settings: Settings | None) -> list[dict[str, Any]]:
    """What to type for each setting, its default, its meaning, and the value that is used.

    Args:
        settings: With nothing left open; `None` where no source was named.
    """
    usual = Settings()
    return [
        {
            "name": name,
            "type": _typed(name),
            "default": _word(getattr(usual, name)),
            **({} if settings is None else {"used": _word(getattr(settings, name), "none")}),
            "meaning": meaning,
        }
        for name, meaning in meanings().items()
        if name not in _PASSED
    ]


def meanings() -> dict[str, str]:
    """What each setting is, in the order of their record."""
    told = dict(_ARGUMENT.findall(Settings.__doc__ or ""))
    return {
        field.name: " ".join(told.get(field.name, "").replace("`", "").split())
        for field in dataclasses.fields(Settings)
    }


def _typed(name: str) -> str:
    if name in OPTIONS or name in PASSING:
        word = {"report": "no-report"}.get(name, name.replace("_", "-"))
        return f"--{word}"
    return f"--set {name}="


def _word(value: Any, nothing: str = _CHOSEN) -> str:
    if value is None or value == "auto":
        return nothing if value is None else _CHOSEN
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "x".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def lines(listed: list[dict[str, Any]], wide: int) -> list[str]:
    """The settings as a table for a terminal, meanings below each other.

    Args:
        listed: What `rows` made.
        wide: Columns of the terminal.
    """
    heads = [head for head in ("type", "used", "default") if head in listed[0]]
    titled = [dict(zip([*heads, "meaning"], [*heads, "meaning"], strict=True)), *listed]
    sizes = [max(width(str(row[head])) for row in titled) for head in heads]
    indent = sum(sizes) + 2 * len(sizes)
    found = []
    for row in titled:
        cells = "".join(f"{row[head]!s:<{size}}  " for head, size in zip(heads, sizes, strict=True))
        wrapped = textwrap.wrap(row["meaning"], max(24, wide - indent), break_on_hyphens=False)
        found.append(f"{cells}{wrapped[0] if wrapped else ''}".rstrip())
        found += [" " * indent + rest for rest in wrapped[1:]]
    kinds = "--drop COLUMN, --set columns.NAME=KIND: a column left out, or read otherwise"
    return [*found, "", kinds, "auto: chosen by the data, the model and the machine"]
