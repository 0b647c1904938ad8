"""Public data sets by name, each with its mirrors, hashes, licence and citation."""

from lamina.data.catalog.description import Description, PublicDataset
from lamina.data.catalog.registry import describe, load, names

__all__ = ["Description", "PublicDataset", "describe", "load", "names"]
