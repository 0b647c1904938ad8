"""Compares the shape of an array with the shape a model wants, and says how to get there."""

import math
from collections.abc import Sequence

from torch import Tensor

from lamina.core.errors import DataError

Shape = Sequence[int | None]


def fit_shape(name: str, tensor: Tensor, wanted: Shape, *, target: str = "the model") -> Tensor:
    """Returns the tensor, with a last axis of size 1 added or removed where that makes it fit.

    Args:
        name: The argument as the user knows it, such as "x".
        tensor: Data, batch axis first.
        wanted: The shape of the model's input, `None` where any size will do.
        target: Who wants it: "the model", or "input 'left'".

    Raises:
        DataError: The shapes differ.
    """
    if is_fitting(tensor.shape, wanted):
        return tensor
    if tensor.shape[-1] == 1 and is_fitting(tensor.shape[:-1], wanted):
        return tensor.squeeze(-1)
    if wanted[-1] == 1 and is_fitting((*tensor.shape, 1), wanted):
        return tensor.unsqueeze(-1)
    raise _mismatch(name, tensor, wanted, target)


def is_fitting(shape: Sequence[int], wanted: Shape) -> bool:
    """Whether a shape agrees with one that may have unknown axes."""
    return len(shape) == len(wanted) and all(
        size is None or size == given for given, size in zip(shape, wanted, strict=True)
    )


def is_one_sample(shape: Sequence[int], wanted: Shape) -> bool:
    """Whether a shape is that of one sample without a batch axis; one channel may be left out."""
    sizes = wanted[1:]
    if not sizes:
        return False
    has_one_channel = sizes[-1] == 1 and len(sizes) > 2
    return is_fitting(shape, sizes) or (has_one_channel and is_fitting(shape, sizes[:-1]))


def shape_words(wanted: Shape) -> str:
    """A shape with n for the batch axis and ? for other unknown axes."""
    sizes = ["n", *("?" if size is None else str(size) for size in wanted[1:])]
    return f"({', '.join(sizes)})" if len(sizes) > 1 else "(n,)"


def _mismatch(name: str, tensor: Tensor, wanted: Shape, target: str) -> DataError:
    shape = tuple(tensor.shape)
    expected = f"shape {shape_words(wanted)}, where n is the number of samples."
    if len(shape) == len(wanted) == 2:
        given = f"{shape[1]} {'feature' if shape[1] == 1 else 'features'}"
        problem = f"{name} has {given} per sample, {target} expects {wanted[1]}."
    else:
        problem = f"{name} has shape {shape}, {target} expects {shape_words(wanted)}."
    if is_one_sample(shape, wanted):
        problem = f"{name} has shape {shape}, which looks like one sample without a batch axis."
    return DataError(problem, expected=expected, fix=_way(name, tensor, wanted))


def _way(name: str, tensor: Tensor, wanted: Shape) -> str:
    """What to type, judged from the sizes of both shapes."""
    shape, sizes = tuple(tensor.shape), wanted[1:]
    rank = len(wanted)
    if is_one_sample(shape, wanted):
        return f"take a slice such as {name}[:1], or add the axis: {name}[None]."
    if shape[0] == 1 and is_fitting(shape[1:], wanted):
        return f"remove the first axis: {name}[0]."
    if len(shape) == rank >= 3:
        if is_fitting((shape[0], *shape[2:], shape[1]), wanted):
            return f"move the channels to the end: np.moveaxis({name}, 1, -1)."
        if is_fitting((shape[0], shape[-1], *shape[1:-1]), wanted):
            return f"move the channels to the front: np.moveaxis({name}, -1, 1)."
    if len(shape) == rank == 2 and is_fitting(shape[::-1], wanted):
        return f"samples are rows: turn the table round with {name}.T."
    if len(shape) == 1 and rank == 2:
        return f"give each sample a row; a single feature is {name}[:, None] and Input(shape=(1,))."
    if len(shape) == rank - 1 >= 3 and is_fitting(shape, wanted[:-1]):
        return f"add the channels: np.repeat({name}[..., None], {wanted[-1]}, axis=-1)."
    known = [size for size in sizes if size is not None]
    if len(shape) > 1 and len(known) == len(sizes) and math.prod(shape) == math.prod(known):
        return f"for one sample reshape it: {name}.reshape(1, {', '.join(map(str, known))})."
    if len(known) == len(sizes) and math.prod(shape[1:]) == math.prod(known):
        new = "-1" if rank == 2 else ", ".join(map(str, known))
        return f"reshape it: {name}.reshape(len({name}), {new})."
    return f"change the data, or build the model with Input(shape={shape[1:]})."
