"""Hostile data files: arrays, archives, pictures and documents that want code, memory or a place.

Each case is the form that its name claims, its bytes, and a part of what the refusal must say.
"""

import gzip
import io
import json
import pickle
import struct
import tarfile
import zipfile
import zlib

import numpy as np

from tests.hostile.samples import SAMPLES


class _Bomb:
    """Unpickled, it would write a file and end the process."""

    def __reduce__(self):
        return (exec, ("open('pwned', 'w').write('x')",))


PICKLE = pickle.dumps(_Bomb())
ZEROS = bytes(40 * 2**20)


def npy(header, payload=b"", version=(1, 0)):
    text = header.encode("latin-1")
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + size + text + payload


def array(descr="'<f8'", shape="(2,)", order="False", payload=bytes(16), **more):
    return npy(
        f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n", payload, **more
    )


def npy_cases():
    objects = io.BytesIO()
    np.save(objects, np.array([_Bomb()], dtype=object), allow_pickle=True)
    return {
        "a pickle": (PICKLE, "starts with the bytes 80 04"),
        "an array of objects": (objects.getvalue(), "dtype '|O'"),
        "records": (array("[('a', '<f4')]"), "dtype"),
        "text": (array("'<U4'"), "dtype"),
        "void": (array("'|V8'"), "dtype"),
        "an expression as dtype": (array("__import__('os').system('touch pwned')"), "header"),
        "an expression as shape": (array(shape="(2, *[1]*10**9)"), "header"),
        "a shape that wraps": (array(shape=f"({2**63 - 1}, {2**63 - 1})"), "promises"),
        "a negative size": (array(shape="(-2,)"), "header"),
        "a thousand axes": (array(shape="(" + "1, " * 1000 + ")"), "header"),
        "more than is there": (array(shape="(10**3,)".replace("10**3", "1000")), "promises"),
        "less than is there": (array(shape="(1,)"), "promises"),
        "a header of 60,000 bytes": (npy(" " * 60_000), "header"),
        "a header that goes beyond the end": (b"\x93NUMPY\x01\x00\xff\xff{", "header"),
        "an unknown version": (array(version=(9, 0)), "starts with"),
        "a doubled key": (npy("{'descr': '<f8', 'descr': '|O', 'shape': (2,), }"), "header"),
        "nothing": (b"", "(none)"),
        "an address": (b"http://example.org/x.npy", "starts with"),
    }


def zipped(members, method=zipfile.ZIP_STORED, **more):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type, info.create_system = method, more.get("system", 0)
            info.external_attr = more.get("mode", 0) << 16
            archive.writestr(info, data)
        archive.comment = more.get("comment", b"")
    return buffer.getvalue()


def npz_cases():
    good = array()
    return {
        "a pickle as member": (zipped([("x.npy", PICKLE)]), "x.npy"),
        "a member of another kind": (zipped([("x.npy", good), ("run.py", b"1")]), "run.py"),
        "a doubled member": (zipped([("x.npy", good), ("X.NPY", good)]), "twice"),
        "a bomb": (zipped([("x.npy", ZEROS)], zipfile.ZIP_DEFLATED), "200 times"),
        "an object array": (zipped([("x.npy", array("'|O'", payload=PICKLE))]), "dtype"),
        "a name that climbs": (zipped([("../x.npy", good)]), "'..'"),
        "bzip2": (zipped([("x.npy", good)], zipfile.ZIP_BZIP2), "compression"),
        "lzma": (zipped([("x.npy", good)], zipfile.ZIP_LZMA), "compression"),
        "a tail after the end": (zipped([("x.npy", good)]) + b"\0", "end"),
        "a head before the start": (b"#!/bin/sh\n" + zipped([("x.npy", good)]), "directory"),
        "npy under the name of npz": (good, "archive"),
    }


def overlapping():
    """Two entries of the directory that point at one content."""
    data = zipped([("a", b"A" * 50), ("b", b"B" * 50)])
    place = data.rindex(b"PK\1\2")
    return data[: place + 42] + struct.pack("<L", 0) + data[place + 46 :]


def zip_cases():
    link = {"system": 3, "mode": 0o120777}
    device = {"system": 3, "mode": 0o020644}
    encrypted = bytearray(zipped([("a", b"x")]))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\1\2") + 8] |= 1
    renamed = bytearray(zipped([("aaa", b"x")]))
    renamed[30] = ord("b")
    nul = zipped([("a.txt.evil", b"x")]).replace(b"a.txt.evil", b"a.txt\0evil")
    many = zipped([(f"{i}", b"") for i in range(3)])
    count = many.rindex(b"PK\5\6") + 8
    lying = many[:count] + struct.pack("<HH", 9, 9) + many[count + 4 :]
    return {
        "a climbing name": (zipped([("a/../../etc/passwd", b"x")]), "'..'"),
        "an absolute name": (zipped([("/etc/passwd", b"x")]), "no relative path"),
        "a drive": (zipped([("C:/x", b"x")]), "no relative path"),
        "a backslash": (zipped([("a\\b", b"x")]), "no relative path"),
        "a NUL in a name": (nul, "impossible name"),
        "a newline in a name": (zipped([("a\nb", b"x")]), "control characters"),
        "an escape sequence in a name": (zipped([("\x1b[2Jx", b"x")]), "control characters"),
        "a name of 300 bytes": (zipped([("n" * 300, b"x")]), "255 bytes"),
        "40 folders deep": (zipped([("/".join("d" * 40), b"x")]), "folders"),
        "names that differ in case": (zipped([("a", b"x"), ("A", b"y")]), "twice"),
        "a link": (zipped([("a", b"/etc/passwd")], **link), "link"),
        "a device": (zipped([("a", b"")], **device), "device"),
        "an encrypted member": (bytes(encrypted), "encrypted"),
        "shared bytes": (overlapping(), "member"),
        "two names for a member": (bytes(renamed), "headers"),
        "more entries than there are": (lying, "fewer entries"),
        "a comment": (zipped([("a", b"x")], comment=b"PK\5\6" + bytes(18)), "end"),
        "a bomb": (zipped([("a", ZEROS)], zipfile.ZIP_DEFLATED), "times its size"),
        "cut in the middle": (zipped([("a", b"x" * 99)])[:80], "end"),
    }


def tarred(*entries, **formats):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **formats) as archive:
        for name, kind, data in entries:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(data)
            info.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def tar_cases():
    kinds = {
        "a link": (tarfile.SYMTYPE, "link"),
        "a hard link": (tarfile.LNKTYPE, "link"),
        "a device": (tarfile.CHRTYPE, "is a device"),
        "a block device": (tarfile.BLKTYPE, "is a device"),
        "a pipe": (tarfile.FIFOTYPE, "is a pipe"),
        "a sparse file": (tarfile.GNUTYPE_SPARSE, "is a sparse file"),
    }
    plain = tarfile.REGTYPE
    good = tarred(("a", plain, b"some text"))
    size = bytearray(good)
    size[124:136] = b"77777777777\0"
    size[148:156] = b"%06o\0 " % (sum(size[:148]) + 8 * 32 + sum(size[156:512]))
    return {
        **{name: (tarred(("a", kind, b"")), says) for name, (kind, says) in kinds.items()},
        "a climbing name": (tarred(("../a", plain, b"x")), "'..'"),
        "an absolute name": (tarred(("/etc/a", plain, b"x")), "no relative path"),
        "a doubled name": (tarred(("a", plain, b"x"), ("a", plain, b"y")), "twice"),
        "a size beyond the end": (bytes(size), "a"),
        "a wrong checksum": (good[:148] + b"0000000\0" + good[156:], "checksum"),
        "cut in the middle": (good[:515], "too early"),
    }


def gz_cases():
    packed = gzip.compress(tarred(("a", tarfile.REGTYPE, ZEROS)) * 4)
    return {
        "a gzip bomb": (packed, "tar"),
        "a damaged checksum": (SAMPLES["tar.gz"].data[:-8] + bytes(8), "checksum"),
        "cut in the middle": (SAMPLES["tar.gz"].data[:60], "too early"),
    }


def idx_cases():
    good = SAMPLES["idx"].data

    def head(code=8, rank=3, sizes=(3, 4, 4)):
        return struct.pack(f">2xBB{len(sizes)}I", code, rank, *sizes)

    return {
        "a pickle": (PICKLE, "IDX"),
        "sizes that wrap": (head(sizes=(2**32 - 1,) * 3), "bytes"),
        "a size of 60 GB": (head(rank=1, sizes=(60 * 10**9 % 2**32,)), "bytes"),
        "an unknown type": (head(code=7) + bytes(48), "IDX"),
        "200 axes": (head(rank=200) + bytes(48), "IDX"),
        "no axes": (head(rank=0, sizes=()), "IDX"),
        "one byte more": (good + b"\0", "bytes"),
        "one byte less": (good[:-1], "bytes"),
        "nothing": (b"", "IDX"),
    }


def packed_idx_cases():
    good = SAMPLES["idx"].data
    return {
        "a bomb behind the array": (gzip.compress(good + ZEROS), "bytes"),
        "a second member": (gzip.compress(good) * 2, "gzip"),
        "a bomb of promises": (
            gzip.compress(struct.pack(">2xBB3I", 8, 3, 60_000, 28, 28)), "bytes"
        ),
        "a wrong checksum": (gzip.compress(good, mtime=0)[:-8] + bytes(8), "checksum"),
    }  # fmt: skip


def cifar_cases():
    return {
        "a pickle": (PICKLE, "pickle"),
        "a pickle of the right size": (PICKLE + bytes(3073 - len(PICKLE)), "pickle"),
        "half a record": (bytes(1536), "records"),
        "nothing": (b"", "records"),
        "a label of 10": (bytes([10]) + bytes(3072), "label"),
    }


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, *chunks):
    head = chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def picture_cases():
    good = SAMPLES["PNG"].data
    bomb = zlib.compress(ZEROS)
    text = chunk(b"zTXt", b"comment\0\0" + zlib.compress(ZEROS * 4))
    return {
        "50,000 pixels a side": (png(50_000, 50_000, chunk(b"IDAT", b"")), "50,000"),
        "a column of 30,000 pixels": (png(1, 30_000, chunk(b"IDAT", bomb)), "30,000"),
        "60 million pixels": (png(10_000, 6_000, chunk(b"IDAT", bomb)), "10,000"),
        "no pixels": (png(0, 0, chunk(b"IDAT", bomb)), "picture"),
        "a text bomb": (png(2, 2, text, chunk(b"IDAT", zlib.compress(bytes(14)))), "picture"),
        "cut": (good[: len(good) // 2], "cut"),
        "a pickle": (PICKLE, "no picture"),
        "a page": (b"<html><script>alert(1)</script></html>", "no picture"),
        "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture"),
        "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"><image/></svg>', "no picture"),
        "a font": (b"\0\1\0\0" + bytes(400), "no picture"),
        "TIFF": (b"II*\0\x08\0\0\0" + bytes(64), "no picture"),
        "nothing": (b"", "empty"),
    }


def json_cases():
    return {
        "10,000 deep": (b"[" * 10_000 + b"]" * 10_000, "levels"),
        "NaN": (b'{"a": NaN}', "NaN"),
        "a doubled key": (b'{"a": 1, "a": 2}', "twice"),
        "a number of 5,000 digits": (b"1" * 5_000, "number"),
        "1e999": (b"[1e999]", "number"),
        "half a surrogate": (b'"\\ud800"', "surrogate"),
        "Latin-1": ('{"a": "é"}'.encode("latin-1"), "UTF-8"),
        "a byte order of 16 bits": (json.dumps({"a": 1}).encode("utf-16"), "UTF-8"),
        "a long string": (b'"' + b"x" * 5_000 + b'"', "string"),
        "two documents": (b"{} {}", "JSON"),
        "a pickle": (PICKLE, "UTF-8"),
    }


CASES = {
    f"{form}: {name}": (form, *case)
    for form, cases in {
        "npy": npy_cases(),
        "npz": npz_cases(),
        "zip": zip_cases(),
        "tar": tar_cases(),
        "tar.gz": gz_cases(),
        "idx": idx_cases(),
        "idx, gzipped": packed_idx_cases(),
        "cifar": cifar_cases(),
        "PNG": picture_cases(),
        "json": json_cases(),
    }.items()
    for name, case in cases.items()
}
