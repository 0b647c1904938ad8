"""Tables: columns understood, missing values kept as such, rows divided without a leak."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.data.tables.cells import MISSING
    from lamina.data.tables.inputs import TableInput, inputs_of
    from lamina.data.tables.loading import load_table
    from lamina.data.tables.unseen import read_table

_PLACES = {
    "lamina.data.tables.cells": "MISSING",
    "lamina.data.tables.inputs": "TableInput inputs_of",
    "lamina.data.tables.loading": "load_table",
    "lamina.data.tables.unseen": "read_table",
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = ["MISSING", "TableInput", "inputs_of", "load_table", "read_table"]
