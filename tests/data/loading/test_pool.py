"""Worker processes give what decoding in the program gives, and their end is noticed."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina.core.errors import DataError, LoadError
from lamina.data import load
from lamina.data.loading import decoded, pool
from lamina.data.loading.decoding import Look
from lamina.data.loading.listing import open_listing
from tests.data.loading.picture_sources import (
    classes,
    encoded,
    values,
    write_folder,
    write_source,
    write_zip,
)

CIFAR = Path(
    os.environ.get("LAMINA_CIFAR10_IMAGES")
    or Path(__file__).parents[3].parent / "shared" / "data" / "cifar10-images.zip"
)
FILES = classes({"a": 7, "b": 5}) | {"a/broken.png": b"no picture"}


@pytest.fixture
def always(monkeypatch):
    """Two workers and chunks of two pictures, however quickly they are decoded."""
    monkeypatch.setattr(pool, "POOL_FROM_SECONDS", 0.0)
    monkeypatch.setattr(pool, "_CHUNK", 2)
    monkeypatch.setattr(pool, "num_workers", lambda: 2)


@pytest.mark.parametrize("form", ["folder", "zip", "tar.gz"])
def test_workers_give_what_the_program_itself_gives(form, tmp_path, always, monkeypatch):
    source = write_source(form, tmp_path, FILES)
    by_pool = load(source, on_bad_file="skip")
    monkeypatch.setattr(pool, "POOL_FROM_SECONDS", 1e9)
    alone = load(source, on_bad_file="skip")

    np.testing.assert_array_equal(by_pool.train.x, alone.train.x)
    assert by_pool.train.ids == alone.train.ids
    assert by_pool.fingerprint == alone.fingerprint
    assert by_pool.notes == alone.notes


def test_names_that_are_no_text_reach_the_workers(tmp_path, always):
    odd = os.fsdecode(b"\xff\xe9 \xf0\x9f\x90\xb1\n")
    dataset = load(write_folder(tmp_path, classes({odd: 4, "b": 4})))

    assert dataset.schema.class_names == ("b", odd)
    assert sorted(values(dataset.train) + values(dataset.test)) == list(range(8))


def test_what_happens_is_said(tmp_path, always):
    said = []
    load(write_folder(tmp_path, classes({"a": 6, "b": 6})), say=said.append)

    assert said[0] == "decoding 12 pictures with 2 processes"
    assert re.fullmatch(r"decoded 12 pictures in \d+\.\d s \([\d,]+ a second\)", said[1])


def test_progress_is_said_every_few_seconds(monkeypatch):
    said, now = [], iter([0.0, 3.0, 6.0, 8.0, 10.0])
    monkeypatch.setattr(pool.time, "monotonic", lambda: next(now))
    progress = pool._Progress(100, said.append)
    progress.tell(2)
    progress.add(30)
    progress.add(30)
    progress.add(40)
    progress.end()

    assert said == [
        "decoding 100 pictures with 2 processes",
        "decoded 60 of 100 pictures, 4 s left",
        "decoded 100 pictures in 10.0 s (10 a second)",
    ]


def test_few_pictures_start_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr(pool.subprocess, "Popen", None)

    load(write_folder(tmp_path, classes({"a": 6, "b": 6})))


def test_a_worker_imports_no_torch():
    code = "import sys, lamina.data.loading.worker; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_a_program_without_a_main_guard_is_not_run_again(tmp_path):
    source = write_zip(tmp_path / "s.zip", classes({"a": 6, "b": 6}))
    program = tmp_path / "program.py"
    program.write_text(
        "from lamina.data import load\n"
        "from lamina.data.loading import pool\n"
        "pool.POOL_FROM_SECONDS = 0.0\n"
        "print('started')\n"
        f"print(load({str(source)!r}).train.num_examples)\n"
    )
    done = subprocess.run(
        [sys.executable, program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(lamina.__file__).parents[1])},
    )

    assert done.stdout == "started\n10\n"


def test_a_module_beside_the_program_is_not_taken_for_a_package(tmp_path, always, monkeypatch):
    write_folder(tmp_path, {"PIL.py": b"raise SystemExit(3)", "numpy.py": b"raise SystemExit(3)"})
    monkeypatch.chdir(tmp_path)

    assert load(write_folder(tmp_path / "s", classes({"a": 5, "b": 5}))).train.num_examples == 8


def test_a_worker_that_dies_is_noticed(tmp_path, always, monkeypatch):
    monkeypatch.setattr(
        pool, "_start_worker", lambda: started([sys.executable, "-c", "raise SystemExit(1)"])
    )

    with pytest.raises(LoadError, match="a process that decoded pictures ended while it read"):
        load(write_folder(tmp_path, classes({"a": 6, "b": 6})))


def started(command):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_an_error_ends_all_workers_and_threads(tmp_path, always, monkeypatch):
    processes = []
    start = pool._start_worker
    monkeypatch.setattr(pool, "_start_worker", lambda: processes.append(start()) or processes[-1])
    path = write_zip(tmp_path / "s.zip", classes({"a": 30, "b": 30}))
    data = bytearray(path.read_bytes())
    place = data.index(b"b/20.png")
    data[place + 40] ^= 1
    path.write_bytes(data)
    threads = threading.active_count()

    with pytest.raises(LoadError, match="checksum"):
        load(path, picture_size=4, color_mode="rgb")
    assert [process.poll() is not None for process in processes] == [True, True]
    assert threading.active_count() == threads


def test_an_interrupt_ends_the_workers(tmp_path, always, monkeypatch):
    processes = []
    start = pool._start_worker
    monkeypatch.setattr(pool, "_start_worker", lambda: processes.append(start()) or processes[-1])
    monkeypatch.setattr(pool, "wait", interrupt)

    with pytest.raises(KeyboardInterrupt):
        load(write_folder(tmp_path, classes({"a": 6, "b": 6})))
    assert [process.poll() is not None for process in processes] == [True, True]


def interrupt(tasks, return_when):
    raise KeyboardInterrupt


def test_a_source_that_changes_while_it_is_read_is_noticed(tmp_path, monkeypatch):
    path = write_source("tar", tmp_path, classes({"a": 3, "b": 3}))
    monkeypatch.setattr("lamina.data.loading.listing.read_members", half_of)

    pixels = np.zeros((6, 4, 5, 3), np.uint8)

    with open_listing(str(path), "tar") as listing:  # noqa: SIM117 (two different things)
        with pytest.raises(DataError, match="changed while it was read: pictures are gone"):
            pool.decode_all(listing, range(6), Look(4, 5, "rgb"), pixels, print)


def half_of(path, wanted=None):
    yield from ((f"a/{n}.png", encoded(n)) for n in range(6) if wanted is None or n < 3)


@pytest.mark.slow
@pytest.mark.skipif(not CIFAR.is_file(), reason="the pictures of CIFAR-10 are not here")
def test_cifar10_is_read_from_its_zip_and_then_from_the_cache(monkeypatch):
    said = []
    start = time.perf_counter()
    first = load(CIFAR, say=said.append)
    seconds = time.perf_counter() - start
    monkeypatch.setattr(decoded, "decode_all", None)
    second = load(CIFAR, say=said.append)

    assert first.train.x.shape == (50_000, 32, 32, 3)
    assert np.bincount(first.test.y).tolist() == [1000] * 10
    assert first.test.ids[0] == "test/airplane/0000.jpg"
    assert second.fingerprint == first.fingerprint
    np.testing.assert_array_equal(second.test.x, first.test.x)
    assert seconds < 120  # about ten when nothing else runs
