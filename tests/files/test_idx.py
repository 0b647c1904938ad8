"""IDX files are read exactly or not at all."""

import gzip
import re
import struct
import tracemalloc

import numpy as np
import pytest

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.idx import read_idx, read_idx_pair

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx(array):
    code = CODES[array.dtype.str[1:]]
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


ARRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
FILE = idx(ARRAY)


@pytest.mark.parametrize("dtype", CODES)
def test_every_type_is_read_in_the_byte_order_of_this_machine(dtype):
    array = np.arange(-3 if dtype[0] != "u" else 0, 9).astype(dtype).reshape(3, -1)

    result = read_idx(idx(array))

    np.testing.assert_array_equal(result, array)
    assert result.dtype == array.dtype
    assert result.dtype.isnative


@pytest.mark.parametrize(("ending", "pack"), [("", bytes), (".gz", gzip.compress)])
def test_plain_and_gzipped_files_are_read(tmp_path, ending, pack):
    path = tmp_path / f"images-idx3-ubyte{ending}"
    path.write_bytes(pack(FILE))

    np.testing.assert_array_equal(read_idx(path), ARRAY)


def test_the_result_can_be_changed():
    array = read_idx(FILE)

    array[0] = 7

    assert array[0].max() == 7


@pytest.mark.parametrize("size", range(len(FILE)))
def test_a_file_cut_anywhere_is_refused(size):
    with pytest.raises(LoadError, match="'<bytes>': "):
        read_idx(FILE[:size])


@pytest.mark.parametrize("size", range(3, len(gzip.compress(FILE))))
def test_a_gzip_file_cut_anywhere_is_refused(size):
    with pytest.raises(LoadError, match="'<bytes>': "):
        read_idx(gzip.compress(FILE)[:size])


def test_a_cut_file_says_how_many_bytes_are_missing():
    message = (
        "'<bytes>': an array of shape (2, 3, 4) needs 40 bytes; there are 39.\n"
        "  expected: exactly as many bytes as the header says.\n"
        "  fix: fetch the file again from its source."
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        read_idx(FILE[:-1])


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_longer_file_is_refused(pack):
    with pytest.raises(LoadError, match="needs 40 bytes; there are more"):
        read_idx(pack(FILE + b"\0"))


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"\x01\x00\x08\x01", "the file starts with the bytes 01 00 08 01"),
        (b"\x00\x00\x0a\x01", "byte 2: the type 0x0A is unknown"),
        (b"\x00\x00\x08\x00", "byte 3: the array has 0 axes"),
        (b"\x00\x00\x08\x05", "byte 3: the array has 5 axes"),
        (b"\x89PNG", "the file starts with the bytes 89 50 4e 47"),
    ],
)
def test_a_wrong_header_is_refused(start, reason):
    with pytest.raises(LoadError, match=reason):
        read_idx(start + FILE[4:])


def test_a_damaged_checksum_is_named():
    packed = bytearray(gzip.compress(FILE))
    packed[-6] ^= 1
    with pytest.raises(LoadError, match=r"its checksum \(CRC\) does not match its content"):
        read_idx(bytes(packed))


def test_a_second_gzip_member_is_refused():
    with pytest.raises(LoadError, match="more bytes follow the end of the gzip data"):
        read_idx(gzip.compress(FILE) + gzip.compress(b""))


def test_sizes_beyond_the_file_allocate_nothing():
    header = struct.pack(">HBB4I", 0, 0x0E, 4, *[2**32 - 1] * 4)
    tracemalloc.start()
    with pytest.raises(LoadError, match="needs 2,7"):
        read_idx(header + b"\0" * 100)

    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_gzip_bomb_is_left_one_byte_after_the_array():
    bomb = gzip.compress(FILE + b"\0" * 20_000_000)
    tracemalloc.start()
    with pytest.raises(LoadError, match="there are more"):
        read_idx(bomb)

    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


def test_the_limit_stops_a_large_gzip_file(monkeypatch):
    monkeypatch.setattr(limits, "IDX_BYTES", 30)
    with pytest.raises(LoadError, match="the file unpacks to more than 30 bytes"):
        read_idx(gzip.compress(FILE))


@pytest.mark.parametrize(("name", "pack"), [("a.gz", bytes), ("a", gzip.compress)])
def test_name_and_content_must_agree(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(FILE))
    with pytest.raises(LoadError, match="which its name does not say"):
        read_idx(tmp_path / name)


def test_pictures_and_labels_are_read_together():
    images, labels = read_idx_pair(FILE, idx(np.array([0, 9], "u1")), num_classes=10)

    assert images.shape == (2, 3, 4)
    assert labels.tolist() == [0, 9]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (np.array([0], "u1"), r"labels of shape \(1,\) do not fit 2 pictures"),
        (np.array([[0, 1]], "u1"), r"labels of shape \(1, 2\) do not fit 2 pictures"),
        (np.array([0, 10], "u1"), "the label 10 is not one of 10 classes"),
        (np.array([0, -1], "i1"), "is not one of 10 classes"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, reason):
    with pytest.raises(LoadError, match=reason):
        read_idx_pair(FILE, idx(labels), num_classes=10)
