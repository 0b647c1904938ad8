"""Arrays from npy, npz and safetensors files, their headers checked against the bytes present."""

import json
import math
import re
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import safetensors.torch
import torch

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.documents import read_json
from lamina.files.opening import Source, damaged, label_of, open_source, printable, read_whole
from lamina.files.zips import ZipArchive

_ITEM_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "I32": 4, "I64": 8,
    "F16": 2, "BF16": 2, "F32": 4, "F64": 8,
}  # fmt: skip
_DTYPE_WORDS = {
    torch.bool: "BOOL", torch.uint8: "U8", torch.int8: "I8", torch.int16: "I16",
    torch.int32: "I32", torch.int64: "I64", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.float32: "F32", torch.float64: "F64",
}  # fmt: skip
# NumPy evaluates this header as a Python literal; a pattern is enough and compiles nothing.
_NPY_HEADER = re.compile(
    r"\{\s*'descr':\s*(?P<dtype>'[^']*'|\[.*\]),\s*'fortran_order':\s*(?P<fortran>True|False),"
    r"\s*'shape':\s*\((?P<shape>(?:\d{1,19},\s*)*(?:\d{1,19})?)\),?\s*\}\s*"
)
_MAX_AXES = 32
_NPY_DTYPE = re.compile(r"'[<>|=](b1|[iu][1248]|f[248])'")


class Tensors(NamedTuple):
    """What a safetensors file holds."""

    tensors: dict[str, torch.Tensor]
    metadata: dict[str, str]


def read_npy(source: Source, *, name: str | None = None) -> np.ndarray:
    """Reads one array of numbers from an npy file.

    Args:
        source: Path of the file, or its content as bytes.
        name: What messages call it. The path when `None`.

    Returns:
        The array, in its own dtype.

    Raises:
        LoadError: The header does not fit the bytes that follow, or the array holds Python
            objects, text or records. Pickles are never loaded.
    """
    label = name or label_of(source)
    data = read_whole(source, limits.ARCHIVE_MEMBER_BYTES, name=name)
    header, start = _npy_header(data, label)
    if not _NPY_DTYPE.fullmatch(header["dtype"]):
        kind = ascii(header["dtype"])[1:-1]  # the text of the file, control characters escaped
        raise _not_numbers(label, f"the array has the dtype {kind[:40]}")
    dtype = np.dtype(header["dtype"][1:-1])
    shape = tuple(int(size) for size in header["shape"].split(",") if size.strip())
    needed = math.prod(shape) * dtype.itemsize
    if needed != len(data) - start:
        what = f"the header promises {needed:,} bytes of values; there are {len(data) - start:,}"
        raise _not_numbers(label, what[:120])
    if math.prod(size or 1 for size in shape) * dtype.itemsize > limits.ARRAY_BYTES:
        raise _not_numbers(label, f"no array has the shape {printable(shape, 60)}")
    values = np.frombuffer(bytearray(data[start:]), dtype)
    return values.reshape(shape, order="F" if header["fortran"] == "True" else "C")


def read_npz(source: Source, *, name: str | None = None) -> dict[str, np.ndarray]:
    """Reads every array of an npz file.

    Args:
        source: Path of the file, or its content as bytes.
        name: What messages call it. The path when `None`.

    Returns:
        Arrays by name, without the ending `.npy`.

    Raises:
        LoadError: The zip structure or an array is damaged, or a member is no npy file.
    """
    with open_source(source, name=name) as opened:
        archive = ZipArchive(opened.file, opened.size, name=opened.name)
        wrong = next((member for member in archive.names if not member.endswith(".npy")), None)
        if wrong is not None:
            raise _not_numbers(opened.name, f"the member {printable(wrong)} is no npy file")
        return {
            member.removesuffix(".npy"): read_npy(
                archive.read(member), name=f"{opened.name}/{member}"
            )
            for member in archive.names
        }


def read_safetensors(
    source: Source, *, name: str | None = None, allow_nonfinite: bool = True
) -> Tensors:
    """Reads every tensor of a safetensors file into memory of its own.

    Args:
        source: Path of the file, or its content as bytes.
        name: What messages call it. The path when `None`.
        allow_nonfinite: Whether NaN and infinities are accepted.

    Returns:
        The tensors by name, and the metadata.

    Raises:
        LoadError: The header does not describe the bytes of the file exactly, a limit is broken,
            or a value is not finite and had to be.
    """
    label = name or label_of(source)
    data = read_whole(source, limits.ARCHIVE_BYTES, name=name)
    header = _checked_header(data, label)
    tensors = safetensors.torch.load(data)
    if not allow_nonfinite:
        _refuse_nonfinite(tensors, label)
    return Tensors(tensors, header.get("__metadata__", {}))


def dump_safetensors(
    tensors: dict[str, torch.Tensor], metadata: dict[str, str] | None = None
) -> bytes:
    """The bytes of a safetensors file; views and tensors on a device are copied first."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    separate = {name: tensor.clone() for name, tensor in plain.items()}
    return safetensors.torch.save(separate, metadata)


def lay_out_safetensors(tensors: Mapping[str, torch.Tensor]) -> list[Any]:
    """The bytes of a safetensors file in pieces, sorted by name; values on the CPU are not copied.

    Nothing may write to the tensors before the pieces have been used.
    """
    plain = {name: tensors[name].detach().cpu().contiguous() for name in sorted(tensors)}
    header: dict[str, Any] = {}
    place = 0
    for name, tensor in plain.items():
        end = place + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": _DTYPE_WORDS[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [place, end],
        }
        place = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    values = [_bytes_of(tensor).data for tensor in plain.values() if tensor.numel()]
    return [struct.pack("<Q", len(text)), text, *values]


def _bytes_of(tensor: torch.Tensor) -> np.ndarray:
    return tensor.as_subclass(torch.Tensor).reshape(-1).view(torch.uint8).numpy()


def _npy_header(data: bytes, name: str) -> tuple[re.Match[str], int]:
    """The parts of the header and the place where the values start."""
    version = tuple(data[6:8])
    if data[:6] != b"\x93NUMPY" or version not in ((1, 0), (2, 0)):
        raise _not_numbers(name, f"it starts with the bytes {data[:8].hex(' ') or '(none)'}")
    form = "<H" if version == (1, 0) else "<L"
    start = 8 + struct.calcsize(form)
    length = struct.unpack_from(form, data, 8)[0] if len(data) >= start else limits.GIB
    if length > min(limits.NPY_HEADER_BYTES, len(data) - start):
        raise _not_numbers(name, "the header is longer than allowed or than the file")
    header = _NPY_HEADER.fullmatch(data[start : start + length].decode("latin-1"))
    if header is None or len(header["shape"].split(",")) > _MAX_AXES:
        raise _not_numbers(name, f"the header is damaged ({printable(data[start:][:length], 60)})")
    return header, start + length


def _not_numbers(name: str, what: str) -> LoadError:
    return damaged(
        name,
        f"{what}.",
        expected="plain arrays of booleans, integers or floats, as numpy.save writes them.",
        fix="save the array again with a numeric dtype and allow_pickle=False.",
    )


def _checked_header(data: bytes, name: str) -> dict[str, Any]:
    length = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else -1
    if not 2 <= length <= min(limits.SAFETENSORS_HEADER_BYTES, len(data) - 8):
        raise _not_tensors(name, "the length of its header does not fit the file")
    if data[8:9] != b"{":
        raise _not_tensors(name, "byte 8: the header does not start with '{'")
    header = read_json(
        data[8 : 8 + length],
        name=f"{name} (header)",
        max_bytes=limits.SAFETENSORS_HEADER_BYTES,
        max_string_bytes=limits.SAFETENSORS_METADATA_BYTES,
    )
    entries = {key: entry for key, entry in header.items() if key != "__metadata__"}
    _check_metadata(header.get("__metadata__", {}), name)
    if len(entries) > limits.TENSORS:
        raise _not_tensors(name, f"there are over {limits.TENSORS:,} tensors")
    spans = sorted(_span(key, entry, name) for key, entry in entries.items())
    place = 0
    for start, end, key in spans:
        if start != place:
            raise _not_tensors(name, f"tensor {printable(key)} does not follow the one before it")
        place = end
    if place != len(data) - 8 - length:
        what = f"the tensors need {place:,} bytes; there are {len(data) - 8 - length:,}"
        raise _not_tensors(name, what[:120])
    return header


def _span(key: str, entry: Any, name: str) -> tuple[int, int, str]:
    shown = printable(key, 60)
    if not key.isprintable() or len(key.encode(errors="replace")) > limits.TENSOR_NAME_BYTES:
        raise _not_tensors(name, f"the tensor name {shown} is not printable or too long")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise _not_tensors(name, f"tensor {shown} is not described by dtype, shape and offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _ITEM_BYTES:
        raise _not_tensors(name, f"tensor {shown} has the dtype {printable(dtype, 20)}")
    if not (_sizes(shape) and len(shape) <= limits.TENSOR_RANK):
        raise _not_tensors(name, f"tensor {shown} has the shape {printable(shape, 40)}")
    if not (_sizes(offsets) and len(offsets) == 2):
        raise _not_tensors(name, f"tensor {shown} has the offsets {printable(offsets, 40)}")
    start, end = offsets
    if end - start != math.prod(shape) * _ITEM_BYTES[dtype]:
        raise _not_tensors(name, f"the bytes of tensor {shown} do not fit its shape")
    return start, end, key


def _sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)


def _check_metadata(metadata: Any, name: str) -> None:
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise _not_tensors(name, "its metadata are not texts by name")
    if sum(map(len, metadata)) + sum(map(len, metadata.values())) > limits.MIB:
        raise _not_tensors(name, "its metadata are over one megabyte")


def _refuse_nonfinite(tensors: dict[str, torch.Tensor], name: str) -> None:
    for key, tensor in tensors.items():
        count = int((~torch.isfinite(tensor)).sum())
        if count:
            raise _not_tensors(name, f"tensor {printable(key)} has {count:,} values not finite")


def _not_tensors(name: str, what: str) -> LoadError:
    return damaged(
        name,
        f"{what}.",
        expected="a complete safetensors file whose header describes every byte.",
        fix="save the weights again, or fetch the file again from its source.",
    )
