"""Plain table of the metrics' names, and the ways to name a metric in compile()."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lamina.core import configured, crossentropies, divergences
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.names import look_up, shown, to_snake_case
from lamina.metrics import (
    accuracy,
    auc,
    classification,
    confusion,
    correlation,
    curves,
    fscore,
    iou,
    probability,
    r2,
    reductions,
    regression,
)
from lamina.metrics.base import Metric
from lamina.metrics.reductions import MeanMetricWrapper

MetricFunction = Callable[..., Any]
Shape = tuple[int | None, ...]

CLASSES: tuple[type[Metric], ...] = (
    auc.AUC,
    classification.Accuracy,
    classification.BinaryAccuracy,
    classification.CategoricalAccuracy,
    classification.SparseCategoricalAccuracy,
    classification.SparseTopKCategoricalAccuracy,
    classification.TopKCategoricalAccuracy,
    confusion.FalseNegatives,
    confusion.FalsePositives,
    confusion.Precision,
    confusion.Recall,
    confusion.TrueNegatives,
    confusion.TruePositives,
    correlation.ConcordanceCorrelation,
    correlation.PearsonCorrelation,
    curves.PrecisionAtRecall,
    curves.RecallAtPrecision,
    curves.SensitivityAtSpecificity,
    curves.SpecificityAtSensitivity,
    fscore.F1Score,
    fscore.FBetaScore,
    iou.BinaryIoU,
    iou.IoU,
    iou.MeanIoU,
    iou.OneHotIoU,
    iou.OneHotMeanIoU,
    probability.BinaryCrossentropy,
    probability.CategoricalCrossentropy,
    probability.CategoricalHinge,
    probability.Hinge,
    probability.KLDivergence,
    probability.Poisson,
    probability.SparseCategoricalCrossentropy,
    probability.SquaredHinge,
    r2.R2Score,
    reductions.Mean,
    reductions.Sum,
    regression.CosineSimilarity,
    regression.LogCoshError,
    regression.MeanAbsoluteError,
    regression.MeanAbsolutePercentageError,
    regression.MeanSquaredError,
    regression.MeanSquaredLogarithmicError,
    regression.RootMeanSquaredError,
)

# Functions whose class computes the same with fewer kernels.
CLASS_OF: dict[MetricFunction, type[Metric]] = {
    accuracy.accuracy: classification.Accuracy,
    accuracy.binary_accuracy: classification.BinaryAccuracy,
    accuracy.categorical_accuracy: classification.CategoricalAccuracy,
    accuracy.sparse_categorical_accuracy: classification.SparseCategoricalAccuracy,
    accuracy.sparse_top_k_categorical_accuracy: classification.SparseTopKCategoricalAccuracy,
    accuracy.top_k_categorical_accuracy: classification.TopKCategoricalAccuracy,
}

TABLE: dict[str, type[Metric] | MetricFunction] = {
    **{kind.__name__: kind for kind in CLASSES},
    **{to_snake_case(kind.__name__): kind for kind in CLASSES},
    "BCE": probability.BinaryCrossentropy,
    "KLD": probability.KLDivergence,
    "MAE": regression.MeanAbsoluteError,
    "MAPE": regression.MeanAbsolutePercentageError,
    "MSE": regression.MeanSquaredError,
    "MSLE": regression.MeanSquaredLogarithmicError,
    "acc": classification.Accuracy,
    "bce": probability.BinaryCrossentropy,
    "binary_focal_crossentropy": crossentropies.binary_focal_crossentropy,
    "categorical_focal_crossentropy": crossentropies.categorical_focal_crossentropy,
    "cosine": regression.CosineSimilarity,
    "f1": fscore.F1Score,
    "huber": divergences.huber,
    "kld": probability.KLDivergence,
    "kullback_leibler_divergence": probability.KLDivergence,
    "log_cosh": regression.LogCoshError,
    "logcosh": regression.LogCoshError,
    "mae": regression.MeanAbsoluteError,
    "mape": regression.MeanAbsolutePercentageError,
    "mse": regression.MeanSquaredError,
    "msle": regression.MeanSquaredLogarithmicError,
    "r2": r2.R2Score,
    "rmse": regression.RootMeanSquaredError,
}

_ACCURACIES = {
    "binary": classification.BinaryAccuracy,
    "classes": classification.SparseCategoricalAccuracy,
    "one_hot": classification.CategoricalAccuracy,
}
_CROSSENTROPIES = {
    "binary": probability.BinaryCrossentropy,
    "classes": probability.SparseCategoricalCrossentropy,
    "one_hot": probability.CategoricalCrossentropy,
}
_BY_LABELS = {
    "acc": _ACCURACIES,
    "accuracy": _ACCURACIES,
    "ce": _CROSSENTROPIES,
    "crossentropy": _CROSSENTROPIES,
}


def get(
    identifier: Any,
    *,
    loss: Any = None,
    output_shape: Shape | None = None,
    target_shape: Shape | None = None,
    custom_objects: Mapping[str, Any] | None = None,
) -> Metric | MetricFunction | None:
    """Returns the metric that a name, class, configuration or function stands for.

    "accuracy" and "crossentropy" (also "acc" and "ce") mean the form for two answers, for
    one-hot labels or for class numbers: chosen by the two shapes, or by the loss.

    Args:
        identifier: A name; a Metric or one of its classes; a function of (y_true, y_pred); a
            dictionary {"class_name", "config"}.
        loss: Name or object of the loss, where shapes are not known.
        output_shape: Shape of the model's output, batch axis first.
        target_shape: Shape of the labels, batch axis first.
        custom_objects: Further names.

    Returns:
        A Metric; a function for a function; `None` for `None`.

    Raises:
        ArgumentError: The name is unknown, or cannot be chosen without shapes.
        ArgumentTypeError: It is nothing that could be a metric.

    Example:
        >>> get("accuracy", output_shape=(None, 10), target_shape=(None,))
        <SparseCategoricalAccuracy name=accuracy>
    """
    if identifier is None or isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier, custom_objects)
    if isinstance(identifier, str):
        if identifier.lower() in _BY_LABELS:
            return _chosen(identifier, loss, output_shape, target_shape)
        identifier = look_up("a metric", identifier, {**TABLE, **(custom_objects or {})})
    if inspect.isclass(identifier):
        return _made(identifier)
    if callable(identifier):
        return identifier
    raise ArgumentTypeError(
        f"{shown(identifier)} is no metric.",
        expected="a name, a function of (y_true, y_pred) or a Metric.",
        fix='pass for example metrics=["accuracy"].',
    )


def as_metric(
    identifier: Any,
    *,
    loss: Any = None,
    output_shape: Shape | None = None,
    target_shape: Shape | None = None,
) -> Metric:
    """Returns a Metric that reports under the user's own word for it.

    Args:
        identifier: As for `get`; not `None`.
        loss: As for `get`.
        output_shape: As for `get`.
        target_shape: As for `get`.

    Raises:
        ArgumentError: As for `get`.
        ArgumentTypeError: As for `get`, or the function does not take (y_true, y_pred).
    """
    found = get(identifier, loss=loss, output_shape=output_shape, target_shape=target_shape)
    if not isinstance(found, Metric):
        found = _wrapped(found)
    if isinstance(identifier, str):
        found.name = identifier
    return found


def _wrapped(function: Any) -> Metric:
    """A metric of a function; of a loss, its values for each example."""
    if function in CLASS_OF:
        return CLASS_OF[function](name=function.__name__)
    if hasattr(function, "reduction") and hasattr(function, "call"):
        return MeanMetricWrapper(function.call, name=function.name)
    return MeanMetricWrapper(function)


def _chosen(word: str, loss: Any, output_shape: Shape | None, target_shape: Shape | None) -> Metric:
    labels = _kind_by_shape(output_shape, target_shape) or _kind_by_loss(loss)
    if labels is not None:
        return _BY_LABELS[word.lower()][labels](name=word)
    if _BY_LABELS[word.lower()] is _ACCURACIES:
        return classification.Accuracy(name=word)
    raise ArgumentError(
        f'metric "{word}" needs the shapes of the output and the labels to choose.',
        expected="a call from fit(), or output_shape= and target_shape=.",
        fix='name it: "binary_crossentropy", "categorical_crossentropy" or '
        '"sparse_categorical_crossentropy".',
    )


def _kind_by_shape(output_shape: Shape | None, target_shape: Shape | None) -> str | None:
    if not output_shape or not target_shape:
        return None
    if output_shape[-1] == 1:
        return "binary"
    if len(target_shape) < len(output_shape) or target_shape[-1] == 1:
        return "classes"
    return "one_hot"


def _kind_by_loss(loss: Any) -> str | None:
    labels = getattr(loss, "labels", None)
    if labels in _ACCURACIES:
        return labels
    name = to_snake_case(loss if isinstance(loss, str) else getattr(loss, "__name__", ""))
    for start, kind in (("sparse_", "classes"), ("categorical_", "one_hot"), ("b", "binary")):
        if name.startswith(start):
            return kind
    return None


def _made(kind: type) -> Metric:
    """An object of a class that was named or passed in place of one."""
    if not issubclass(kind, Metric):
        raise ArgumentTypeError(
            f"class {kind.__name__} is no metric.",
            expected="a subclass of keras.metrics.Metric, or an object of one.",
            fix=f"derive {kind.__name__} from keras.metrics.Metric.",
        )
    try:
        inspect.signature(kind).bind()
    except TypeError as reason:
        raise ArgumentTypeError(
            f"metric class {kind.__name__} was passed in place of an object, and {reason}.",
            expected=f"an object: {kind.__name__}(...).",
            fix=f"pass {kind.__name__}(...) with its arguments.",
        ) from reason
    return kind()


def serialize(metric: Any) -> Any:
    """The name of a function, or the class name and configuration of a Metric."""
    if isinstance(metric, Metric):
        config = {key: serialize(value) for key, value in metric.get_config().items()}
        return {"class_name": type(metric).__name__, "config": config}
    return metric.__name__ if callable(metric) else metric


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric that `serialize` described.

    Raises:
        ArgumentError: The configuration has another form, or names an unknown metric.
    """
    if isinstance(config, str):
        return get(config, custom_objects=custom_objects)
    table = {"MeanMetricWrapper": MeanMetricWrapper, **TABLE, **(custom_objects or {})}
    arguments = dict(config.get("config") or {}) if isinstance(config, dict) else {}
    if isinstance(arguments.get("fn"), str):
        functions = {**_functions(), **(custom_objects or {})}
        arguments["fn"] = look_up("a metric function", arguments["fn"], functions)
        config = {**config, "config": arguments}
    return configured.make("a metric", config, table)


def _functions() -> dict[str, MetricFunction]:
    """All functions of (y_true, y_pred) that this library offers, by name."""
    sources = (accuracy, correlation, crossentropies, divergences)
    return {
        name: value
        for source in sources
        for name, value in vars(source).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
