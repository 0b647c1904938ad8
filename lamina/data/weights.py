"""Weights of samples: checked when given, looked up by class when asked for."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, trees
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError
from lamina.core.names import shown
from lamina.data import conversion, finite


def to_sample_weight(name: str, value: Any, y: Any, count: int) -> Any:
    """Checked weights in the nesting of `y`; one array serves all outputs.

    Args:
        name: The argument as the user knows it.
        value: One weight for each sample, or one such array for each output. `None` stays.
        y: The labels, as tensors.
        count: Number of samples.

    Raises:
        DataError: A weight is negative or not finite, all are zero, or their number is wrong.
    """
    if value is None:
        return None
    is_nested = isinstance(y, (list, dict))
    if isinstance(value, dict) and isinstance(y, dict) and set(value) == set(y):
        return {key: _checked(f"{name}[{key!r}]", value[key], count) for key in y}
    if is_nested and isinstance(value, (list, tuple)) and len(value) == len(y) != count:
        parts = [_checked(f"{name}[{i}]", part, count) for i, part in enumerate(value)]
        return trees.refill(y, parts)
    checked = _checked(name, value, count)
    return trees.transform(lambda _: checked, y) if is_nested else checked


def _checked(name: str, value: Any, count: int) -> Tensor:
    tensor = conversion.convert(name, value).tensor.to(conversion.float_dtype())
    if tensor.shape[0] != count:
        raise DataError(
            f"{name} has {tensor.shape[0]} weights, x has {count} samples.",
            expected="one weight for each sample.",
            fix=f"check that x and {name} come from the same rows.",
        )
    finite.check_finite(name, tensor, is_optional=False)
    if (tensor < 0).any():
        place = (tensor < 0).nonzero()[0].tolist()
        raise DataError(
            f"{name} is negative at {finite.words_for(place)}: {tensor[tuple(place)].item():g}.",
            expected="weights of at least 0.",
            fix="use 0 to leave a sample out.",
        )
    if count and not tensor.any():
        raise DataError(
            f"{name} is 0 for every sample, so nothing would be learned.",
            expected="at least one weight above 0.",
            fix=f"leave {name} out to weigh all samples alike.",
        )
    return tensor


def class_sample_weight(
    y: Any, class_weight: Any, *, sample_weight: Any = None, num_classes: int | None = None
) -> Tensor:
    """The weight of each sample by its class, for data that is wholly in memory.

    Args:
        y: Labels as tensors.
        class_weight: A dict from class numbers to weights.
        sample_weight: What the user passed beside it, which has to be nothing.
        num_classes: Number of classes, where it is known; otherwise those in `y` are all.

    Raises:
        ArgumentError: Both kinds of weights are given, or `y` has several outputs.
        DataError: A class has no weight, or a weight no class.
    """
    if sample_weight is not None:
        raise ArgumentError(
            "class_weight and sample_weight were both given.",
            expected="one of them.",
            fix="multiply the class weights into sample_weight.",
        )
    table = class_weight_table(class_weight, num_classes)
    result = weights_of(y, table)
    unknown = sorted(set(table) - set(_classes(y).unique().tolist()))
    if unknown and num_classes is None:
        raise DataError(
            f"class_weight has a weight for class {unknown[0]}, which does not occur in y.",
            expected="weights for the classes in y.",
            fix=f"remove the key {unknown[0]}.",
        )
    return result


def class_weight_table(class_weight: Any, num_classes: int | None = None) -> dict[int, float]:
    """Checks a dict from class numbers to weights.

    Args:
        class_weight: What the user passed.
        num_classes: Number of classes, where it is known.

    Raises:
        ArgumentTypeError: It is no dict, or a key is no class number.
        ArgumentError: A weight is not a finite number of at least 0, or none is above 0.
        DataError: A key is no class of the model.
    """
    if not isinstance(class_weight, Mapping):
        raise ArgumentTypeError(
            f"class_weight is {shown(class_weight)}.",
            expected="a dict from class numbers to weights.",
            fix="pass for example class_weight={0: 1.0, 1: 5.0}.",
        )
    table = {}
    for key, weight in class_weight.items():
        if not checks.is_number(key) or key % 1 != 0:
            raise ArgumentTypeError(
                f"class_weight has the key {shown(key)}.",
                expected="class numbers, as in y: 0, 1, 2 ...",
                fix="use the number of the class, for example class_weight={0: 1.0, 1: 5.0}.",
            )
        if not checks.is_number(weight) or not 0 <= weight < float("inf"):
            raise ArgumentError(
                f"class_weight gives class {int(key)} the weight {shown(weight)}.",
                expected="a finite number of at least 0.",
                fix="use 0 to leave a class out.",
            )
        if key < 0 or (num_classes is not None and key >= num_classes):
            raise DataError(
                f"class_weight has a weight for class {int(key)}, which does not exist.",
                expected="classes from 0" + (f" to {num_classes - 1}." if num_classes else "."),
                fix=f"remove the key {int(key)}.",
            )
        table[int(key)] = float(weight)
    if not any(table.values()):
        raise ArgumentError(
            f"class_weight gives no class a weight above 0: {shown(dict(class_weight))}.",
            expected="at least one weight above 0.",
            fix="leave class_weight out to weigh all classes alike.",
        )
    return table


def weights_of(y: Any, table: Mapping[int, float], *, name: str = "y") -> Tensor:
    """The weight of each sample's class.

    Args:
        y: Class numbers (n,) or (n, 1), or one-hot rows (n, classes).
        table: A weight for every class that occurs.
        name: What messages call `y`.

    Raises:
        ArgumentError: `y` has several outputs.
        DataError: A class has no weight, or there are no labels.
    """
    if not isinstance(y, Tensor):
        several = y is not None
        raise ArgumentError(
            f"class_weight needs one array of labels; {name} "
            f"{'has several outputs' if several else 'is missing'}.",
            expected="a model with one output, and its labels.",
            fix="pass sample_weight, with one array for each output." if several else "pass y.",
        )
    present, position = _classes(y).unique(return_inverse=True)
    missing = [number for number in present.tolist() if number not in table]
    if missing:
        raise DataError(
            f"class_weight has no weight for class {missing[0]}, which occurs in {name}.",
            expected="a weight for every class.",
            fix=f"add {missing[0]}: 1.0 to class_weight.",
        )
    values = [table[number] for number in present.tolist()]
    return torch.tensor(values, dtype=conversion.float_dtype(), device=y.device)[position]


def _classes(y: Tensor) -> Tensor:
    if y.ndim > 1:
        y = y.argmax(-1) if y.shape[-1] > 1 else y.squeeze(-1)
    return y.round().long() if y.is_floating_point() else y.long()
