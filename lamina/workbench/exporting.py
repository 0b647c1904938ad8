"""A trained model in the formats of other programs: torch.export, safetensors, ONNX.

A program is compared with the model on a few examples before it is kept.
"""

import contextlib
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core.errors import ArgumentError, CaptureError, MissingExtraError, StorageError
from lamina.core.names import look_up, shown, shown_path
from lamina.files import write_bytes
from lamina.models.model import Model
from lamina.models.saving import save_weights
from lamina.workbench import targets
from lamina.workbench.finished import escaped, open_model

ENDINGS = {"torch": ".pt2", "safetensors": ".safetensors", "onnx": ".onnx"}
_TOLERANCE = 1e-4
_TRIED = (2, 5)  # examples in the batches that the program is traced and compared with
_FAULTS = (RuntimeError, ValueError, TypeError, NotImplementedError, AssertionError, KeyError)


@dataclass(frozen=True)
class Exported:
    """A file that was written.

    Args:
        path: The file.
        format: "torch", "safetensors" or "onnx".
        num_bytes: Its size.
        inputs: What the program takes, in order: name, shape and dtype.
        difference: Largest difference to the model's own answers; `None` for weights alone.
        notes: What a user of the file must know.
    """

    path: Path
    format: str
    num_bytes: int
    inputs: tuple[tuple[str, tuple[int | None, ...], str], ...]
    difference: float | None
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """What was written, as plain data."""
        return {
            "path": str(self.path),
            "format": self.format,
            "bytes": self.num_bytes,
            "inputs": [
                {"name": name, "shape": list(shape), "dtype": kind}
                for name, shape, kind in self.inputs
            ],
            "difference": self.difference,
            "notes": list(self.notes),
        }

    def lines(self) -> list[str]:
        """What was written, for a terminal."""
        told = [f"wrote {self.path} ({self.num_bytes:,} bytes)"]
        for name, shape, kind in self.inputs:
            words = ", ".join("batch" if size is None else str(size) for size in shape)
            told.append(f"takes {name}: {kind} ({words})")
        if self.difference is not None:
            told.append(f"answers differ from the model's by {self.difference:.2g} at most")
        return told + [f"note  {note}" for note in self.notes]


def export(
    run: str | Path,
    to: Path,
    *,
    form: str | None = None,
    model: str | None = None,
    overwrite: bool = False,
) -> Exported:
    """Writes the model of a run for other programs.

    Preprocessing (scaling, gaps, lookup of categories) is part of the program; reading files is
    not. A category goes in as the number that `lamina.core.text.hash_strings` gives its text.

    Args:
        run: A run folder, or the file of a model.
        to: The file to write, or a folder for it.
        form: "torch", "safetensors" or "onnx"; by the ending of the file when `None`.
        model: "file.py:function" that made the model, where it needs code of the user's.
        overwrite: Whether the file may exist.

    Raises:
        ArgumentError: There is no such format, or no model.
        CaptureError: The model cannot be recorded as a program, or its program answers otherwise.
        LoadError: The file of the model is damaged.
        MissingExtraError: ONNX is asked for, and its packages are not installed.
        StorageError: The file cannot be written.
    """
    form = _form(to, form)
    stem = Path(run).resolve().stem or "model"
    file = to / f"{stem}{ENDINGS[form]}" if to.is_dir() else to
    target = targets.checked(file, (ENDINGS[form],), overwrite=overwrite)
    if form == "onnx":
        _require_onnx()
    trained = open_model(run, model, f"lamina export {{run}} --to {escaped(str(to))}")
    difference: float | None = None
    if form == "safetensors":
        save_weights(trained, target)
    else:
        program, difference = _program(trained)
        write_bytes(target, _as_torch(program) if form == "torch" else _as_onnx(program, trained))
    return Exported(
        file,
        form,
        target.stat().st_size,
        tuple(_inputs(trained)),
        difference,
        _notes(trained, form),
    )


def _form(to: Path, form: str | None) -> str:
    if form is not None:
        look_up("a format", form, ENDINGS)
        return form.lower()
    found = [name for name, ending in ENDINGS.items() if to.name.lower().endswith(ending)]
    if not found:
        raise ArgumentError(
            f"{shown_path(to)} does not say which format is wanted.",
            expected=f"a file that ends in {', '.join(ENDINGS.values())}, or --format.",
            fix="for example: lamina export RUN --to model.pt2.",
        )
    return found[0]


class _Positional(nn.Module):
    """A model whose inputs come one after the other."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: Tensor) -> Any:
        """The model's answers."""
        return self.model(inputs[0] if len(inputs) == 1 else list(inputs))


def _program(model: Model) -> tuple[Any, float]:
    """The model as a program of torch.export for batches of any size, and how far it is off.

    Raises:
        CaptureError: It cannot be recorded, or answers otherwise than the model.
    """
    model.eval()
    first, second = (_examples(model, count) for count in _TRIED)
    batch = torch.export.Dim("batch", min=1)
    shapes = (tuple({0: batch} for _ in first),)
    wrapped = _Positional(model).eval()
    try:
        with torch.no_grad(), _quietly():
            program = torch.export.export(wrapped, first, dynamic_shapes=shapes)
            answered, wanted = program.module()(*second), wrapped(*second)
    except _FAULTS as error:
        raise CaptureError(
            f"the model cannot be recorded by torch.export: {shown(str(error), 90)}",
            expected="a model whose layers do the same for every batch.",
            fix="export its weights: --format safetensors.",
        ) from error
    difference = float((answered - wanted).abs().max())
    if not difference <= _TOLERANCE:
        raise CaptureError(
            f"the recorded program answers otherwise than the model, by {difference:.2g}.",
            expected=f"differences of {_TOLERANCE:g} at most.",
            fix="export its weights: --format safetensors, and report this model, please.",
        )
    return program, difference


def _examples(model: Model, count: int) -> tuple[Tensor, ...]:
    """Made-up examples in the shape and dtype of the model's inputs."""
    generator = torch.Generator().manual_seed(count)
    made = []
    for _, shape, kind in _inputs(model):
        sizes = [count, *(size or 1 for size in shape[1:])]
        dtype = getattr(torch, kind)
        values = torch.rand(sizes, generator=generator)
        is_number = dtype.is_floating_point
        made.append(values.to(dtype) if is_number else (values * 100).to(dtype))
    return tuple(made)


def _inputs(model: Model) -> Iterator[tuple[str, tuple[int | None, ...], str]]:
    schema: dict[str, Any] = getattr(model, "schema", None) or {}
    if not model.inputs and schema.get("form") != "table":  # a subclass, which has no symbols
        yield "input_1", (None, *schema.get("input_shape", ())), "float32"
    for place, entry in enumerate(model.inputs, start=1):
        name = getattr(entry, "name", None) or f"input_{place}"
        yield str(name), tuple(entry.shape), str(entry.dtype).removeprefix("torch.")


def _as_torch(program: Any) -> bytes:
    file = io.BytesIO()
    with _quietly():
        torch.export.save(program, file)
    return file.getvalue()


def _require_onnx() -> None:
    if not all(map(find_spec, ("onnx", "onnxscript"))):
        raise MissingExtraError(
            "onnx and onnxscript are needed to write ONNX files, and are not installed.",
            expected="the extra 'onnx'.",
            fix="pip install 'lamina[onnx]', or use --format torch.",
        )


def _as_onnx(program: Any, model: Model) -> bytes:
    names = [name for name, _, _ in _inputs(model)]
    with tempfile.TemporaryDirectory() as folder, _quietly():
        path = os.path.join(folder, "model.onnx")
        try:
            made = torch.onnx.export(program, input_names=names, dynamo=True, verbose=False)
            made.save(path)
        except (torch.onnx.OnnxExporterError, *_FAULTS) as error:
            raise CaptureError(
                f"the model cannot be written as ONNX: {shown(str(error), 90)}",
                expected="operations that ONNX has.",
                fix="use --format torch.",
            ) from error
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise StorageError(
                f"the ONNX file could not be read back: {error.strerror}.",
                expected="a folder for temporary files.",
                fix="set TMPDIR to a folder with free space.",
            ) from error


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keeps to themselves the remarks that torch's exporters make about their own insides."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _notes(model: Model, form: str) -> tuple[str, ...]:
    schema = getattr(model, "schema", None) or {}
    notes = []
    if form == "safetensors":
        notes.append("weights alone, by name: load them with Model.load_weights()")
    elif schema.get("form") == "table" and any(
        column.get("kind") in ("category", "text") for column in schema.get("columns", ())
    ):
        notes.append("words go in as the numbers that lamina.core.text.hash_strings gives them")
    if form != "safetensors" and schema.get("class_names"):
        notes.append("the outputs are probabilities, in the order of model.class_names")
    return tuple(notes)
