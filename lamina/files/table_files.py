"""Opens a file with a table by what its name promises, and never by guessing again."""

import os

from lamina.files.csv_text import read_csv
from lamina.files.jsonl import read_jsonl
from lamina.files.parquet import read_parquet
from lamina.files.tables import TableFile, format_of


def read_table_file(path: str | os.PathLike) -> TableFile:
    """Reads a CSV, TSV, JSON-lines or Parquet file into columns of cells.

    Args:
        path: A file whose name ends in .csv, .tsv, .jsonl, .ndjson, .parquet or .pq.

    Raises:
        LoadError: The ending is none of these, the content is something else, or it is damaged.
        StorageError: There is no such file.
        MissingExtraError: A Parquet file needs pyarrow, which is not installed.
    """
    return _READERS[format_of(path)](path)


_READERS = {"csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet}
