"""The test: metrics with intervals, the confusion matrix, classes one by one, residuals."""

from typing import Any

import numpy as np

from lamina.report import scoring
from lamina.report.charts import dots
from lamina.report.charts.bars import histogram
from lamina.report.intervals import Interval, bootstrap, bootstrap_counts, wilson
from lamina.report.record import Record
from lamina.report.records import Evidence
from lamina.report.wording import (
    clean,
    digits_for,
    number,
    number_range,
    share,
    share_range,
)

_MOST_IN_MATRIX = 20
_MOST_CLASSES = 500
_MOST_PAIRS, _FEW_PAIRS = 20, 8  # without a matrix, beside one
_BOLD = 1.6  # mistakes are drawn stronger than they are
_MANY = 100_000  # examples from which on ranks are not drawn again and again


def build(record: Record) -> dict[str, Any] | None:
    """What the test part says; `None` for a run that was not tested."""
    evidence = record.evidence
    if evidence is None or evidence.y is None or len(evidence.y) == 0:
        return None
    if evidence.is_classification:
        return _classification(evidence, evidence.y)
    return _regression(evidence, evidence.y.astype(np.float64))


def _metric(name: str, interval: Interval, note: str, digits: int | None = None) -> dict[str, str]:
    """A row of the table; shares are written with `digits` decimals of a percentage."""
    if digits is None:
        value, ends = number(interval.value), number_range(interval)
    else:
        value, ends = share(interval.value, digits), share_range(interval, digits)
    return {"name": name, "value": value, "range": ends, "note": note}


def _classification(evidence: Evidence, y: np.ndarray) -> dict[str, Any]:
    answers, classes = evidence.answers, evidence.schema.num_classes
    digits = digits_for(len(y))
    matrix = scoring.confusion(y, answers, classes)
    names = [clean(name, 60) for name in evidence.schema.class_names]
    most = _FEW_PAIRS if classes <= _MOST_IN_MATRIX else _MOST_PAIRS
    return {
        "metrics": _class_metrics(evidence, y, answers, digits),
        "matrix": _matrix(matrix, names) if classes <= _MOST_IN_MATRIX else None,
        "pairs": [
            {
                "true": names[true],
                "given": names[given],
                "count": count,
                "share": share(count / int(matrix[true].sum())),
            }
            for true, given, count in scoring.most_confused(matrix, most)
        ],
        "classes": _classes(matrix, names)[:_MOST_CLASSES],
        "num_classes": classes,
        "charts": [],
        "count": len(y),
        "left_out": 0,
    }


def _class_metrics(
    evidence: Evidence, y: np.ndarray, answers: np.ndarray, digits: int
) -> list[dict[str, str]]:
    classes = evidence.schema.num_classes
    predicted = evidence.predicted.astype(np.float64)
    rows = [
        _metric(
            "Accuracy",
            wilson(int((answers == y).sum()), len(y)),
            "share of right answers",
            digits,
        )
    ]
    if classes > _MOST_IN_MATRIX:
        five = np.argpartition(-predicted, 5, axis=1)[:, :5]
        hits = int((five == y[:, None]).any(axis=1).sum())
        rows.append(
            _metric(
                "Top-5 accuracy",
                wilson(hits, len(y)),
                "right class among the five likeliest",
                digits,
            )
        )
    if classes == 2 and len(y) <= _MANY:
        auc = bootstrap(_auc, y, predicted[:, 1])
        rows.append(_metric("ROC AUC", auc, "chance that a case of the second class ranks higher"))
    f1 = bootstrap_counts(scoring.macro_f1, scoring.confusion(y, answers, classes))
    rows.append(_metric("Macro F1", f1, "mean F1 of the classes, each counting alike", digits))
    loss = bootstrap(np.mean, scoring.log_losses(y, predicted))
    rows.append(_metric("Log loss", loss, "nats; 0 is certain and right"))
    return rows


def _auc(y: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve by ranks; ties count half (Mann and Whitney 1947)."""
    positive = y == 1
    num_positive, num_negative = int(positive.sum()), int((~positive).sum())
    if not num_positive or not num_negative:
        return float("nan")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    wins = ranks[positive].sum() - num_positive * (num_positive + 1) / 2
    return float(wins / (num_positive * num_negative))


def _matrix(matrix: np.ndarray, names: list[str]) -> dict[str, Any]:
    """Counts, and the share of the true class in each cell for the colours."""
    totals = np.maximum(1, matrix.sum(axis=1, keepdims=True))
    shares = matrix / totals
    rows = [
        {
            "name": names[true],
            "total": int(matrix[true].sum()),
            "cells": [
                {
                    "count": int(matrix[true, given]),
                    "share": float(shares[true, given]),
                    "words": share(float(shares[true, given])),
                    "strength": f"{min(1.0, shares[true, given] * _BOLD ** (true != given)):.3f}",
                    "is_right": true == given,
                    "given": names[given],
                }
                for given in range(len(names))
            ],
        }
        for true in range(len(names))
    ]
    return {"names": names, "rows": rows}


def _classes(matrix: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
    """Precision, recall and F1 of each class, the class with the lowest F1 first."""
    rows = []
    for name, score in zip(names, scoring.class_scores(matrix), strict=True):
        row: dict[str, Any] = {"name": name, "support": score.support, "f1": score.f1.value}
        for key in ("precision", "recall", "f1"):
            interval: Interval = getattr(score, key)
            row[f"{key}_words"] = share(interval.value)
            is_known = interval.value == interval.value
            row[f"{key}_range"] = share_range(interval) if is_known else "never answered"
            row[f"{key}_bar"] = interval.value if is_known else 0.0
        rows.append(row)
    return sorted(rows, key=lambda row: row["f1"] if row["f1"] == row["f1"] else -1.0)


def _regression(evidence: Evidence, y: np.ndarray) -> dict[str, Any]:
    predicted = evidence.predicted.astype(np.float64)
    kept = np.isfinite(predicted) & np.isfinite(y)
    y, predicted = y[kept], predicted[kept]
    scores = scoring.regression_scores(y, predicted)
    target = clean(evidence.schema.target or "label", 40)
    errors = predicted - y
    counts, edges = np.histogram(errors, min(30, max(5, round(len(errors) ** 0.5))))
    return {
        "metrics": [
            _metric("R²", scores["r2"], "share of the variance explained; 1 is all of it"),
            _metric("Mean absolute error", scores["mae"], f"in the unit of {target}"),
            _metric("Root mean squared error", scores["rmse"], "large errors count more"),
        ],
        "charts": [
            {
                "svg": dots.predicted_against_true(y, predicted, target),
                "words": "Predicted against true: on the dashed line, predictions are right.",
            },
            {
                "svg": dots.residuals(y, predicted, target),
                "words": "Errors against predictions: a pattern here is something that the model "
                "has not learned.",
            },
            {
                "svg": histogram(
                    "errors",
                    edges.tolist(),
                    counts.tolist(),
                    label=dots.ERROR,
                    alt=f"Histogram of errors from {number(float(edges[0]))} to "
                    f"{number(float(edges[-1]))}.",
                ),
                "words": "How large the errors are, and in which direction.",
            },
        ],
        "count": len(y),
        "left_out": int((~kept).sum()),
    }
