"""Model files: one stored zip of JSON and safetensors that runs no code when it is read.

The same content gives the same bytes. A save happened, or it did not.
"""

import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from lamina.core.errors import ArgumentError, LaminaError, LoadError, StateError, StorageError
from lamina.core.names import shown, shown_path
from lamina.data.dataset import Schema
from lamina.files import atomic, limits
from lamina.files.container import Container, pack
from lamina.files.documents import read_json
from lamina.files.opening import damaged, open_source, printable
from lamina.files.tensors import dump_safetensors, read_safetensors
from lamina.models import building, weights
from lamina.models.architecture import FORMAT, VERSION, describe, describe_value
from lamina.models.optimizer_state import optimizer_tensors, restore_optimizer
from lamina.version import VERSION as LIBRARY_VERSION

MODEL_ENDING, WEIGHTS_ENDING = ".lamina", ".safetensors"
KERAS_ENDINGS = (".keras", ".h5", ".hdf5")
MEMBERS = (
    "metadata.json",
    "config.json",
    "weights.safetensors",
    "optimizer.safetensors",
    "training.json",
)
NOTES = (
    "class_names",
    "column_names",
    "input_ranges",
    "data_fingerprint",
    "schema",
    "training_record",
)
"""Attributes of a model that its file keeps where they are set."""

_Path = str | os.PathLike


def save_model(model: Any, filepath: _Path, overwrite: bool = True) -> None:
    """Writes a model into one file: architecture, weights, optimizer and what it knows of its data.

    Args:
        model: The model, built, compiled or not.
        filepath: The file, ending in .lamina.
        overwrite: Whether a file of this name may be replaced.

    Raises:
        ArgumentError: The ending is another one, or a part of the model needs code to be rebuilt.
        StorageError: The file cannot be written there; what was there before is unharmed.

    Example:
        >>> save_model(model, "digits.lamina")
    """
    path = _target(filepath, MODEL_ENDING, overwrite, "save")
    tensors = weights.plain_tensors(model)
    members = {
        "metadata.json": _document(_metadata(tensors)),
        "config.json": _document(describe(model)),
        "weights.safetensors": dump_safetensors(tensors),
    }
    if model.optimizer is not None:
        members["optimizer.safetensors"] = dump_safetensors(optimizer_tensors(model))
    notes = {key: getattr(model, key) for key in NOTES if getattr(model, key, None) is not None}
    if notes:
        members["training.json"] = _document(describe_value(notes))
    atomic.write_bytes(path, pack(members))


def load_model(
    filepath: _Path, custom_objects: Mapping[str, Any] | None = None, compile: bool = True
) -> Any:
    """Makes the model that a file describes, with its weights and its optimizer's state.

    Args:
        filepath: A file written by `save_model`, ending in .lamina.
        custom_objects: Your own classes and functions by name, if the model uses any. Nothing
            else of yours is ever looked up.
        compile: Whether to compile it as it was, and to go on with the optimizer's state.

    Raises:
        LoadError: The file is damaged, is no model file, or needs classes that were not passed.
        StorageError: There is no such file, or it cannot be read.

    Example:
        >>> load_model("digits.lamina").predict(images)
    """
    path = _source(filepath, MODEL_ENDING)
    _check_custom_objects(custom_objects)
    label = _label(path)
    with open_source(path, name=label) as opened:
        container = Container(opened, MEMBERS)
        _check_members(container.names, label)
        _check_metadata(_json(container, "metadata.json", label), label)
        document = _json(container, "config.json", label)
        model = _restored(document, container, label, custom_objects)
        if "training.json" in container.names:
            notes = _json(container, "training.json", label)
            _set_notes(model, notes, f"{label}/training.json")
        if compile:
            _compile(model, document, container, label, custom_objects)
    return model


def save_weights(model: Any, filepath: _Path, overwrite: bool = True) -> None:
    """Writes the weights and the saved state of a model, by name, as a safetensors file.

    Raises:
        ArgumentError: The ending is not .safetensors.
        StateError: The model has no weights yet.
        StorageError: The file cannot be written there; what was there before is unharmed.
    """
    path = _target(filepath, WEIGHTS_ENDING, overwrite, "save_weights")
    _check_built(model)
    atomic.write_bytes(path, dump_safetensors(weights.plain_tensors(model)))


def load_weights(model: Any, filepath: _Path, skip_mismatch: bool = False) -> None:
    """Overwrites the weights of a model with those of a safetensors file.

    Everything is compared before the first weight changes.

    Args:
        model: The model, built.
        filepath: A file ending in .safetensors, with the names of `state_dict`; names given
            automatically, such as dense_2, may count from elsewhere.
        skip_mismatch: Takes what fits and leaves the rest of the model as it is.

    Raises:
        LoadError: The file is damaged, or does not fit the model.
        StateError: The model has no weights yet.
        StorageError: There is no such file, or it cannot be read.
    """
    path = _source(filepath, WEIGHTS_ENDING)
    _check_built(model)
    label = _label(path)
    given = weights.renumbered(model, read_safetensors(path, name=label).tensors)
    differences = weights.Differences(model, given)
    if differences and not skip_mismatch:
        raise differences.error(
            label, "load them into the model they were saved from, or pass skip_mismatch=True."
        )
    weights.overwrite(model, given, differences.fitting)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A model with new weights from what `Model.to_json` returned.

    Args:
        json_string: The text.
        custom_objects: Your own classes and functions by name, if the model uses any.

    Raises:
        ArgumentError: It is no text.
        LoadError: The text is damaged, or needs classes that were not passed.
    """
    if not isinstance(json_string, str):
        raise ArgumentError(
            f"model_from_json() received {shown(json_string)}.",
            expected="the text that model.to_json() returned.",
            fix="read it from its file first: open(path).read().",
        )
    _check_custom_objects(custom_objects)
    document = read_json(json_string.encode("utf-8", "surrogatepass"), name="the text")
    model = building.build_model(document, "the text", custom_objects)
    arguments = building.compile_arguments(document, "the text", custom_objects)
    if arguments is not None:
        make = partial(building.compile_model, model)
        building.guarded(make, arguments, "the text", "compile()")
    return model


def to_json(model: Any, **options: Any) -> str:
    """The architecture and the compile arguments of a model as text, without weights.

    Args:
        model: The model.
        **options: For `json.dumps`, such as `indent=2`.
    """
    return json.dumps(describe(model), allow_nan=False, **options)


# -- writing ---------------------------------------------------------------------------------


def _target(filepath: Any, ending: str, overwrite: bool, method: str) -> str:
    """The path, after everything that can be known to go wrong with it was looked at."""
    path = _checked_path(filepath, method)
    if not path.endswith(ending):
        stem = os.path.splitext(os.path.basename(path))[0] or "model"
        raise ArgumentError(
            f"{method}({shown_path(path)}) has no ending that is written here.",
            expected=f"a path that ends in {ending!r}.",
            fix=f"{method}({stem.split('.')[0] + ending!r}).",
        )
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.exists(path) and not os.path.isdir(path) and not overwrite:
        raise StorageError(
            f"file {shown_path(path)} exists, and overwrite=False.",
            expected="a name that is not taken.",
            fix="choose another name, or pass overwrite=True.",
        )
    if os.path.isdir(folder) and not os.access(folder, os.W_OK):
        raise StorageError(
            f"folder {shown_path(folder)} may not be written to.",
            expected="a folder that this user may change.",
            fix="check its permissions, or choose another folder.",
        )
    return atomic.writable_target(path)


def _checked_path(filepath: Any, method: str) -> str:
    if not isinstance(filepath, (str, os.PathLike)):
        raise ArgumentError(
            f"{method}() received {shown(filepath)} as a path.",
            expected="text or a pathlib.Path.",
            fix=f'pass for example "model{MODEL_ENDING}".',
        )
    path = os.fsdecode(filepath)
    if "\0" in path:
        raise ArgumentError(
            f"{method}() received {shown(path)} as a path, which holds a NUL character.",
            expected="a path without the character \\0.",
            fix=f'pass for example "model{MODEL_ENDING}".',
        )
    return path


def _metadata(tensors: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "lamina_version": LIBRARY_VERSION,
        "torch_version": str(torch.__version__),
        "parameter_count": sum(tensor.numel() for tensor in tensors.values()),
    }


def _document(value: Any) -> bytes:
    """JSON that `read_json` accepts."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    try:
        read_json(text.encode(), name="the model")
    except (LoadError, UnicodeEncodeError) as error:
        problem = error.problem if isinstance(error, LaminaError) else "a name is not Unicode text."
        raise ArgumentError(
            f"the model cannot be saved: {problem}",
            expected=f"a description of at most {limits.JSON_BYTES:,} bytes and "
            f"{limits.JSON_DEPTH} levels.",
            fix="move long lists out of the layers' arguments, or use save_weights().",
        ) from error
    return text.encode()


def _check_built(model: Any) -> None:
    if not weights.named_tensors(model) and not getattr(model, "is_built", True):
        raise StateError(
            f"{model.name!r} has no weights yet.",
            expected="a model that knows the shape of its input.",
            fix="begin it with Input(shape=...), or call it on one batch first.",
        )


# -- reading ---------------------------------------------------------------------------------


def _source(filepath: Any, ending: str) -> str:
    path = _checked_path(filepath, "load_model" if ending == MODEL_ENDING else "load_weights")
    if path.lower().endswith(KERAS_ENDINGS):
        raise damaged(
            _label(path),
            "it is a file of Keras, which is not read here.",
            expected=f"a file that ends in {ending!r}.",
            fix="build the same model in Lamina and hand the weights over, whose order and layout "
            "are Keras's: model.set_weights(keras_model.get_weights()).",
        )
    if not path.endswith(ending) and "://" not in path and not os.path.isdir(path):
        other = ending == MODEL_ENDING and path.endswith(WEIGHTS_ENDING)
        raise damaged(
            _label(path),
            "its name does not have the ending of a file that is read here.",
            expected=f"a file that ends in {ending!r}.",
            fix="build the model in Python and use load_weights()."
            if other
            else f"save it again with {'save' if ending == MODEL_ENDING else 'save_weights'}() "
            f"under a name that ends in {ending!r}.",
        )
    return path


def _label(path: str) -> str:
    """What messages call a file: its name, with the folders in front where they are short."""
    return path if len(path) <= 60 else Path(path).name[-60:]


def _check_custom_objects(given: Any) -> None:
    if given is not None and not isinstance(given, Mapping):
        raise ArgumentError(
            f"custom_objects={shown(given)} is not possible.",
            expected="a dict from names to classes or functions.",
            fix='pass for example {"MyLayer": MyLayer}.',
        )


def _check_members(names: list[str], label: str) -> None:
    missing = [name for name in MEMBERS[:3] if name not in names]
    if missing:
        raise damaged(
            label,
            f"there is no member {missing[0]!r}.",
            expected=f"a file as save_model() writes it, with {', '.join(MEMBERS[:3])}.",
            fix="save the model again, or fetch the file again from its source.",
        )


def _check_metadata(metadata: Any, label: str) -> None:
    known = isinstance(metadata, dict) and metadata.get("format") == FORMAT
    if known and metadata.get("version") == VERSION:
        return
    told = printable(metadata.get("version") if isinstance(metadata, dict) else metadata, 40)
    raise damaged(
        f"{label}/metadata.json",
        f"the format is unknown (version {told}).",
        expected=f"a {FORMAT} of version {VERSION}.",
        fix="load it with the version of Lamina that wrote it.",
    )


def _json(container: Container, member: str, label: str) -> Any:
    return read_json(container.read(member), name=f"{label}/{member}")


def _restored(
    document: Any, container: Container, label: str, custom_objects: Mapping[str, Any] | None
) -> Any:
    """The model with the weights of the file; memory is taken after all was compared."""
    model = building.build_empty(document, f"{label}/config.json", custom_objects)
    place = f"{label}/weights.safetensors"
    given = read_safetensors(container.read("weights.safetensors"), name=place).tensors
    differences = weights.Differences(model, given)
    if differences:
        raise differences.error(
            place, "save the model again, or fetch the file again from its source."
        )
    weights.fill(model, given)
    return model


def _set_notes(model: Any, notes: Any, label: str) -> None:
    if not isinstance(notes, dict) or not set(notes) <= set(NOTES):
        raise damaged(
            label,
            "it holds something else than what a model knows of its data.",
            expected=f"an object with {', '.join(NOTES)}.",
            fix="save the model again.",
        )
    built = {key: building.build_part(value, label) for key, value in notes.items()}
    if "schema" in built:
        building.guarded(Schema.from_dict, built["schema"], label, "schema")
    for key, value in built.items():
        setattr(model, key, value)


def _compile(
    model: Any,
    document: dict[str, Any],
    container: Container,
    label: str,
    custom_objects: Mapping[str, Any] | None,
) -> None:
    place = f"{label}/config.json"
    arguments = building.compile_arguments(document, place, custom_objects)
    if arguments is None:
        return
    building.guarded(partial(building.compile_model, model), arguments, place, "compile()")
    if "optimizer.safetensors" in container.names:
        place = f"{label}/optimizer.safetensors"
        tensors = read_safetensors(container.read("optimizer.safetensors"), name=place).tensors
        building.guarded(
            lambda given: restore_optimizer(model, given, place), tensors, place, "state"
        )
