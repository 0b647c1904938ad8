"""Only local, regular files are opened."""

import os
import re

import pytest

from lamina.core.errors import LoadError, StorageError
from lamina.files.opening import damaged, open_source, printable, read_whole


def test_bytes_and_paths_read_the_same(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc")

    assert read_whole(path, 10) == read_whole(b"abc", 10) == read_whole(str(path), 3) == b"abc"


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    message = (
        "file 'none.npz' does not exist.\n"
        "  expected: the path of an existing file.\n"
        "  fix: check the spelling; the current folder is '/'."
    )
    with (
        pytest.raises(StorageError, match=f"^{re.escape(message)}$"),
        open_source("none.npz"),
    ):
        pass


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("https://example.org/a.npz", "this is an address, not a file on this machine"),
        ("hf://datasets/a", "this is an address, not a file on this machine"),
        ("/", "this is a folder, not a file"),
        ("/dev/null", "this is a pipe, a socket or a device, not a file"),
        ("a\0b", "the path contains a NUL character"),
    ],
)
def test_what_is_no_local_file_is_refused(path, reason):
    with pytest.raises(LoadError, match=reason), open_source(path):
        pass


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LoadError, match="this is a pipe"), open_source(tmp_path / "pipe"):
        pass


def test_a_file_over_the_limit_is_not_read(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abcd")
    with pytest.raises(LoadError, match="the file has 4 bytes"):
        read_whole(path, 3)


def test_text_from_a_file_is_escaped_and_cut():
    assert printable("a\x1b[31m\n") == r"'a\x1b[31m\n'"
    assert len(printable("x" * 1000)) == 80
    assert len(damaged("n" * 500, "w" * 500, expected="", fix="").problem) <= 200
