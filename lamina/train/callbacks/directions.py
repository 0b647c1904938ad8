"""Whether more or less of a number is better, told from the metric or its name."""

import re
from collections.abc import Iterable
from typing import Any

from lamina.core.names import to_snake_case

_MORE = {
    "AUC", "Accuracy", "BinaryAccuracy", "BinaryIoU", "CategoricalAccuracy",
    "ConcordanceCorrelation", "CosineSimilarity", "F1Score", "FBetaScore", "IoU", "MeanIoU",
    "OneHotIoU", "OneHotMeanIoU", "PearsonCorrelation", "Precision", "PrecisionAtRecall",
    "R2Score", "Recall", "RecallAtPrecision", "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "SpecificityAtSensitivity",
    "TopKCategoricalAccuracy",
}  # fmt: skip
_LESS = {
    "BinaryCrossentropy", "CategoricalCrossentropy", "CategoricalHinge", "Hinge", "KLDivergence",
    "LogCoshError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "RootMeanSquaredError",
    "SparseCategoricalCrossentropy", "SquaredHinge",
}  # fmt: skip
_MORE_WORDS = {*map(to_snake_case, _MORE), "acc", "f1", "iou", "mean_iou", "fbeta_score", "r2"}
_LESS_WORDS = {
    *map(to_snake_case, _LESS), "loss", "error", "mse", "mae", "mape", "msle", "rmse", "bce", "ce",
    "kld", "logcosh", "log_cosh", "crossentropy", "huber",
}  # fmt: skip


def goal_of(monitor: str, metrics: Iterable[Any] = ()) -> str | None:
    """Says "max" or "min" for a name of the logs, or `None` where neither is certain.

    Args:
        monitor: A name such as "val_accuracy" or "val_head_auc".
        metrics: Metric objects; one with this name decides by its class.

    Example:
        >>> goal_of("val_head_accuracy"), goal_of("val_loss"), goal_of("temperature")
        ('max', 'min', None)
    """
    name = monitor.removeprefix("val_")
    for metric in metrics:
        if _ends_with(name, {getattr(metric, "name", "")}):
            classes = {kind.__name__ for kind in type(metric).__mro__}
            if classes & (_MORE | _LESS):
                return "max" if classes & _MORE else "min"
    name = re.sub(r"_\d+$", "", name)
    if _ends_with(name, _MORE_WORDS):
        return "max"
    return "min" if _ends_with(name, _LESS_WORDS) else None


def _ends_with(name: str, words: set[str]) -> bool:
    """Whether a name is one of these words, or ends with one after the name of an output."""
    return any(name == word or (word and name.endswith(f"_{word}")) for word in words)
