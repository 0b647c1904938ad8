"""From what a user names to a data set: catalogue, pictures, tables and arrays."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.data.loading.entry import load, read

__getattr__ = imported_later(__name__, {"lamina.data.loading.entry": "load read"})

__all__ = ["load", "read"]
