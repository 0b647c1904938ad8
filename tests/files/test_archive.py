"""Tar and zip archives: what is read, and the many ways to be refused."""

import gzip
import io
import os
import random
import re
import stat
import struct
import tarfile
import warnings
import zipfile

import pytest

from lamina.core.errors import LaminaError, LoadError, StorageError
from lamina.files import limits
from lamina.files.archive import extract, read_members
from lamina.files.zips import ZipArchive

FILES = {"folder/a.txt": b"hello", "folder/b.bin": b"\0\1" * 700, "c": b""}


def tar(files=FILES, form=tarfile.USTAR_FORMAT, kind=None, **fields):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.type = kind or tarfile.REGTYPE
            for key, value in fields.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zipped(files=FILES, method=zipfile.ZIP_DEFLATED, mode=0):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Duplicate name")
        for name, data in files.items() if isinstance(files, dict) else files:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = method
            archive.writestr(info, data)
    return buffer.getvalue()


def members(data):
    return dict(read_members(data))


FORMS = {
    "ustar": tar(),
    "gnu": tar(form=tarfile.GNU_FORMAT),
    "pax": tar(form=tarfile.PAX_FORMAT),
    "tar.gz": gzip.compress(tar()),
    "zip": zipped(),
    "stored zip": zipped(method=zipfile.ZIP_STORED),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_files_come_in_order_with_their_content(data):
    assert list(read_members(data)) == list(FILES.items())


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_only_the_wanted_members_are_given(data):
    assert list(read_members(data, wanted=["c", "none"])) == [("c", b"")]


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_unicode_names_are_read(form):
    files = {f"{'d' * 90}/{'n' * 90}.txt": b"x", "ä/ö": b"y"}

    assert members(tar(files, form)) == files


def test_folders_are_passed_over():
    assert members(zipped({"a/": b"", "a/b": b"1"})) == {"a/b": b"1"}
    assert members(tar({"a": b""}, kind=tarfile.DIRTYPE)) == {}


def test_a_zip_written_as_a_stream_is_read():
    class Unseekable(io.BytesIO):
        def seek(self, *args):
            raise io.UnsupportedOperation

        tell = seek

    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"abc" * 99)

    assert members(buffer.getvalue()) == {"a": b"abc" * 99}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 0.97])
def test_a_cut_archive_is_refused(data, share):
    without_padding = len(data.rstrip(b"\0"))
    with pytest.raises(LoadError, match="'<bytes>"):
        members(data[: int(share * without_padding)])


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_bytes_after_the_end_are_refused(data):
    with pytest.raises(LoadError, match="'<bytes>"):
        members(data + b"evil")


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_flipped_bits_give_the_same_files_or_our_error(data):
    chance = random.Random(0)
    outcomes = [_outcome(data, chance) for _ in range(150)]

    assert set(outcomes) <= {"same", "refused", "other"}
    assert "refused" in outcomes


def _outcome(data, chance):
    broken = bytearray(data)
    broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    try:
        return "same" if members(bytes(broken)) == FILES else "other"
    except LaminaError:
        return "refused"


NAMES = {
    "../a": "'..' in its path",
    "a/../../b": "'..' in its path",
    "/etc/passwd": "is no relative path",
    "C:/a": "is no relative path",
    "a\\b": "is no relative path",
    "a//b": "has an empty part",
    "a\x1bb": "contains control characters",
    "/".join("d" * 40): "is over 255 bytes or 32 folders",
    "n" * 256: "is over 255 bytes or 32 folders",
}


@pytest.mark.parametrize(("name", "reason"), NAMES.items())
def test_a_name_that_leaves_or_hides_is_refused_in_a_zip(name, reason):
    with pytest.raises(LoadError, match=reason):
        members(zipped({name: b"x"}))


@pytest.mark.parametrize(("name", "reason"), NAMES.items())
def test_a_name_that_leaves_or_hides_is_refused_in_a_tar(name, reason):
    with pytest.raises(LoadError, match=reason):
        members(tar({name: b"x"}, tarfile.PAX_FORMAT))


def test_the_message_about_a_name_has_three_parts():
    message = (
        "'<bytes>': the member b'../a' has an empty part, '.' or '..' in its path.\n"
        "  expected: unique, relative names without '..', backslashes or control characters.\n"
        "  fix: do not use this archive; pack it again from its files."
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        members(zipped({"../a": b"x"}))


@pytest.mark.parametrize("second", ["a.txt", "A.TXT", "./a.txt"])
@pytest.mark.parametrize("form", ["zip", "tar"])
def test_names_that_fall_together_are_refused(form, second):
    joined = {
        "zip": zipped([("a.txt", b"1"), (second, b"2")]),
        "tar": tar({"a.txt": b"1"})[:1024] + tar({second: b"2"}),
    }
    with pytest.raises(LoadError, match="stands twice in the archive"):
        members(joined[form])


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (tarfile.SYMTYPE, "is a symbolic link"),
        (tarfile.LNKTYPE, "is a hard link"),
        (tarfile.CHRTYPE, "is a device"),
        (tarfile.BLKTYPE, "is a device"),
        (tarfile.FIFOTYPE, "is a pipe"),
        (b"S", "is a sparse file"),
        (b"V", "of the unknown type"),
    ],
)
def test_only_regular_files_are_read_from_a_tar(kind, reason):
    with pytest.raises(LoadError, match=reason):
        members(tar({"a": b""}, kind=kind, linkname="/etc/passwd"))


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"path": "a\0b"}, "contains control characters"),
        ({"path": "../b"}, "'..' in its path"),
        ({"size": "1"}, "the extension b'size' is not supported"),
        ({"GNU.sparse.major": "1"}, "the extension b'GNU.sparse.major' is not supported"),
    ],
)
def test_pax_headers_cannot_smuggle(headers, reason):
    data = tar({"a": b"x"}, tarfile.PAX_FORMAT, pax_headers=headers)
    with pytest.raises(LoadError, match=reason):
        members(data)


def test_a_tar_header_with_a_wrong_checksum_is_refused():
    broken = bytearray(tar())
    broken[0] ^= 1
    with pytest.raises(LoadError, match="a header's checksum does not match"):
        members(bytes(broken))


def test_a_gzip_bomb_is_stopped(monkeypatch):
    monkeypatch.setattr(limits, "SMALL_ARCHIVE_BYTES", 100_000)
    with pytest.raises(LoadError, match="the file unpacks to more than 100,000 bytes"):
        members(gzip.compress(tar({"a": b"\0" * 1_000_000})))


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(LoadError, match="unpacks to over 200 times its size"):
        members(zipped({"a": b"\0" * 3_000_000}))


def test_too_many_members_are_refused():
    data = zipped({str(i): b"" for i in range(5)})
    with pytest.raises(LoadError, match="is one more than 4 members"):
        ZipArchive(io.BytesIO(data), len(data), name="a.zip", max_members=4)


def test_a_member_over_its_limit_is_refused():
    data = zipped({"a": b"12345"})
    with pytest.raises(LoadError, match="has over 4 bytes"):
        ZipArchive(io.BytesIO(data), len(data), name="a.zip", max_member_bytes=4)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_is_refused(method):
    with pytest.raises(LoadError, match=f"uses the compression method {method}"):
        members(zipped({"a": b"x"}, method))


def test_a_link_in_a_zip_is_refused():
    with pytest.raises(LoadError, match="is a link or a device"):
        members(zipped({"a": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777))


def patched(data, magic, offset, value, form="<H"):
    place = data.rindex(magic) + offset
    return data[:place] + struct.pack(form, value) + data[place + struct.calcsize(form) :]


ONE = zipped({"a": b"12345"}, zipfile.ZIP_STORED)
CENTRAL, LOCAL, END = b"PK\1\2", b"PK\3\4", b"PK\5\6"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"#!/bin/sh\n" + ONE, "this is no archive"),
        (b"PK\3\4" + ONE, "the directory is not where the end record says"),
        (ONE + b"\0", "does not end like a zip archive"),
        (patched(ONE, END, 20, 1), "something follows its end"),
        (patched(ONE, END, 8, 2), "the archive is split"),
        (patched(patched(ONE, END, 8, 2), END, 10, 2), "fewer entries than it says"),
        (patched(patched(ONE, END, 8, 0), END, 10, 0), "holds more than its entries"),
        (patched(ONE, CENTRAL, 8, 1), "is encrypted"),
        (patched(ONE, CENTRAL, 20, 4, "<L"), "has two different sizes"),
        (patched(ONE, LOCAL, 18, 4, "<L"), "the two headers of the member b'a' differ"),
        (patched(ONE, LOCAL, 14, 4, "<L"), "the two headers of the member b'a' differ"),
        (patched(ONE, LOCAL, 30, ord("b"), "<B"), "the two headers of the member b'a' differ"),
        (patched(ONE, CENTRAL, 42, 3, "<L"), "shares bytes with another"),
        (patched(ONE, END, 16, 0xFFFFFFFF, "<L"), "is in the zip64 form"),
        (ONE.replace(b"12345", b"12x45"), r"the checksum \(CRC\) of the member 'a' is wrong"),
        (ONE.replace(b"a", b"\0"), "has an impossible name"),
    ],
)
def test_a_zip_whose_parts_disagree_is_refused(data, reason):
    with pytest.raises(LoadError, match=reason):
        members(data)


def test_overlapping_members_are_refused():
    two = zipped({"a": b"12345", "b": b"12345"}, zipfile.ZIP_STORED)
    data = patched(two, CENTRAL, 42, 0, "<L")
    with pytest.raises(LoadError, match="shares bytes with another"):
        members(data)


@pytest.mark.parametrize(("name", "data"), [("a.zip", tar()), ("a.tar", zipped())])
def test_the_ending_of_a_path_must_agree(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LoadError, match="which its name does not say"):
        dict(read_members(tmp_path / name))


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_extraction_writes_the_files_and_nothing_else(tmp_path, data):
    folder = extract(data, tmp_path / "out")

    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    assert found == {name: FILES[name] for name in FILES if "." in name}
    assert os.listdir(tmp_path) == ["out"]


def test_a_refused_archive_leaves_nothing_behind(tmp_path):
    with pytest.raises(LoadError, match=r"'\.\.' in its path"):
        extract(zipped({"a": b"1", "../b": b"2"}), tmp_path / "out")

    assert os.listdir(tmp_path) == []


def test_a_missing_place_for_extraction_is_named(tmp_path):
    with pytest.raises(StorageError, match="cannot be written: No such file or directory"):
        extract(zipped(), tmp_path / "none" / "out")
