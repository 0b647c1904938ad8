"""Where the model was wrong, how far its confidence can be trusted, and which inputs mattered."""

from typing import Any

from lamina.report import pictures, scoring
from lamina.report.charts import dots
from lamina.report.charts.bars import Bar, bars
from lamina.report.importance import MOST_ROWS
from lamina.report.intervals import Interval, wilson
from lamina.report.record import Record
from lamina.report.records import Evidence, Mistake
from lamina.report.wording import DASH, clean, number, share

_MOST_CELLS = 6
_MOST_ROWS = 12
_MOST_BARS = 25
_CLEAR = 0.05  # distance of confidence and accuracy that is worth a strong word


def mistakes(record: Record) -> dict[str, Any] | None:
    """The worst answers as pictures or rows; `None` where nothing was tested."""
    evidence = record.evidence
    if evidence is None or evidence.y is None:
        return None
    wrong = int((evidence.answers != evidence.y).sum()) if evidence.is_classification else 0
    shown = evidence.mistakes
    cards = [
        _card(evidence, at, one) for at, one in enumerate(shown) if one.sample.picture is not None
    ]
    columns = _columns(evidence)
    rows = [_row(evidence, one, columns) for one in shown[:_MOST_ROWS] if one.sample.cells]
    return {
        "cards": cards,
        "rows": rows,
        "headings": pictures.headings(evidence, columns),
        "plain": [_words(evidence, one) for one in shown[:_MOST_ROWS] if not (cards or rows)],
        "wrong": wrong,
        "some": len(cards or shown[:_MOST_ROWS]),
        "count": len(evidence.y),
        "has_heat": bool(cards) and evidence.saliency is not None,
        "is_classification": evidence.is_classification,
        "target": clean(evidence.schema.target or "label", 40),
    }


def _words(evidence: Evidence, one: Mistake) -> dict[str, str]:
    is_class = evidence.is_classification
    return {
        "id": clean(one.sample.id, 60),
        "true": pictures.label_of(evidence, one.sample.label),
        "given": pictures.label_of(evidence, one.answer),
        "confidence": share(one.confidence) if is_class else "",
        "error": "" if is_class else number(one.answer - one.sample.label),
    }


def _card(evidence: Evidence, place: int, one: Mistake) -> dict[str, Any]:
    words = _words(evidence, one)
    alt = f"{words['id']}: {words['true']}, answered {words['given']}"
    return {
        **words,
        "picture": pictures.picture(evidence, one.sample, alt),
        "heat": pictures.heated(evidence, place, f"pixels that spoke for {words['given']}"),
    }


def _columns(evidence: Evidence) -> list[int]:
    """The columns that a row is shown with: the ones that mattered most."""
    names = list(evidence.features)
    ordered = [names.index(one.name) for one in evidence.importance if one.name in names]
    return list(dict.fromkeys([*ordered, *range(len(names))]))[:_MOST_CELLS]


def _row(evidence: Evidence, one: Mistake, columns: list[int]) -> dict[str, Any]:
    cells = pictures.cells(evidence, one.sample, columns)
    return {**_words(evidence, one), "cells": cells}


def confidence(record: Record) -> dict[str, Any] | None:
    """Reliability of the confidence; `None` for a regression."""
    evidence = record.evidence
    if evidence is None or evidence.y is None or not evidence.is_classification:
        return None
    is_right = evidence.answers == evidence.y
    bins = scoring.calibration(evidence.confidence, is_right)
    if not bins:
        return None
    error = scoring.calibration_error(bins)
    mean = float(evidence.confidence.mean())
    return {
        "reliability": dots.reliability(bins),
        "counts": dots.confidence_counts(evidence.confidence, is_right),
        "error": share(error),
        "sentence": _trust(mean, wilson(int(is_right.sum()), len(is_right))),
        "bins": [
            {
                "range": f"{share(group.low, 0)} {DASH} {share(group.high, 0)}",
                "count": group.count,
                "confidence": share(group.confidence),
                "right": share(group.accuracy.value),
            }
            for group in bins
        ],
    }


def _trust(mean: float, right: Interval) -> str:
    """What the mean confidence says beside the accuracy and its interval."""
    stated = f"The mean confidence is {share(mean)}, the accuracy {share(right.value)}"
    if right.low <= mean <= right.high:
        return f"{stated}: on the whole the two agree, as far as this test can tell."
    way = "too sure of itself" if mean > right.value else "less sure than it could be"
    grade = "clearly" if abs(mean - right.value) > _CLEAR else "a little"
    return f"{stated}: the model is {grade} {way}."


def inputs(record: Record) -> dict[str, Any] | None:
    """Permutation importance of the columns; `None` where there is none."""
    evidence = record.evidence
    if evidence is None or not evidence.importance:
        return None
    found = evidence.importance
    shown = found[:_MOST_BARS]
    is_class = evidence.is_classification
    unit = "accuracy, percentage points" if is_class else "R²"
    factor = 100.0 if is_class else 1.0
    rows = [
        Bar(
            one.name,
            one.mean * factor,
            f"{number(one.mean * factor, 2)} ± {number(one.spread * factor, 2)}",
            (one.mean - one.spread) * factor,
            (one.mean + one.spread) * factor,
            look="one" if one.mean > one.spread else "three",
        )
        for one in shown
    ]
    best = ", ".join(clean(one.name, 40) for one in found[:3] if one.mean > one.spread)
    return {
        "chart": bars(
            "importance",
            rows,
            label=f"fall of {unit}",
            alt=f"Bars of permutation importance; the most important: {best or 'none stands out'}.",
            width=480,
        ),
        "best": best,
        "hidden": len(found) - len(shown),
        "rows": [
            {
                "name": clean(one.name, 60),
                "mean": number(one.mean * factor, 3),
                "spread": number(one.spread * factor, 2),
                "loss": number(one.loss, 3),
            }
            for one in found
        ],
        "unit": unit,
        "loss_name": "log loss" if is_class else "mean squared error",
        "num_rows": min(MOST_ROWS, len(evidence.ids)),
    }
