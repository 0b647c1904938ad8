"""Losses for classes given as probabilities: cross-entropies and their relatives."""

from typing import Any

from torch import Tensor

from lamina.core import checks
from lamina.core.crossentropies import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    sparse_categorical_crossentropy,
)
from lamina.core.divergences import kl_divergence
from lamina.losses.robust import categorical_generalized_cross_entropy
from lamina.losses.wrapper import LossFunctionWrapper


class BinaryCrossentropy(LossFunctionWrapper):
    """Averages -log of the probability given to the right one of two answers.

    Args:
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Share of each label that is moved towards 0.5.
        axis: The axis to average over.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentError: `label_smoothing` is not from 0 to 1.

    Example:
        >>> BinaryCrossentropy()([[1.0]], [[0.5]])
        tensor(0.6931)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalCrossentropy(LossFunctionWrapper):
    """Sums -y_true·log(probability) over the classes, for one-hot labels.

    Args:
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Share of the labels' weight that is spread over all classes.
        axis: The axis of the classes.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentError: `label_smoothing` is not from 0 to 1.

    Example:
        >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
        tensor(0.6931)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Takes -log of the probability given to the right class, for class numbers.

    Args:
        from_logits: Whether `y_pred` holds logits.
        ignore_class: A class number whose examples do not count.
        axis: The axis of the classes.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.
        label_smoothing: Share of the labels' weight that is spread over all classes.

    Shape:
        y_true: (batch, ...) or (batch, ..., 1)
        y_pred: (batch, ..., classes)
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentError: `label_smoothing` is not from 0 to 1.

    Example:
        >>> SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])
        tensor(0.6931)
    """

    ignore_class: int | None

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
            label_smoothing=label_smoothing,
        )

    def valid(self, y_true: Tensor, values: Tensor) -> Tensor | None:
        """Examples of `ignore_class` do not count."""
        if self.ignore_class is None:
            return None
        return (y_true != self.ignore_class).reshape(values.shape)


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """Takes (1 - p**q) / q of the right class's probability: wrong labels weigh less.

    Args:
        q: From 0 to 1, both excluded; larger values trust the labels less.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true: (batch, ...) or (batch, ..., 1)
        y_pred: (batch, ..., classes)
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentError: `q` is not between 0 and 1.

    Example:
        >>> CategoricalGeneralizedCrossEntropy()([0], [[0.25, 0.75]])
        tensor(1.)
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        checks.number(self, "q", q, low=0.0, high=1.0, open_low=True, open_high=True)
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)


class KLDivergence(LossFunctionWrapper):
    """Sums y_true·log(y_true / y_pred) over the classes.

    Args:
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number, or (batch, ...) with reduction "none"

    Example:
        >>> KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]])
        tensor(0.)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Averages the binary cross-entropy, weighted down where the answer is already right.

    Args:
        apply_class_balancing: Whether label 1 weighs `alpha` and label 0 weighs 1 - alpha.
        alpha: Weight of label 1 when balancing.
        gamma: How fast right answers stop to count; 0 gives the plain cross-entropy.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Share of each label that is moved towards 0.5.
        axis: The axis to average over.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., features)
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentError: `label_smoothing` is not from 0 to 1.

    Example:
        >>> BinaryFocalCrossentropy()([[1.0]], [[0.5]])
        tensor(0.1733)
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Sums the cross-entropy over the classes, weighted down where it is already right.

    Args:
        alpha: Weight of all classes, or one number a class.
        gamma: How fast right answers stop to count; 0 gives the plain cross-entropy.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: Share of the labels' weight that is spread over all classes.
        axis: The axis of the classes.
        reduction: How the values become one number; see `Loss`.
        name: Name in messages and logs.
        dtype: The dtype to compute in; the default float when `None`.

    Shape:
        y_true, y_pred: (batch, ..., classes)
        result: one number, or (batch, ...) with reduction "none"

    Raises:
        ArgumentError: `label_smoothing` is not from 0 to 1.

    Example:
        >>> CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
        tensor(0.0433)
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
