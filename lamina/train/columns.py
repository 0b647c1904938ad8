"""Data frames and dicts of columns, given to a model that knows the table it was trained on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from lamina.data.dataset import Schema
from lamina.data.tables.unseen import inputs_from as table_inputs


def inputs_from(model: Any, x: Any) -> Any:
    """The inputs of a model by name, from the columns of a table; anything else as it is.

    Args:
        model: Any model; only one with the schema of a table reads columns.
        x: What the user passed.

    Raises:
        DataError: A column of the schema is absent, or a cell cannot be used.
    """
    if type(x) is np.ndarray:  # the usual, which has to be quick
        return x
    schema = model.__dict__.get("schema")
    if not isinstance(schema, Mapping) or schema.get("form") != "table":
        return x
    if isinstance(x, (np.ndarray, Tensor, list, tuple)) or _is_by_input(model, x):
        return x
    columns = table_inputs(x, Schema.from_dict(schema))
    return x if columns is None else columns


def _is_by_input(model: Any, x: Any) -> bool:
    """Whether a dict holds an array for each input, rather than a column for each name."""
    if not isinstance(x, Mapping) or not set(model.input_names) <= set(x):
        return False
    return all(np.ndim(x[name]) >= 2 for name in model.input_names)
