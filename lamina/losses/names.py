"""Plain table of the losses' names, and the ways to name a loss in compile()."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lamina.core import configured, crossentropies, divergences
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.names import look_up, shown
from lamina.losses import (
    classification,
    embeddings,
    margins,
    overlap,
    regions,
    regression,
    robust,
    similarity,
)
from lamina.losses.base import Loss
from lamina.losses.wrapper import LossFunctionWrapper

LossFunction = Callable[..., Any]

# Each function with the class that is named after it.
PAIRS: dict[LossFunction, type[Loss]] = {
    crossentropies.binary_crossentropy: classification.BinaryCrossentropy,
    crossentropies.binary_focal_crossentropy: classification.BinaryFocalCrossentropy,
    crossentropies.categorical_crossentropy: classification.CategoricalCrossentropy,
    crossentropies.categorical_focal_crossentropy: classification.CategoricalFocalCrossentropy,
    crossentropies.sparse_categorical_crossentropy: classification.SparseCategoricalCrossentropy,
    divergences.categorical_hinge: margins.CategoricalHinge,
    divergences.hinge: margins.Hinge,
    divergences.huber: regression.Huber,
    divergences.kl_divergence: classification.KLDivergence,
    divergences.log_cosh: regression.LogCosh,
    divergences.mean_absolute_error: regression.MeanAbsoluteError,
    divergences.mean_absolute_percentage_error: regression.MeanAbsolutePercentageError,
    divergences.mean_squared_error: regression.MeanSquaredError,
    divergences.mean_squared_logarithmic_error: regression.MeanSquaredLogarithmicError,
    divergences.poisson: regression.Poisson,
    divergences.squared_hinge: margins.SquaredHinge,
    overlap.dice: regions.Dice,
    overlap.tversky: regions.Tversky,
    robust.categorical_generalized_cross_entropy: (
        classification.CategoricalGeneralizedCrossEntropy
    ),
    similarity.circle: embeddings.Circle,
    similarity.cosine_similarity: embeddings.CosineSimilarity,
}

TABLE: dict[str, LossFunction | type[Loss]] = {
    **{kind.__name__: kind for kind in PAIRS.values()},
    **{function.__name__: function for function in PAIRS},
    "BCE": crossentropies.binary_crossentropy,
    "KLD": divergences.kl_divergence,
    "MAE": divergences.mean_absolute_error,
    "MAPE": divergences.mean_absolute_percentage_error,
    "MSE": divergences.mean_squared_error,
    "MSLE": divergences.mean_squared_logarithmic_error,
    "bce": crossentropies.binary_crossentropy,
    "cosine": similarity.cosine_similarity,
    "huber_loss": divergences.huber,
    "kld": divergences.kl_divergence,
    "kullback_leibler_divergence": divergences.kl_divergence,
    "logcosh": divergences.log_cosh,
    "mae": divergences.mean_absolute_error,
    "mape": divergences.mean_absolute_percentage_error,
    "mse": divergences.mean_squared_error,
    "msle": divergences.mean_squared_logarithmic_error,
}
Shape = tuple[int | None, ...]


def get(
    identifier: Any,
    *,
    output_shape: Shape | None = None,
    target_shape: Shape | None = None,
    custom_objects: Mapping[str, Any] | None = None,
) -> LossFunction | Loss | None:
    """Returns the loss that a name, class, configuration or function stands for.

    Args:
        identifier: A name; a Loss or one of its classes; a function of (y_true, y_pred); a
            dictionary {"class_name", "config"}. "crossentropy" and "ce" choose among the three
            cross-entropies by the two shapes.
        output_shape: Shape of the model's output, batch axis first.
        target_shape: Shape of the labels, batch axis first.
        custom_objects: Further names, for configurations.

    Returns:
        A function for a function's name, otherwise a Loss; `None` for `None`.

    Raises:
        ArgumentError: The name is unknown, or "crossentropy" came without shapes.
        ArgumentTypeError: It is nothing that could be a loss.

    Example:
        >>> get("mse").__name__
        'mean_squared_error'
    """
    if identifier is None or isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier, custom_objects)
    if isinstance(identifier, str):
        if identifier.lower() in ("crossentropy", "ce"):
            return crossentropy_for(output_shape, target_shape)
        identifier = look_up("a loss", identifier, {**TABLE, **(custom_objects or {})})
    if inspect.isclass(identifier):
        return _made(identifier)
    if callable(identifier):
        return identifier
    raise ArgumentTypeError(
        f"{shown(identifier)} is no loss.",
        expected="a name, a function of (y_true, y_pred) or a Loss.",
        fix='pass for example loss="mse".',
    )


def as_loss(
    identifier: Any, *, output_shape: Shape | None = None, target_shape: Shape | None = None
) -> Loss:
    """Returns a Loss for anything `get` understands; functions are wrapped.

    Args:
        identifier: As for `get`; not `None`.
        output_shape: Shape of the model's output, batch axis first.
        target_shape: Shape of the labels, batch axis first.

    Raises:
        ArgumentError: As for `get`.
        ArgumentTypeError: As for `get`, or the function does not take (y_true, y_pred).
    """
    found: Any = get(identifier, output_shape=output_shape, target_shape=target_shape)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else getattr(found, "__name__", None)
    if found in PAIRS:
        return PAIRS[found](name=name)
    return LossFunctionWrapper(found, name=name)


def crossentropy_for(output_shape: Shape | None, target_shape: Shape | None) -> LossFunction:
    """The cross-entropy that fits an output and its labels, as Keras's compile chooses it."""
    if not output_shape or not target_shape:
        raise ArgumentError(
            'loss "crossentropy" needs the shapes of the output and the labels to choose.',
            expected="a call from fit(), or output_shape= and target_shape=.",
            fix='name it: "binary_crossentropy", "categorical_crossentropy" or '
            '"sparse_categorical_crossentropy".',
        )
    if output_shape[-1] == 1:
        return crossentropies.binary_crossentropy
    if len(target_shape) < len(output_shape) or target_shape[-1] == 1:
        return crossentropies.sparse_categorical_crossentropy
    return crossentropies.categorical_crossentropy


def _made(kind: type) -> Loss:
    """An object of a class that was passed in place of one."""
    if not issubclass(kind, Loss):
        raise ArgumentTypeError(
            f"class {kind.__name__} is no loss.",
            expected="a subclass of keras.losses.Loss, or an object of one.",
            fix=f"derive {kind.__name__} from keras.losses.Loss and define call(y_true, y_pred).",
        )
    try:
        inspect.signature(kind).bind()
    except TypeError as reason:
        raise ArgumentTypeError(
            f"loss class {kind.__name__} was passed in place of an object, and {reason}.",
            expected=f"an object: {kind.__name__}{inspect.signature(kind)}.",
            fix=f"pass {kind.__name__}(...) with its arguments.",
        ) from reason
    return kind()


def serialize(loss: Any) -> Any:
    """The name of a function, or the class name and configuration of a Loss."""
    if isinstance(loss, Loss):
        config = {key: serialize(value) for key, value in loss.get_config().items()}
        return {"class_name": type(loss).__name__, "config": config}
    return loss.__name__ if callable(loss) else loss


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The loss that `serialize` described.

    Raises:
        ArgumentError: The configuration has another form, or names an unknown loss.
    """
    if isinstance(config, str):
        return get(config, custom_objects=custom_objects)
    table = {"LossFunctionWrapper": LossFunctionWrapper, **TABLE, **(custom_objects or {})}
    arguments = dict(config.get("config") or {}) if isinstance(config, dict) else {}
    if isinstance(arguments.get("fn"), str):
        arguments["fn"] = look_up("a loss", arguments["fn"], table)
        config = {**config, "config": arguments}
    return configured.make("a loss", config, table)
