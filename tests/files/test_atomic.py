"""Writes survive a stop or an error at every single effect on the disk."""

import os
import re
import stat

import pytest

from lamina.core.errors import StorageError
from lamina.files import atomic

CHUNKS = [b"new ", b"content"]
WHOLE = b"new content"
NUM_EFFECTS = 6  # create, write, write, sync, rename, sync of the folder


class Stop(BaseException):
    """The process is gone: nothing after it happens."""


class Counted(atomic.Effects):
    """Runs effects until the nth, which fails or stops everything."""

    def __init__(self, stop_at=None, error=None):
        self.done, self.stop_at, self.error = [], stop_at, error

    def _count(self, name):
        if self.stop_at is not None and self.error is None and len(self.done) >= self.stop_at:
            raise Stop
        self.done.append(name)
        if self.error is not None and len(self.done) == self.stop_at + 1:
            raise self.error

    def create(self, path):
        self._count("create")
        return super().create(path)

    def write(self, descriptor, data):
        self._count("write")
        super().write(descriptor, data)

    def sync(self, descriptor):
        self._count("sync")
        super().sync(descriptor)

    def rename(self, source, target):
        self._count("rename")
        super().rename(source, target)

    def unlink(self, path):
        self._count("unlink")
        super().unlink(path)


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    return path


def test_the_effects_come_in_the_safe_order(target, monkeypatch):
    counted = Counted()
    monkeypatch.setattr(atomic, "effects", counted)

    atomic.write_bytes(target, CHUNKS)

    assert counted.done == ["create", "write", "write", "sync", "rename", "sync"]
    assert target.read_bytes() == WHOLE


@pytest.mark.parametrize("effect", range(NUM_EFFECTS))
def test_a_stop_at_any_effect_leaves_the_old_or_the_new_file(target, monkeypatch, effect):
    monkeypatch.setattr(atomic, "effects", Counted(stop_at=effect))
    with pytest.raises(Stop):
        atomic.write_bytes(target, CHUNKS)

    assert target.read_bytes() == (WHOLE if effect == NUM_EFFECTS - 1 else b"old")
    assert len(os.listdir(target.parent)) <= 2


@pytest.mark.parametrize("effect", range(NUM_EFFECTS))
def test_a_full_disk_at_any_effect_is_an_error_without_litter(target, monkeypatch, effect):
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(atomic, "effects", Counted(stop_at=effect, error=full))
    message = (
        f"file {str(target)!r} cannot be written: No space left on device.\n"
        "  expected: a folder with free space that this user may change.\n"
        "  fix: free space, or choose another folder."
    )
    with pytest.raises(StorageError, match=f"^{re.escape(message)}$"):
        atomic.write_bytes(target, CHUNKS)

    assert target.read_bytes() == (WHOLE if effect == NUM_EFFECTS - 1 else b"old")
    assert os.listdir(target.parent) == ["a.bin"]


def test_litter_of_a_killed_process_with_the_same_number_is_replaced(target):
    litter = target.parent / f"a.bin.tmp.{os.getpid()}"
    litter.write_bytes(b"half")

    atomic.write_bytes(target, WHOLE)

    assert target.read_bytes() == WHOLE
    assert os.listdir(target.parent) == ["a.bin"]


def test_an_interrupted_producer_of_chunks_leaves_the_old_file(target):
    def chunks():
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic.write_bytes(target, chunks())

    assert target.read_bytes() == b"old"
    assert os.listdir(target.parent) == ["a.bin"]


def test_the_mode_of_the_old_file_is_kept(target):
    target.chmod(0o640)

    atomic.write_text(target, "ä")

    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert target.read_bytes() == "ä".encode()


def test_a_link_keeps_pointing_at_the_replaced_file(target):
    link = target.parent / "link"
    link.symlink_to(target)

    atomic.write_bytes(link, WHOLE)

    assert link.is_symlink()
    assert target.read_bytes() == WHOLE


def test_a_missing_folder_is_named(tmp_path):
    folder = tmp_path / "no"
    message = (
        f"folder {str(folder)!r} does not exist, so {str(folder / 'a')!r} is not written.\n"
        "  expected: the path of a file in an existing folder.\n"
        f"  fix: create the folder first: os.makedirs({str(folder)!r})."
    )
    short = re.escape(message) if len(str(folder)) < 70 else "does not exist"
    with pytest.raises(StorageError, match=short):
        atomic.write_bytes(folder / "a", b"")


def test_a_folder_is_not_written_as_a_file(tmp_path):
    with pytest.raises(StorageError, match="is a folder and cannot be written as a file"):
        atomic.write_bytes(tmp_path, b"")


def test_removing_is_quiet_about_a_missing_file(target):
    atomic.remove(target)
    atomic.remove(target)

    assert os.listdir(target.parent) == []


def test_a_file_that_cannot_be_removed_is_named(target, monkeypatch):
    denied = Counted(stop_at=0, error=PermissionError(13, "Permission denied"))
    monkeypatch.setattr(atomic, "effects", denied)
    with pytest.raises(StorageError, match=r"cannot be removed: Permission denied\."):
        atomic.remove(target)
