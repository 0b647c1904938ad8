"""TensorBoard: writes numbers, weights and pictures of weights for TensorBoard to show."""

import os
import time
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from lamina.core import checks, kinds
from lamina.core.errors import ArgumentError, MissingExtraError
from lamina.train.callbacks import learning_rates
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.kept_weights import tensors_of
from lamina.train.callbacks.scalars import scalar


class TensorBoard(Callback):
    """Writes what happens in a run as event files: `train` and `validation` under one folder.

    Args:
        log_dir: Folder of the event files, for this run alone.
        histogram_freq: Epochs from one histogram of the weights to the next; 0 for none.
        write_graph: Accepted for programs written for Keras; has no effect on torch.
        write_images: Whether weights are also drawn as pictures, with the histograms.
        write_steps_per_second: Whether steps a second are written.
        update_freq: "epoch", "batch", or batches from one entry to the next. Entries between
            epochs wait for the device and so cost speed.
        profile_batch: 0; profiling belongs to torch.profiler.
        embeddings_freq: Epochs from one picture of the embeddings to the next; 0 for none.
        embeddings_metadata: Not supported; must be `None`.

    Raises:
        ArgumentError: An argument has no possible value.
        MissingExtraError: The package tensorboard is not installed.

    Example:
        >>> TensorBoard("logs/first").update_freq
        'epoch'
    """

    def __init__(
        self,
        log_dir: str | os.PathLike = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: int | Literal["epoch", "batch"] = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: None = None,
    ) -> None:
        super().__init__()
        self.log_dir = kinds.path(self, "log_dir", log_dir, "logs")
        self.histogram_freq = checks.whole(self, "histogram_freq", histogram_freq)
        self.write_graph = checks.boolean(self, "write_graph", write_graph)
        self.write_images = checks.boolean(self, "write_images", write_images)
        self.write_steps_per_second = checks.boolean(
            self, "write_steps_per_second", write_steps_per_second
        )
        self.update_freq = _checked_update_freq(update_freq)
        self.embeddings_freq = checks.whole(self, "embeddings_freq", embeddings_freq)
        is_off = checks.is_whole(profile_batch) and profile_batch == 0
        profiled = None if is_off or profile_batch is False else profile_batch
        _refuse("profile_batch", profiled, "use torch.profiler around fit().")
        _refuse("embeddings_metadata", embeddings_metadata, "leave it out.")
        self._writer_class = _summary_writer()
        self._writers: dict[str, Any] = {}
        self._batches = 0
        self._began, self._updates_before = 0.0, 0
        if self.update_freq != "epoch":
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign] # else free

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Counts batches from 0."""
        self._batches = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes when the epoch began."""
        self._began = time.perf_counter()
        self._updates_before = int(self.model.optimizer.iterations)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the numbers of the epoch, and weights where they are due."""
        logs = dict(logs or {})
        learning_rates.add_to_logs(self.model, logs)
        if self.write_steps_per_second:
            updates = int(self.model.optimizer.iterations) - self._updates_before
            logs["steps_per_second"] = updates / max(time.perf_counter() - self._began, 1e-9)
        for name, value in logs.items():
            part = "validation" if name.startswith("val_") else "train"
            self._write(part, f"epoch_{name.removeprefix('val_')}", value, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings(epoch)
        self._flush()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes the numbers of an evaluation over the number of updates."""
        optimizer = self.model.optimizer
        if optimizer is not None:
            for name, value in (logs or {}).items():
                tag = f"evaluation_{name}_vs_iterations"
                self._write("validation", tag, value, int(optimizer.iterations))
        self._flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the event files."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def state(self) -> dict[str, Any]:
        """The number of batches seen."""
        return {"batches": self._batches}

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on counting from here."""
        self._batches = state["batches"]

    def _after_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._batches += 1
        if self._batches % self.update_freq == 0:
            for name, value in (logs or {}).items():
                self._write("train", f"batch_{name}", value, self._batches)

    def _write(self, part: str, tag: str, value: Any, step: int) -> None:
        number = scalar(value)
        if number is not None:
            self._writer(part).add_scalar(tag, number, step)

    def _write_weights(self, epoch: int) -> None:
        writer = self._writer("train")
        for name, tensor in tensors_of(self.model).items():
            tag = name.replace(".", "/")
            if tensor.is_floating_point() and tensor.numel():
                writer.add_histogram(f"{tag}/histogram", tensor.float().cpu(), epoch)
                picture = _picture(tensor) if self.write_images else None
                if picture is not None:
                    writer.add_image(f"{tag}/image", picture, epoch)

    def _write_embeddings(self, epoch: int) -> None:
        for name, tensor in tensors_of(self.model).items():
            if name.endswith("embeddings") and tensor.dim() == 2:
                self._writer("train").add_embedding(tensor.cpu(), global_step=epoch, tag=name)

    def _writer(self, part: str) -> Any:
        if part not in self._writers:
            self._writers[part] = self._writer_class(str(Path(self.log_dir, part)))
        return self._writers[part]

    def _flush(self) -> None:
        for writer in self._writers.values():
            writer.flush()


def _picture(weight: Tensor) -> Tensor | None:
    """A weight as grey values from 0 to 1, (1, height, width); `None` above 2 axes."""
    flat = weight.detach().float().cpu().squeeze()
    if flat.dim() not in (1, 2):
        return None
    plane = flat.reshape(1, -1) if flat.dim() == 1 else flat
    plane = plane.T if plane.shape[0] > plane.shape[1] else plane
    low, high = torch.aminmax(plane)
    return ((plane - low) / (high - low).clamp(min=1e-12)).unsqueeze(0)


def _checked_update_freq(value: Any) -> Any:
    if isinstance(value, str) and value == "batch":
        return 1
    if (isinstance(value, str) and value == "epoch") or (checks.is_whole(value) and value >= 1):
        return value
    raise checks.refuse(
        "TensorBoard",
        "update_freq",
        value,
        expected="'epoch', 'batch', or a whole number of batches of at least 1.",
        fix="pass update_freq='epoch'.",
    )


def _refuse(name: str, value: Any, fix: str) -> None:
    if value is not None:
        raise ArgumentError(
            f"TensorBoard({name}=...) is not supported.",
            expected=f"no {name}.",
            fix=fix,
        )


def _summary_writer() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 (optional)
    except ImportError as error:
        raise MissingExtraError(
            "TensorBoard needs the package tensorboard, which is not installed.",
            expected="the packages of the extra 'track'.",
            fix='pip install "lamina[track]"',
        ) from error
    return SummaryWriter
