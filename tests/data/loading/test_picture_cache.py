"""Decoded pictures are kept, found again, checked, and never in the way."""

import os

import numpy as np
import pytest

from lamina.data import load
from lamina.data.loading import decoded, picture_cache
from tests.data.loading.picture_sources import classes, encoded, values, write_folder, write_source

FILES = classes({"b": 6, "a": 6})


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    """Caches however few pictures there are, and counts how often they are decoded."""
    calls = []
    decode_all = decoded.decode_all
    monkeypatch.setattr(decoded, "CACHED_FROM", 1)
    monkeypatch.setattr(decoded, "decode_all", lambda *a: calls.append(1) or decode_all(*a))
    return calls


@pytest.fixture
def mapped(monkeypatch):
    """Every array counts as large."""
    monkeypatch.setattr(picture_cache, "MAPPED_FROM_BYTES", 1)


@pytest.mark.parametrize("form", ["folder", "zip", "tar.gz"])
def test_a_source_is_decoded_once(form, tmp_path, counted):
    source, said = write_source(form, tmp_path, FILES), []
    first = load(source)
    second = load(source, say=said.append)

    assert len(counted) == 1
    np.testing.assert_array_equal(first.train.x, second.train.x)
    assert (first.train.ids, first.fingerprint) == (second.train.ids, second.fingerprint)
    assert first.notes == second.notes
    assert said == ["found 12 decoded pictures in the cache"]


def test_another_division_needs_no_decoding(tmp_path, counted):
    source = write_folder(tmp_path, FILES)
    ids = {tuple(load(source, seed=seed, test_share=0.5).test.ids) for seed in range(3)}

    assert len(counted) == 1
    assert len(ids) > 1


@pytest.mark.parametrize(
    "arguments",
    [{"picture_size": (2, 2)}, {"color_mode": "grayscale"}, {"on_bad_file": "skip"}],
)
def test_another_wish_is_another_entry(arguments, tmp_path, counted):
    source = write_folder(tmp_path, FILES)
    load(source)
    load(source, **arguments)

    assert len(counted) == 2


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_changed_source_is_decoded_again(form, tmp_path, counted):
    load(write_source(form, tmp_path, FILES))
    source = write_source(form, tmp_path, FILES | {"a/0.png": encoded(77)})
    os.utime(source / "a" / "0.png" if form == "folder" else source, (1, 1))
    dataset = load(source)

    assert len(counted) == 2
    assert 77 in values(dataset.train) + values(dataset.test)


@pytest.mark.parametrize("ending", ["npy", "digests.npy", "json"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_entry_is_decoded_again(ending, damage, tmp_path, cache, counted):
    source = write_folder(tmp_path, FILES)
    first = load(source)
    spoil(next(path for path in cache.iterdir() if path.name.partition(".")[2] == ending), damage)
    second = load(source)

    assert len(counted) == 2
    np.testing.assert_array_equal(first.train.x, second.train.x)


def spoil(path, damage):
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if damage == "cut" else data[:-1] + bytes([data[-1] ^ 1]))


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch, counted):
    tmp_path.joinpath("file").write_text("in the way")
    monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "file"))
    source = write_folder(tmp_path / "s", FILES)
    load(source)
    load(source)

    assert len(counted) == 2


@pytest.mark.parametrize("call", ["create", "write", "rename"])
def test_a_full_disk_is_no_error(call, tmp_path, cache, monkeypatch, counted):
    monkeypatch.setattr(picture_cache.atomic.effects, call, full)
    dataset = load(write_folder(tmp_path, FILES))

    assert dataset.train.num_examples == 10
    assert list(cache.glob("*.json")) == []


def full(*arguments):
    raise OSError(28, "No space left on device")


def test_an_error_leaves_nothing(tmp_path, cache, mapped):
    source = write_folder(tmp_path, FILES | {"a/broken.png": b"x"})
    with pytest.raises(ValueError, match="1 of 13 files"):
        load(source)

    assert list(cache.iterdir()) == []


# -- large arrays ------------------------------------------------------------------------------


def parts_of(files):
    return {f"train/{n}": d for n, d in files.items()} | classes({"a": 2}, "test/", start=99)


def test_large_arrays_are_mapped_and_may_be_changed(tmp_path, mapped, counted):
    source = write_folder(tmp_path, parts_of(FILES))
    first = load(source)
    first.train.x[:] = 0
    second = load(source)

    assert isinstance(first.train.x, np.memmap)
    assert isinstance(second.test.x, np.memmap)
    assert values(second.train) == [6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5]
    assert values(second.test) == [99, 100]
    assert len(counted) == 1


def test_a_test_part_of_large_arrays_is_drawn_without_memory_for_them(tmp_path, cache, mapped):
    dataset = load(write_folder(tmp_path, FILES))

    assert isinstance(dataset.train.x, np.memmap)
    assert sorted(values(dataset.train) + values(dataset.test)) == list(range(12))
    assert [path.name for path in cache.iterdir() if ".tmp." in path.name] == []


def test_broken_pictures_leave_no_gap_in_large_arrays(tmp_path, mapped, counted):
    broken = {"train/a/00.png": b"x", "train/a/1x.png": b"x", "train/b/9.png": b"x"}
    source = write_folder(tmp_path, parts_of(FILES) | broken)
    found = [load(source, on_bad_file="skip") for _ in range(2)]

    assert [values(one.train) for one in found] == [[6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5]] * 2
    assert [values(one.test) for one in found] == [[99, 100]] * 2
    assert len(counted) == 1


def test_without_room_on_the_disk_large_arrays_stay_in_memory(tmp_path, mapped, monkeypatch):
    usage = type("Usage", (), {"free": 0})
    monkeypatch.setattr(picture_cache.shutil, "disk_usage", lambda folder: usage)
    dataset = load(write_folder(tmp_path, FILES))

    assert not isinstance(dataset.train.x, np.memmap)
    assert dataset.train.num_examples == 10


def test_only_the_newest_entries_of_a_source_are_kept(tmp_path, cache):
    source = write_folder(tmp_path, FILES)
    for size in range(1, 6):
        load(source, picture_size=size)

    assert len(list(cache.glob("*.json"))) == 3
    assert len(list(cache.iterdir())) == 9


def test_what_a_killed_program_left_is_removed_after_a_day(tmp_path, cache):
    cache.mkdir(parents=True)
    for name, age in (("old.npy.tmp.1", 1), ("new.npy.tmp.1", 2**32)):
        cache.joinpath(name).write_bytes(b"")
        os.utime(cache / name, (age, age))
    load(write_folder(tmp_path, FILES))

    assert [path.name for path in cache.glob("*.tmp.*")] == ["new.npy.tmp.1"]
