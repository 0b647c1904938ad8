"""A trained model kept in its run folder, also one that only its user's own code can make again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lamina.core.errors import ArgumentError, LoadError
from lamina.data.dataset import Schema
from lamina.models.model import Model
from lamina.models.saving import load_model, load_weights, save_weights
from lamina.train.run_folder import RunFolder
from lamina.workbench import own_models

MODEL, WEIGHTS = "model.lamina", "weights.safetensors"


def keep(model: Model, folder: RunFolder, name: str) -> bool:
    """Writes a trained model into its run folder.

    What a preset made is one file. A model of the user's own that needs classes or functions of
    the user's to be read again gets its weights in a file of their own, and the record of the
    run says which code made it.

    Args:
        model: The model.
        folder: The run folder; its record already says how the model is called.
        name: The name of a preset, or "file.py:function".

    Returns:
        Whether the file of the model can be read without code of the user's.

    Raises:
        StorageError: The folder cannot be written.
    """
    if not own_models.is_own(name):
        model.save(folder.model_path)
        return True
    try:
        model.save(folder.model_path)
        load_model(folder.model_path, compile=False)
    except (ArgumentError, LoadError):
        save_weights(model, folder.path / WEIGHTS)
        schema: Any = getattr(model, "schema", None)
        folder.note(model={**folder.facts["model"], "needs": name}, schema=schema)
        return False
    return True


def make_again(path: Path, name: str, facts: Mapping[str, Any]) -> Model:
    """A kept model, made by code that the user names now; this runs the user's file.

    Args:
        path: A run folder, or the file of a model.
        name: "file.py:function".
        facts: What run.json says; empty for the file of a model.

    Raises:
        ArgumentError: The file or function is none, or fails.
        LoadError: The weights are damaged, or do not fit what the function makes.
    """
    weights = path / WEIGHTS
    known = facts.get("schema")
    if not (path.is_dir() and weights.is_file() and isinstance(known, dict)):
        file = path / MODEL if path.is_dir() else path
        loaded: Model = load_model(file, own_models.objects_of(name), compile=False)
        return loaded
    schema = Schema.from_dict(known)
    model = own_models.build(name, schema)
    if not model.built and schema.form != "table":
        model.build((None, *(schema.input_shape or ())))
    load_weights(model, weights)
    model.schema = schema.to_dict()
    model.class_names = list(schema.class_names) or None
    model.training_record = {key: facts[key] for key in ("settings", "results") if key in facts}
    return model
