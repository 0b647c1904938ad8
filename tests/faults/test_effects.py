"""The world stops, or a call fails, at every single effect on the disk that a run has."""

import errno
import os
import re
from contextlib import suppress

import pytest

from lamina.core.errors import LoadError, StorageError
from lamina.files import atomic
from lamina.train import checkpoint
from lamina.train.checkpoint import Checkpoints
from tests.faults import program
from tests.faults.program import digest, fit, model, run

FEATURES = ("shuffle", "dropout", "ema", "early_stopping")
OPTIONS = {"every": 6, "epochs": 2}
NAMES = ("create", "write", "sync", "rename", "unlink")


class StopError(BaseException):
    """The process is gone: nothing after it happens."""


class Counted(atomic.Effects):
    """Runs effects until the nth, which fails, or after which nothing happens any more."""

    def __init__(self, stop_at=None, error=None):
        self.done, self.stop_at, self.error = 0, stop_at, error

    def _count(self):
        self.done += 1
        if self.stop_at is not None and self.error is None and self.done >= self.stop_at:
            raise StopError
        if self.error is not None and self.done == self.stop_at:
            raise OSError(self.error, os.strerror(self.error))


def counted(name):
    def effect(self, *arguments):
        self._count()
        return getattr(atomic.Effects, name)(self, *arguments)

    return effect


for effect_name in NAMES:
    setattr(Counted, effect_name, counted(effect_name))


def kept_run(folder, monkeypatch, effects):
    monkeypatch.setattr(atomic, "effects", effects)
    try:
        return run(FEATURES, checkpoint=folder, **OPTIONS)
    finally:
        monkeypatch.setattr(atomic, "effects", atomic.Effects())


def number_of_effects(folder, monkeypatch):
    effects = Counted()
    kept_run(folder, monkeypatch, effects)
    return effects.done


def readable(folder):
    """Numbers of the checkpoints; every one can be read."""
    names = [name for name in os.listdir(folder) if name.endswith(".ckpt")]
    return sorted(int(checkpoint.read(folder / name).path.stem[5:]) for name in names)


@pytest.mark.parametrize("error", [None, errno.ENOSPC, errno.EIO], ids=["stop", "full", "broken"])
def test_run_survives_at_every_effect(tmp_path, monkeypatch, error):
    expected = run(FEATURES, epochs=2)
    total = number_of_effects(tmp_path / "count", monkeypatch)
    wrong = []
    for stop_at in range(1, total + 1):
        folder = tmp_path / f"{stop_at}"
        with suppress(StopError, StorageError):
            kept_run(folder, monkeypatch, Counted(stop_at, error))
        litter = [name for name in os.listdir(folder) if ".tmp." in name]
        readable(folder)
        found = run(FEATURES, checkpoint=folder, **OPTIONS)
        after = [name for name in os.listdir(folder) if ".tmp." in name]
        if found != expected or len(litter) > 1 or after:
            wrong.append(stop_at)

    assert total >= 20
    assert wrong == []


def test_saved_checkpoint_stays_until_the_next_is_whole(tmp_path, monkeypatch):
    """I1 at every effect of one save."""
    lost = []
    for stop_at in range(1, 40):
        folder = tmp_path / f"{stop_at}"
        with Checkpoints(folder) as checkpoints:
            for number in (1, 2):
                checkpoints.save(number, {"number": number}, {})
            monkeypatch.setattr(atomic, "effects", Counted(stop_at))
            is_over = save_or_stop(checkpoints, 3)
            monkeypatch.setattr(atomic, "effects", atomic.Effects())
        with Checkpoints(folder) as checkpoints:
            newest = checkpoints.latest().document["number"]
        if newest < (3 if is_over else 2) or len(os.listdir(folder)) > 4:
            lost.append(stop_at)
        if is_over:
            break

    assert is_over
    assert lost == []


def save_or_stop(checkpoints, number):
    try:
        checkpoints.save(number, {"number": number}, {})
    except StopError:
        return False
    return True


def test_full_disk_leaves_the_training_state_as_it_is(tmp_path, monkeypatch):
    effects = Counted()
    monkeypatch.setattr(atomic, "effects", effects)
    fit(model(("dropout",)), ("dropout",), checkpoint=tmp_path / "count", every=3)
    network = model(("dropout",))
    monkeypatch.setattr(atomic, "effects", Counted(effects.done // 2, errno.ENOSPC))
    with pytest.raises(StorageError, match=r"step-\d+\.ckpt' cannot be written: No space left"):
        fit(network, ("dropout",), checkpoint=tmp_path, every=3)
    monkeypatch.setattr(atomic, "effects", atomic.Effects())

    history = fit(network, ("dropout",), checkpoint=tmp_path, every=3)

    assert digest(network, history) == run(("dropout",))


def test_deleted_folder_is_named(tmp_path):
    folder = tmp_path / "run"

    def delete():
        for name in os.listdir(folder):
            os.unlink(folder / name)
        os.rmdir(folder)

    message = (
        f"folder {str(folder)!r} does not exist, so {str(folder / 'step-10.ckpt')!r} "
        "is not written."
    )
    with pytest.raises(StorageError, match=f"^{re.escape(message)}"):
        run((), [program.At(7, delete)], checkpoint=folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind this user")
def test_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    message = f"folder {str(tmp_path)!r} cannot be used for checkpoints: Permission denied."
    with pytest.raises(StorageError, match=f"^{re.escape(message)}"):
        run((), checkpoint=tmp_path)


def test_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    message = f"folder {str(tmp_path / 'file')!r} cannot be used for checkpoints: File exists."
    with pytest.raises(StorageError, match=f"^{re.escape(message)}"):
        run((), checkpoint=tmp_path / "file")


def test_damaged_newest_checkpoint_is_passed_over(tmp_path):
    features = ("dropout",)
    with pytest.raises(StopError):
        run(features, [program.At(9, stop)], checkpoint=tmp_path, every=2)
    newest = tmp_path / "step-8.ckpt"
    flip(newest, 300)

    with pytest.warns(UserWarning, match=r"^'step-8\.ckpt': its bytes changed \(SHA-256\)\."):
        found = run(features, checkpoint=tmp_path, every=2)

    assert found == run(features)
    assert len(readable(tmp_path)) == 2


def test_all_checkpoints_damaged_is_an_error_again_and_again(tmp_path):
    with pytest.raises(StopError):
        run((), [program.At(9, stop)], checkpoint=tmp_path, every=2)
    for number in (6, 8):
        flip(tmp_path / f"step-{number}.ckpt", 300)
    for _ in range(2):
        with (
            pytest.warns(UserWarning, match="step-8"),
            pytest.raises(LoadError, match=r"^no checkpoint in .* can be read; 'step-6\.ckpt'"),
        ):
            run((), checkpoint=tmp_path)


def stop():
    raise StopError


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)


@pytest.fixture
def one_file(tmp_path):
    with pytest.raises(StopError):
        run(("ema",), [program.At(3, stop)], checkpoint=tmp_path, every=2)
    return tmp_path / "step-2.ckpt"


def test_every_flipped_bit_and_every_cut_is_found(one_file):
    content = one_file.read_bytes()
    accepted = []
    for place in [*range(60), *range(60, len(content), 211)]:
        for changed in (flipped(content, place), content[:place]):
            one_file.write_bytes(changed)
            if is_readable(one_file):
                accepted.append(place)

    assert accepted == []


def flipped(content, place):
    changed = bytearray(content)
    changed[place] ^= 1 << (place % 8)
    return bytes(changed)


def is_readable(path):
    try:
        checkpoint.read(path)
    except LoadError:
        return False
    return True


def test_equal_states_give_equal_bytes(tmp_path):
    contents = []
    for name in ("a", "b"):
        with pytest.raises(StopError):
            run(callbacks=[program.At(8, stop)], checkpoint=tmp_path / name, every=7)
        contents.append((tmp_path / name / "step-7.ckpt").read_bytes())

    assert contents[0] == contents[1]


def test_litter_of_a_killed_run_is_removed(tmp_path):
    litter = tmp_path / "step-5.ckpt.tmp.123"
    litter.write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("mine")

    Checkpoints(tmp_path).close()

    assert sorted(os.listdir(tmp_path)) == ["lock", "notes.txt"]


def test_second_run_in_a_folder_is_refused(tmp_path):
    message = (
        f"another run is writing in {str(tmp_path)!r}.\n"
        "  expected: one run at a time in a folder.\n"
        "  fix: wait until it ends, or choose another folder."
    )
    with Checkpoints(tmp_path), pytest.raises(StorageError, match=f"^{re.escape(message)}$"):
        run((), checkpoint=tmp_path)


def test_nan_never_becomes_a_checkpoint(tmp_path, capsys):
    network = model(())

    def spoil():
        network.layers[-1].bias.assign([float("nan")] * 3)

    fit(network, (), [program.At(7, spoil)], checkpoint=tmp_path, every=2)

    assert readable(tmp_path) == [4, 6]
    assert "no checkpoint after step 8: weight" in capsys.readouterr().out
