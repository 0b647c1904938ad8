"""The data: parts, classes, labels, columns, examples, and what links the parts."""

from typing import Any

from markupsafe import Markup

from lamina.report import pictures
from lamina.report.charts.bars import Bar, bars, histogram, many_columns
from lamina.report.record import Record
from lamina.report.records import Evidence
from lamina.report.wording import clean, counted, number, share

_MOST_BARS = 30
_MOST_CELLS = 30
_MOST_COLUMNS = 500
_PARTS = ("train", "validation", "test")
_PART_WORDS = {"train": "training", "validation": "validation", "test": "test"}


def build(record: Record) -> dict[str, Any]:
    """Sizes of the parts, the balance of the labels, examples, columns and notes."""
    evidence = record.evidence
    notes = record.fact("data", "notes", kind=list, default=[])
    context: dict[str, Any] = {
        "parts": _parts(record),
        "fingerprint": clean(record.fact("data", "fingerprint") or "", 80),
        "source": clean(record.fact("data", "source") or record.fact("data", "name") or "", 200),
        "notes": [clean(note, 300) for note in notes if isinstance(note, str)],
        **dict.fromkeys(("links", "balance", "columns", "examples", "rows")),
    }
    if evidence is not None:
        context |= {
            "links": _links(evidence),
            "balance": _balance(evidence),
            "columns": evidence.schema.columns[:_MOST_COLUMNS],
            "num_columns": len(evidence.schema.columns),
            "has_notes": any(column.note for column in evidence.schema.columns),
            "examples": _examples(evidence),
            "rows": _rows(evidence),
            "headings": pictures.headings(evidence, range(_MOST_CELLS)),
            "is_classification": evidence.is_classification,
            "target": evidence.schema.target,
        }
    return context


def _parts(record: Record) -> list[tuple[str, int, str]]:
    """Each part with its size and what it was for."""
    known = record.evidence.sizes if record.evidence is not None else {}
    uses = {
        "train": "the weights were learned from it",
        "validation": "watched while training",
        "test": "looked at once, after training",
    }
    sizes = {name: known.get(name, record.fact("data", f"num_{name}", kind=int)) for name in _PARTS}
    return [(_PART_WORDS[name], size, uses[name]) for name, size in sizes.items() if size]


def _links(evidence: Evidence) -> list[str]:
    lines = []
    count = len(evidence.ids)
    if evidence.overlap > 0:
        lines.append(
            f"{counted(evidence.overlap, 'test example')} of {count:,} "
            f"({share(evidence.overlap / count)}) have the same inputs as a training or "
            "validation example: the test may flatter the model."
        )
    elif evidence.overlap == 0:
        lines.append("No test example has the same inputs as a training or validation example.")
    if evidence.repeats > 0:
        lines.append(
            f"{counted(evidence.repeats, 'test example')} repeat an earlier one, so the "
            "intervals are a little too narrow."
        )
    return lines


def _balance(evidence: Evidence) -> Markup | None:
    if not evidence.is_classification:
        return _labels(evidence)
    counts = evidence.class_counts.get("train", [])
    total = sum(counts)
    if not total:
        return None
    alt = (
        f"{len(counts)} classes in training, from {min(counts):,} to {max(counts):,} examples each."
    )
    if len(counts) > _MOST_BARS:
        return many_columns("balance", counts, alt=alt)
    rows = [
        Bar(name, float(count), f"{count:,} ({share(count / total)})")
        for name, count in zip(evidence.schema.class_names, counts, strict=True)
    ]
    return bars(
        "balance",
        rows,
        label="training examples",
        alt=alt,
    )


def _labels(evidence: Evidence) -> Markup | None:
    counts = evidence.label_counts
    edges = evidence.label_edges
    if len(edges) < 2 or "train" not in counts:
        return None
    target = clean(evidence.schema.target or "label", 40)
    return histogram(
        "balance",
        edges,
        counts["train"],
        label=target,
        alt=f"Histogram of {target} from {number(edges[0])} to {number(edges[-1])}: training "
        "part filled, test part as an outline.",
        outline=counts.get("test", ()),
    )


def _examples(evidence: Evidence) -> list[dict[str, Any]]:
    """Pictures of each class, or of rising numbers."""
    shown = [sample for sample in evidence.examples if sample.picture is not None]
    groups: dict[str, list[dict[str, Any]]] = {}
    for sample in shown:
        label = pictures.label_of(evidence, sample.label)
        entry = {"picture": pictures.picture(evidence, sample, label), "id": clean(sample.id)}
        groups.setdefault(label if evidence.is_classification else "", []).append(entry)
        entry["label"] = label
    return [{"name": name, "entries": entries} for name, entries in groups.items()]


def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    return [
        {
            "id": clean(sample.id, 40),
            "label": pictures.label_of(evidence, sample.label),
            "cells": pictures.cells(evidence, sample, range(_MOST_CELLS)),
        }
        for sample in evidence.examples
        if sample.cells
    ]
