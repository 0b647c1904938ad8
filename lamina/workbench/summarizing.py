"""The layers of a saved model, and what its file knows of the training."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.layers.base import Layer
from lamina.models.model import Model
from lamina.report.reading import find
from lamina.report.wording import clean, typed
from lamina.workbench.finished import model_file, open_model

_MOST_CLASSES = 12


@dataclass(frozen=True)
class Description:
    """A saved model.

    Args:
        path: Its file.
        model: The model.
    """

    path: Path
    model: Model

    @property
    def schema(self) -> dict[str, Any]:
        """How an example is read; empty where the file does not say."""
        return getattr(self.model, "schema", None) or {}

    def to_dict(self) -> dict[str, Any]:
        """The model as plain data."""
        trainable = sum(w.numel() for w in self.model.parameters() if w.requires_grad)
        return {
            "path": str(self.path),
            "name": self.model.name,
            "parameters": self.model.count_params(),
            "trainable_parameters": trainable,
            "layers": [
                {"name": layer.name, "type": type(layer).__name__, "parameters": _count(layer)}
                for layer in self.model.layers
                if isinstance(layer, Layer)
            ],
            "schema": self.schema or None,
            "data_fingerprint": getattr(self.model, "data_fingerprint", None),
            "training": getattr(self.model, "training_record", None),
        }

    def lines(self) -> list[str]:
        """The model for a terminal."""
        told: list[str] = []
        self.model.summary(print_fn=lambda text, **_: told.append(str(text).rstrip("\n")))
        return told + self._facts()

    def _facts(self) -> list[str]:
        record = getattr(self.model, "training_record", None)
        lines = [f"file      {self.path} ({self.path.stat().st_size:,} bytes)"]
        source = find(record, "settings", "source", default="")
        if source:
            lines.append(f"trained   on {clean(source)}")
        names = list(self.schema.get("class_names") or ())
        if names:
            more = f" and {len(names) - _MOST_CLASSES:,} more" * (len(names) > _MOST_CLASSES)
            shown = ", ".join(clean(name, 30) for name in names[:_MOST_CLASSES])
            lines.append(f"classes   {shown}{more}")
        for name in ("accuracy", "r2_score", "mae"):
            value = find(record, "results", "test", name, kind=(int, float))
            if value is not None:
                lines.append(f"test      {name.replace('_score', '')} {typed(value)}")
        return lines


def describe(run: str | Path, *, model: str | None = None) -> Description:
    """Opens the model of a run folder, or of a .lamina file, to look at it.

    Args:
        run: The run folder or the file.
        model: "file.py:function" that made the model, where it needs code of the user's.

    Raises:
        ArgumentError: There is no model.
        LoadError: The file is damaged.
        StorageError: There is no such file or folder.
    """
    trained = open_model(run, model, "lamina summary {run}")
    return Description(model_file(Path(run).expanduser()), trained)


def _count(layer: Layer) -> int:
    return (
        sum(weight.numel() for weight in layer.parameters()) if hasattr(layer, "parameters") else 0
    )
