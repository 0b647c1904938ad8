"""How to do it again: the command, the settings, the machine and the versions."""

from typing import Any

from lamina.report.record import Record
from lamina.report.wording import clean


def build(record: Record) -> dict[str, Any]:
    """The command and three small tables."""
    tables = [
        (title, _rows(_legible(record.fact(key, kind=dict, default={}))))
        for title, key in (
            ("Settings", "settings"),
            ("Machine", "machine"),
            ("Versions", "versions"),
        )
    ]
    return {
        "command": clean(record.fact("command") or "", 2_000),
        "tables": [(title, rows) for title, rows in tables if rows],
        "folder": clean(record.path.name, 120),
    }


def _legible(facts: dict[str, Any]) -> dict[str, Any]:
    """The same with the platform in words, which a narrow page can break."""
    platform = facts.get("platform")
    is_text = isinstance(platform, str)
    return {**facts, "platform": platform.replace("-", " ")} if is_text else facts


def _rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The entries of an object as pairs of words; those without a value are left out."""
    return [
        (clean(str(name).replace("_", " "), 40), clean(_words(value), 300))
        for name, value in facts.items()
        if value is not None and value not in ("", [], {})
    ]


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} = {_words(entry)}" for name, entry in value.items())
    if isinstance(value, list):
        return ", ".join(_words(entry) for entry in value)
    return str(value)
