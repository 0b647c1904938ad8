"""Npy, npz and safetensors files whose headers lie are refused."""

import io
import json
import re
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
import torch

from lamina.core.errors import LoadError
from lamina.files.tensors import dump_safetensors, read_npy, read_npz, read_safetensors


def npy(array, **kwargs):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **kwargs)
    return buffer.getvalue()


def npy_with(header, payload=b"", version=(1, 0)):
    text = header.encode().ljust(117) + b"\n"
    length = struct.pack("<H" if version == (1, 0) else "<L", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text + payload


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "<i8", ">i4", "<f2", ">f4", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numeric_arrays_are_read(dtype, order):
    array = np.asarray(np.arange(6).reshape(2, 3).astype(dtype), order=order)

    result = read_npy(npy(array))

    np.testing.assert_array_equal(result, array)
    assert result.dtype == array.dtype


@pytest.mark.parametrize("array", [np.float32(3.0).reshape(()), np.zeros((0, 4))])
def test_scalars_and_empty_arrays_are_read(array):
    assert read_npy(npy(array)).shape == array.shape


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (npy(np.array([{}], object), allow_pickle=True), r"the array has the dtype '\|O'"),
        (npy(np.array(["a"])), "the array has the dtype '<U1'"),
        (npy(np.zeros(1, "i4,f4")), "the array has the dtype"),
        (npy(np.zeros(1, "M8[s]")), "the array has the dtype"),
        (npy(np.zeros(1, complex)), "the array has the dtype '<c16'"),
        (npy(np.arange(4))[:-1], "the header promises 32 bytes of values; there are 31"),
        (npy(np.arange(4)) + b"x", "the header promises 32 bytes of values; there are 33"),
        (npy(np.arange(4), version=(3, 0)), "it starts with the bytes 93 4e"),
        (b"\x93NUMPY", "it starts with the bytes 93 4e"),
        (b"\x93NUMPY\1\0", "the header is longer than allowed or than the file"),
        (npy_with("x" * 10_001), "the header is longer than allowed"),
        (b"", r"it starts with the bytes \(none\)"),
        (b"PK\3\4", "it starts with the bytes 50 4b"),
        (npy_with("{'descr':'<f3','fortran_order':False,'shape':(1,)}"), "has the dtype '<f3'"),
        (npy_with("{'descr':'<f4','fortran_order':False,'shape':(1 2,)}"), "header is damaged"),
        (npy_with("{'descr': '<f4'}"), "the header is damaged"),
        (npy_with("__import__('os').system('true')"), "the header is damaged"),
        (npy_with("(" * 100), "the header is damaged"),
        (npy_with("{'descr':'<f4','fortran_order':False,'shape':(-1,)}"), "the header is damaged"),
        (
            npy_with(f"{{'descr':'|u1','fortran_order':False,'shape':({2**63 - 1},{2**63 - 1})}}"),
            "the header promises 85,0",
        ),
    ],
)
def test_hostile_npy_files_are_refused(data, reason):
    with pytest.raises(LoadError, match=reason):
        read_npy(data)


def test_a_large_promise_allocates_nothing():
    data = npy_with("{'descr':'<f8','fortran_order':False,'shape':(100000,100000)}", b"\0" * 80)
    tracemalloc.start()
    with pytest.raises(LoadError, match="the header promises 80,000,000,000 bytes"):
        read_npy(data)

    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_files_of_numpy_are_read(tmp_path, save):
    arrays = {"x": np.arange(1000).reshape(10, 100), "y": np.zeros((500, 500), np.float32)}
    save(tmp_path / "a.npz", **arrays)

    result = read_npz(tmp_path / "a.npz")

    assert list(result) == ["x", "y"]
    np.testing.assert_array_equal(result["x"], arrays["x"])
    np.testing.assert_array_equal(result["y"], arrays["y"])


def test_an_object_array_in_an_npz_file_is_refused_with_its_place():
    buffer = io.BytesIO()
    np.savez(buffer, x=np.array([[1], [1, 2]], dtype=object))
    message = (
        "'a.npz/x.npy': the array has the dtype '|O'.\n"
        "  expected: plain arrays of booleans, integers or floats, as numpy.save writes them.\n"
        "  fix: save the array again with a numeric dtype and allow_pickle=False."
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        read_npz(buffer.getvalue(), name="a.npz")


def test_a_member_of_another_kind_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("evil.py", "x")
    with pytest.raises(LoadError, match=r"the member 'evil\.py' is no npy file"):
        read_npz(buffer.getvalue())


TENSORS = {
    "kernel": torch.arange(6.0).reshape(2, 3),
    "steps": torch.tensor(7),
    "half": torch.ones(2, dtype=torch.bfloat16),
    "mask": torch.tensor([True, False]),
}


def test_safetensors_come_back_with_their_metadata():
    result = read_safetensors(dump_safetensors(TENSORS, {"format": "1"}))

    assert result.metadata == {"format": "1"}
    assert set(result.tensors) == set(TENSORS)
    assert all(torch.equal(result.tensors[name], TENSORS[name]) for name in TENSORS)


def test_shared_transposed_and_tracked_tensors_are_written_as_copies():
    base = torch.arange(6.0, requires_grad=True)

    result = read_safetensors(dump_safetensors({"a": base, "b": base[2:4], "c": base.view(2, 3).T}))

    torch.testing.assert_close(result.tensors["b"], torch.tensor([2.0, 3.0]))
    torch.testing.assert_close(result.tensors["c"], base.detach().view(2, 3).T)


def header(entries, payload=b""):
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + payload


def entry(start, end, shape=(1,), dtype="F32", **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end], **more}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the length of its header does not fit the file"),
        (b"\0" * 7, "the length of its header does not fit the file"),
        (struct.pack("<Q", 2**63) + b"{}", "the length of its header does not fit the file"),
        (header(b" {}"), "byte 8: the header does not start with '{'"),
        (header(b'{"a"}'), "line 1, column 5"),
        (header(b'{"a": 1, "a": 2}'), "the key 'a' stands twice"),
        (header({"a": 1}), "tensor 'a' is not described by dtype, shape and offsets"),
        (header({"a": entry(0, 4, evil=1)}, b"0000"), "is not described by dtype"),
        (header({"a": entry(0, 4, dtype="F999")}, b"0000"), "has the dtype 'F999'"),
        (header({"a": entry(0, 4, dtype=["F32"])}, b"0000"), "has the dtype"),
        (header({"a": entry(0, 4, shape=[-1])}, b"0000"), "has the shape"),
        (header({"a": entry(0, 4, shape=[1] * 9)}, b"0000"), "has the shape"),
        (header({"a": entry(0, 4, shape=[True])}, b"0000"), "has the shape"),
        (header({"a": entry(0, 8)}, b"0" * 8), "the bytes of tensor 'a' do not fit its shape"),
        (header({"a": entry(4, 0, [-1])}, b"0000"), "has the shape"),
        (header({"a": entry(0, 4)}, b"000"), "the tensors need 4 bytes; there are 3"),
        (header({"a": entry(0, 4)}, b"00000"), "the tensors need 4 bytes; there are 5"),
        (header({"a": entry(4, 8)}, b"0" * 8), "does not follow the one before it"),
        (header({"a": entry(0, 4), "b": entry(2, 6)}, b"0" * 6), "does not follow"),
        (header({"a": entry(0, 4), "b": entry(0, 4)}, b"0" * 4), "does not follow"),
        (header({"a\n": entry(0, 4)}, b"0000"), "the tensor name"),
        (header({"n" * 600: entry(0, 4)}, b"0000"), "the tensor name"),
        (header({"__metadata__": {"a": 1}}), "its metadata are not texts by name"),
        (header({"__metadata__": {"a": "x" * 2**20}}), "its metadata are over one megabyte"),
        (header({"a": entry(0, 4, shape=[2**53, 2**53])}, b"0000"), "do not fit its shape"),
    ],
)
def test_hostile_safetensors_are_refused(data, reason):
    with pytest.raises(LoadError, match=re.escape(reason)):
        read_safetensors(data)


def test_values_that_are_not_finite_are_refused_on_request():
    data = dump_safetensors({"a": torch.tensor([1.0, torch.nan, torch.inf])})

    assert "a" in read_safetensors(data).tensors
    with pytest.raises(LoadError, match="tensor 'a' has 2 values not finite"):
        read_safetensors(data, allow_nonfinite=False)
