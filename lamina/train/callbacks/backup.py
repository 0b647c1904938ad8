"""BackupAndRestore: goes on after an interruption where the run was."""

import json
import math
import os
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from lamina.core import checks, kinds
from lamina.core.errors import LoadError, StateError, StorageError
from lamina.core.names import shown, shown_path
from lamina.files import atomic, dump_safetensors, read_safetensors, remove, write_bytes
from lamina.train.callbacks import kept_weights
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.batch_frequency import BatchFrequency
from lamina.train.callbacks.model_checkpoint import checked_frequency
from lamina.train.callbacks.scalars import scalar
from lamina.train.printing import say

_FORMAT = "lamina backup 1"


class BackupAndRestore(Callback):
    """Backs a run up, and goes on from there when `fit` is run again.

    `Model.fit` keeps the run in this folder as `fit(checkpoint=...)` would, so that it goes on to
    the same bits. In loops that call callbacks by hand, weights, optimizer and epoch are kept: one
    file holds everything and is replaced at once, so a crash leaves the old backup or the new one.
    A run that ends by itself removes its backup. A state that is not finite is not backed up.

    Args:
        backup_dir: Folder of the backup, for this run alone. Made where it is missing.
        save_freq: "epoch", a number of batches, or `False` for never.
        double_checkpoint: Whether the backup before the last is kept too, and used where the last
            cannot be read.
        delete_checkpoint: Whether the backup is removed when the run ends by itself.

    Raises:
        ArgumentError: An argument has no possible value.
        LoadError: The backup is damaged or belongs to another model, and there is no other.
        StateError: The model has not been built.
        StorageError: The backup cannot be written or read.

    Example:
        >>> BackupAndRestore("backup").save_freq
        'epoch'
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike,
        save_freq: int | Literal["epoch", False] = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        self.backup_dir = kinds.path(self, "backup_dir", backup_dir, "backup")
        self.save_freq = save_freq if save_freq is False else checked_frequency(self, save_freq)
        self.double_checkpoint = checks.boolean(self, "double_checkpoint", double_checkpoint)
        self.delete_checkpoint = checks.boolean(self, "delete_checkpoint", delete_checkpoint)
        self._latest = Path(self.backup_dir, "latest.safetensors")
        self._previous = Path(self.backup_dir, "previous.safetensors")
        self._epoch = 0
        self.stands_aside = False  # while fit itself keeps the run in this folder
        if checks.is_whole(self.save_freq):
            self._frequency = BatchFrequency(self.save_freq)
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign] # else free

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Takes the run up where the backup ends; the next epoch becomes `model._initial_epoch`."""
        if self.stands_aside:
            return
        _make_folder(self.backup_dir)
        found = [path for path in (self._latest, self._previous) if path.exists()]
        for path in found:
            try:
                self._restore(path)
            except LoadError as error:
                if path is found[-1]:
                    raise
                say(f"{error.problem} The backup before it is used.")
            else:
                return

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Remembers the epoch for backups between batches."""
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Backs up, where epochs are counted."""
        loss = scalar((logs or {}).get("loss", 0.0))
        if self.stands_aside:
            return
        if self.save_freq == "epoch" and (loss is None or math.isfinite(loss)):
            self._save(epoch + 1)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Removes the backup of a finished run; the next run begins where it is told to."""
        self.model._initial_epoch = None
        if self.stands_aside or not self.delete_checkpoint or not os.path.isdir(self.backup_dir):
            return
        remove(self._latest)
        remove(self._previous)
        if not any(Path(self.backup_dir).iterdir()):
            os.rmdir(self.backup_dir)

    def _after_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if not self.stands_aside and self._frequency.is_due(batch):
            self._save(self._epoch)

    def _save(self, next_epoch: int) -> None:
        tensors = {f"model/{k}": v for k, v in kept_weights.tensors_of(self.model).items()}
        state = self.model.optimizer.state()
        tensors.update((f"optimizer/{key}", value) for key, value in state.items())
        content = dump_safetensors(tensors, {"format": _FORMAT, "epoch": json.dumps(next_epoch)})
        _make_folder(self.backup_dir)
        if self.double_checkpoint and self._latest.exists():
            self._keep_previous()
        write_bytes(self._latest, content)

    def _keep_previous(self) -> None:
        try:
            atomic.effects.rename(os.fspath(self._latest), os.fspath(self._previous))
        except OSError as error:
            raise StorageError(
                f"backup {shown_path(self._latest)} cannot be kept: {error.strerror}.",
                expected="a folder that this user may change.",
                fix="check the permissions of the folder, or pass double_checkpoint=False.",
            ) from error

    def _restore(self, path: Path) -> None:
        if not getattr(self.model, "built", True):
            raise StateError(
                "BackupAndRestore cannot restore a model that has no weights yet.",
                expected="a model that knows its input shape before fit().",
                fix="begin the model with keras.Input(shape), or call model.build(shape).",
            )
        tensors, metadata = read_safetensors(path)
        weights, state = _part(tensors, "model/"), _part(tensors, "optimizer/")
        _check(path, metadata, weights, kept_weights.tensors_of(self.model))
        optimizer = self.model.optimizer
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        _check(path, metadata, state, optimizer.state())
        kept_weights.put_back(self.model, weights)
        optimizer.load_state(state)
        self.model._initial_epoch = int(metadata["epoch"])


def _part(tensors: dict[str, Tensor], start: str) -> dict[str, Tensor]:
    return {key.removeprefix(start): v for key, v in tensors.items() if key.startswith(start)}


def _check(
    path: Path, metadata: dict[str, str], found: dict[str, Tensor], own: dict[str, Tensor]
) -> None:
    is_ours = metadata.get("format") == _FORMAT and metadata.get("epoch", "").isdecimal()
    shapes = {key: value.shape for key, value in found.items()}
    if not is_ours or shapes != {key: value.shape for key, value in own.items()}:
        what = "belongs to another model or optimizer" if is_ours else "is no backup of a run"
        raise LoadError(
            f"backup {shown_path(path)} {what}.",
            expected="a backup that the same model wrote, compiled with the same optimizer.",
            fix="choose another backup_dir, or remove this folder to begin anew.",
        )


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"folder {shown(folder)} cannot be made: {error.strerror}.",
            expected="a place where this user may make folders.",
            fix="make the folder first, or choose another one.",
        ) from error
