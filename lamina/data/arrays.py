"""Arrays: what the user handed to fit, evaluate or predict, as checked CPU tensors.

One array alone is the business of `conversion.py`, its shape of `shapes.py`, and the names of
several inputs or outputs of `matching.py`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from torch import Tensor

from lamina.core import checks, trees
from lamina.core.errors import ArgumentTypeError, DataError
from lamina.core.names import shown
from lamina.core.text import hash_strings, is_text
from lamina.data import conversion, finite, shapes, weights
from lamina.data.matching import Names, arrange, is_branch
from lamina.data.shapes import Shape

Tree = Any  # a tensor, or nested lists and dicts of tensors; Python cannot say this recursively


class Batch(NamedTuple):
    """Inputs, labels and weights of some samples; what is absent is `None`."""

    x: Tree
    y: Tree = None
    sample_weight: Tree = None


@dataclass(frozen=True, eq=False)
class Arrays:
    """Inputs, labels and weights of all samples, as tensors with the batch axis first.

    The memory may be the user's own: nothing may write to it.
    """

    x: Tree
    y: Tree = None
    sample_weight: Tree = None
    column_names: tuple[str, ...] | None = None

    @property
    def num_examples(self) -> int:
        """Number of samples."""
        return trees.leaves(self.x)[0].shape[0]


def to_arrays(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    names: tuple[str, str, str] = ("x", "y", "sample_weight"),
    input_names: Names | None = None,
    input_shapes: Sequence[Shape] | None = None,
    output_names: Names | None = None,
    column_names: Names | None = None,
    nan: Literal["error", "allow"] = "error",
    allow_empty: bool = False,
    takes_text: bool = False,
    with_gaps: Collection[int] = (),
) -> Arrays:
    """Turns data of any common kind into checked tensors.

    Takes NumPy arrays, torch tensors, lists of numbers, data frames and series, anything with
    `__array__`, and lists or dicts of these. Memory is shared where possible and never written
    to. Whole numbers and booleans keep their dtype; float64 and float16 become float32 (a
    memory-mapped file keeps its own, so that it need not fit into memory).

    Args:
        x: Inputs.
        y: Labels.
        sample_weight: A weight for each sample, or one such array for each output.
        names: What messages call the three, such as "validation_data[0]".
        input_names: Names of the model's inputs. Lists are matched with them by position, dicts
            by name; one input then gives a tensor, several a list in this order.
        input_shapes: The shape of each input, batch axis first, `None` where any size will do.
        output_names: Names of the model's outputs, matched with `y` in the same way.
        column_names: Columns to take from a data frame, in this order.
        nan: Whether NaN and infinite values in `x` and `y` are an error.
        allow_empty: Whether zero samples are accepted.
        takes_text: Whether arrays of strings are accepted in `x`; they become stable hashes, which
            layers such as StringLookup know.
        with_gaps: Places of the inputs in which NaN are missing values, and no error.

    Raises:
        ArgumentTypeError: One of the three is no array.
        DataError: Values, shapes, names or numbers of samples do not fit.

    Example:
        >>> to_arrays([[1.0, 2.0], [3.0, 4.0]], [0, 1]).num_examples
        2
    """
    checks.choice("fit", "nan", nan, ("error", "allow"))
    x_name, y_name, weight_name = names
    read_x = _Reader(nan, column_names, takes_text=takes_text, with_gaps=with_gaps)
    read_y = _Reader(nan)
    inputs = _tensors(x_name, arrange(x_name, x, input_names, "input"), read_x)
    labels = None
    if y is not None:
        labels = _tensors(y_name, arrange(y_name, y, output_names, "output"), read_y)
    if input_shapes is not None:
        inputs = _shaped(x_name, inputs, input_shapes, input_names)
    _check_sizes([*_labelled(x_name, inputs), *_labelled(y_name, labels)], allow_empty)
    given_weights = weights.to_sample_weight(weight_name, sample_weight, labels, _rows(inputs))
    columns = read_x.columns[0] if len(read_x.columns) == 1 else None
    return Arrays(inputs, labels, given_weights, columns)


def unpack_validation(data: Any, name: str = "validation_data") -> tuple[Any, Any, Any]:
    """Splits (x, y) or (x, y, sample_weight) into three; streams are for the caller to catch.

    Raises:
        ArgumentTypeError: `data` is no such tuple.
    """
    if isinstance(data, (tuple, list)) and len(data) in (2, 3):
        return tuple((*data, None)[:3])
    given = f"of type {type(data).__name__}"
    if isinstance(data, (tuple, list)):
        given = f"a {type(data).__name__} of {len(data)}"
    raise ArgumentTypeError(
        f"{name} is {given}.",
        expected="(x, y) or (x, y, sample_weight), or a data set that yields batches.",
        fix=f"pass {name}=(x_val, y_val).",
    )


def require_labels(y: Any, loss: str) -> None:
    """Passes labels that are there.

    Raises:
        DataError: `y` is `None`.
    """
    if y is None:
        raise DataError(
            "y is missing.",
            expected=f"y, because the loss {loss!r} compares predictions with it.",
            fix="pass it after x, as in model.fit(x, y).",
        )


class _Reader:
    """Converts and checks one array after the other, and collects the columns of data frames."""

    def __init__(
        self,
        nan: str,
        wanted: Names | None = None,
        *,
        takes_text: bool = False,
        with_gaps: Collection[int] = (),
    ) -> None:
        self.nan = nan
        self.with_gaps = with_gaps
        self.num_read = 0
        self.takes_text = takes_text
        self.wanted = wanted
        self.columns: list[tuple[str, ...]] = []

    def __call__(self, name: str, value: Any) -> Tensor:
        place, self.num_read = self.num_read, self.num_read + 1
        if self.takes_text and is_text(value):
            return hash_strings(value)
        tensor, columns = conversion.convert(name, value, columns=self.wanted)
        if columns:
            self.columns.append(columns)
        if self.nan == "error":
            has_gaps = place in self.with_gaps
            finite.check_finite(name, tensor, columns=columns, has_gaps=has_gaps)
        return tensor


def _tensors(name: str, value: Any, read: _Reader) -> Tree:
    if isinstance(value, dict):
        _check_any(name, value)
        return {key: _tensors(f"{name}[{key!r}]", item, read) for key, item in value.items()}
    if is_branch(value):
        return [_tensors(f"{name}[{i}]", item, read) for i, item in enumerate(value)]
    return read(name, value)


def _check_any(name: str, value: dict) -> None:
    if not value:
        raise DataError(f"{name} is empty.", expected="at least one array.", fix="pass data.")


def _labelled(name: str, tree: Tree) -> Iterator[tuple[str, Tensor]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _labelled(f"{name}[{key!r}]", value)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _labelled(f"{name}[{index}]", value)
    elif tree is not None:
        yield name, tree


def _rows(tree: Tree) -> int:
    return trees.leaves(tree)[0].shape[0]


def _shaped(name: str, inputs: Tree, wanted: Sequence[Shape], names: Names | None) -> Tree:
    leaves = list(_labelled(name, inputs))
    if len(leaves) == 1:
        return trees.refill(inputs, [shapes.fit_shape(*leaves[0], wanted[0])])
    fitted = []
    for index, ((label, tensor), shape) in enumerate(zip(leaves, wanted, strict=True)):
        target = f"input {names[index]!r}" if names else f"input {index}"
        try:
            fitted.append(shapes.fit_shape(label, tensor, shape, target=target))
        except DataError as error:
            _note_swap(error, tensor, wanted, names)
            raise
    return trees.refill(inputs, fitted)


def _note_swap(
    error: DataError, tensor: Tensor, wanted: Sequence[Shape], names: Names | None
) -> None:
    for index, shape in enumerate(wanted):
        if shapes.is_fitting(tensor.shape, shape):
            other = names[index] if names else index
            error.add_note(f"  where: it would fit input {other!r}; the inputs may be swapped.")


def _check_sizes(labelled: list[tuple[str, Tensor]], allow_empty: bool) -> None:
    first, reference = labelled[0]
    for label, tensor in labelled:
        count = tensor.shape[0]
        if count != reference.shape[0]:
            raise DataError(
                f"{first} has {_samples(reference.shape[0])}, {label} has {count}.",
                expected="the same number of samples, which is the size of the first axis.",
                fix=_size_fix(first, reference, label, tensor),
            )
        if tensor.numel() == 0 and not (allow_empty and count == 0):
            raise DataError(
                f"{label} has no {'samples' if count == 0 else 'values'}: "
                f"its shape is {shown(tuple(tensor.shape))}.",
                expected="at least one sample with one value.",
                fix="look at the step that selects the rows or columns.",
            )


def _samples(count: int) -> str:
    return f"{count} sample" if count == 1 else f"{count} samples"


def _size_fix(first: str, reference: Tensor, label: str, tensor: Tensor) -> str:
    if reference.shape[0] == 1 and reference.shape[1:2] == tensor.shape[:1]:
        return f"remove the first axis: {first}[0]."
    if "[" in first and "validation" not in first:
        return "if the list holds the rows of one array, use np.stack."
    return f"check that {first} and {label} come from the same rows."
