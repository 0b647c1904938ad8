"""Everything that comes from outside: opened once, checked, then read. Writes are atomic."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.files.archive import extract, read_members
    from lamina.files.atomic import remove, write_bytes, write_text
    from lamina.files.cifar import Cifar, read_cifar
    from lamina.files.csv_text import read_csv
    from lamina.files.documents import read_json
    from lamina.files.downloads import RemoteFile, cache_folder, fetch, get_file
    from lamina.files.idx import read_idx, read_idx_pair
    from lamina.files.jsonl import read_jsonl
    from lamina.files.parquet import read_parquet
    from lamina.files.pictures import open_picture, read_picture
    from lamina.files.table_files import read_table_file
    from lamina.files.tables import CellColumn, TableFile
    from lamina.files.tensors import (
        Tensors,
        dump_safetensors,
        read_npy,
        read_npz,
        read_safetensors,
    )
    from lamina.files.toml import read_toml
    from lamina.files.zips import ZipArchive

_PLACES = {
    "lamina.files.archive": "extract read_members",
    "lamina.files.atomic": "remove write_bytes write_text",
    "lamina.files.cifar": "Cifar read_cifar",
    "lamina.files.csv_text": "read_csv",
    "lamina.files.documents": "read_json",
    "lamina.files.downloads": "RemoteFile cache_folder fetch get_file",
    "lamina.files.idx": "read_idx read_idx_pair",
    "lamina.files.jsonl": "read_jsonl",
    "lamina.files.parquet": "read_parquet",
    "lamina.files.pictures": "open_picture read_picture",
    "lamina.files.table_files": "read_table_file",
    "lamina.files.tables": "CellColumn TableFile",
    "lamina.files.tensors": "Tensors dump_safetensors read_npy read_npz read_safetensors",
    "lamina.files.toml": "read_toml",
    "lamina.files.zips": "ZipArchive",
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = [
    "CellColumn",
    "Cifar",
    "RemoteFile",
    "TableFile",
    "Tensors",
    "ZipArchive",
    "cache_folder",
    "dump_safetensors",
    "extract",
    "fetch",
    "get_file",
    "open_picture",
    "read_cifar",
    "read_csv",
    "read_idx",
    "read_idx_pair",
    "read_json",
    "read_jsonl",
    "read_members",
    "read_npy",
    "read_npz",
    "read_parquet",
    "read_picture",
    "read_safetensors",
    "read_table_file",
    "read_toml",
    "remove",
    "write_bytes",
    "write_text",
]
