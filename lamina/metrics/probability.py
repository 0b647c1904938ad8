"""Losses for classes, watched as metrics: means over all examples of an epoch."""

from typing import Any

from lamina.core.crossentropies import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from lamina.core.divergences import (
    categorical_hinge,
    hinge,
    kl_divergence,
    poisson,
    squared_hinge,
)
from lamina.metrics.reductions import MeanMetricWrapper


class BinaryCrossentropy(MeanMetricWrapper):
    """Measures the mean of -log of the probability given to the right one of two answers.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Share of each label that is moved towards 0.5.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> round(BinaryCrossentropy()([[1.0]], [[0.5]]).item(), 4)
        0.6931
    """

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


class CategoricalCrossentropy(MeanMetricWrapper):
    """Measures the mean cross-entropy of one-hot labels.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Share of the labels' weight that is spread over all classes.
        axis: The axis of the classes.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number

    Example:
        >>> round(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).item(), 4)
        0.6931
    """

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Measures the mean cross-entropy of class numbers.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.
        from_logits: Whether `y_pred` holds logits.
        ignore_class: A class number whose examples count as 0.
        axis: The axis of the classes.

    Shape:
        y_true: (batch, ...) or (batch, ..., 1)
        y_pred: (batch, ..., classes)
        result: one number

    Example:
        >>> round(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]).item(), 4)
        0.6931
    """

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


class KLDivergence(MeanMetricWrapper):
    """Measures the mean Kullback-Leibler divergence of two distributions.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number

    Example:
        >>> KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]).item()
        0.0
    """

    def __init__(
        self,
        name: str | None = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """Measures the mean of y_pred - y_true·log(y_pred).

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> Poisson()([[0.0]], [[2.0]]).item()
        2.0
    """

    def __init__(
        self,
        name: str | None = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(poisson, name, dtype)


class Hinge(MeanMetricWrapper):
    """Measures the mean of max(1 - y_true·y_pred, 0).

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> Hinge()([[-1.0, 1.0]], [[-2.0, 0.5]]).item()
        0.25
    """

    def __init__(
        self,
        name: str | None = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """Measures the mean of max(1 - y_true·y_pred, 0)².

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number

    Example:
        >>> SquaredHinge()([[-1.0, 1.0]], [[-2.0, 0.5]]).item()
        0.125
    """

    def __init__(
        self,
        name: str | None = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """Measures how far the best wrong score comes within 1 of the right one.

    Args:
        name: Name in logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number

    Example:
        >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]).item()
        0.5
    """

    def __init__(
        self,
        name: str | None = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(categorical_hinge, name, dtype)
