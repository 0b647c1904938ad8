"""Arguments of constructors and calls as JSON, and back through the closed tables.

Whatever JSON cannot hold is an object with the key "kind"; the other keys depend on it.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina import optimizers
from lamina.core import dtypes
from lamina.core.dtypes import DTypePolicy
from lamina.core.errors import ArgumentError, LoadError
from lamina.files import limits
from lamina.files.opening import damaged, printable
from lamina.models import registry

Hook = Callable[[Any], Any]

_LARGEST_WHOLE = limits.JSON_WHOLE
_OBJECT_BYTES, _METRIC_BYTES, _THRESHOLD_BYTES, _COUNT_BYTES = 500, 4000, 100, 4


class Encoder:
    """Writes values as JSON.

    Args:
        hook: Tried first on every value; returns `None` for what it does not know.
    """

    def __init__(self, hook: Hook) -> None:
        self.hook = hook
        self.place = "the model"

    def __call__(self, value: Any) -> Any:
        """The value as JSON.

        Raises:
            ArgumentError: It cannot be written so that it can be read again without running code.
        """
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, (int, float, np.generic)):
            return self._number(value)
        special = self.hook(value)
        if special is not None:
            return special
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, (list, tuple)):
            return [self(entry) for entry in value]
        if isinstance(value, (np.ndarray, Tensor)):
            values = value.detach().cpu() if isinstance(value, Tensor) else value
            return self(values.tolist())
        if isinstance(value, torch.dtype):
            return dtypes.name_of(value)
        if isinstance(value, DTypePolicy):
            return value.name
        if isinstance(value, slice):
            return {"kind": "slice", "parts": self([value.start, value.stop, value.step])}
        if value is Ellipsis:
            return {"kind": "ellipsis"}
        return self._object(value)

    def _text(self, value: str) -> str:
        if len(value.encode("utf-8", "replace")) > limits.JSON_STRING_BYTES // 2:
            raise self.refuse(
                f"a text of {len(value):,} characters", "shorten it, or set it after loading."
            )
        return value

    def _number(self, value: Any) -> Any:
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, float):
            finite = math.isfinite(value)
            return float(value) if finite else {"kind": "float", "value": repr(float(value))}
        if isinstance(value, int) and abs(value) > _LARGEST_WHOLE:
            return {"kind": "int", "value": str(int(value))}
        return self(value) if isinstance(value, (bool, str)) else int(value)

    def _mapping(self, value: Mapping) -> Any:
        if all(isinstance(key, str) for key in value) and "kind" not in value:
            return {key: self(entry) for key, entry in value.items()}
        return {"kind": "dict", "items": [[self(key), self(value[key])] for key in value]}

    def _object(self, value: Any) -> Any:
        if isinstance(value, type):
            return self._class(value)
        entry = registry.class_entry(type(value))
        if entry is not None and entry.kind == "optimizer":
            return {"kind": entry.kind, "class_name": entry.name, **self._optimizer(value)}
        if entry is not None:
            config = self(value.get_config())
            return {"kind": entry.kind, "class_name": entry.name, "config": config}
        known = registry.function_entry(value)
        if known is not None:
            return {"kind": "function", "table": known.kind, "name": known.name}
        return self._custom(value)

    def _class(self, value: type) -> dict[str, Any]:
        entry = registry.class_entry(value)
        if entry is not None:  # a class in place of an object means one without arguments
            return {"kind": entry.kind, "class_name": entry.name, "config": {}}
        return {"kind": "custom_function", "name": value.__name__}

    def _optimizer(self, value: Any) -> dict[str, Any]:
        given = getattr(value, "optimizer_map", None)
        rate = vars(value).get("_rate")
        has_function = given is not None and not hasattr(given, "get_config")
        if has_function or (callable(rate) and not hasattr(rate, "get_config")):
            raise self.refuse(
                f"{type(value).__name__}, which asks a function for its settings",
                "use a LearningRateSchedule or an OptimizerMap, or save_weights().",
            )
        return {"config": self(value.get_config())}

    def _custom(self, value: Any) -> dict[str, Any]:
        name: Any
        if hasattr(value, "get_config"):
            name, config = type(value).__name__, self(value.get_config())
            return {"kind": "custom", "class_name": name, "config": config}
        name = getattr(value, "__name__", None)
        if not isinstance(name, str) or name == "<lambda>" or not callable(value):
            what = "a lambda" if name == "<lambda>" else f"an object of {type(value).__name__}"
            raise self.refuse(
                what,
                "give it a name with def, or a get_config(); or save_weights() and rebuild the "
                "model in Python.",
            )
        return {"kind": "custom_function", "name": name}

    def refuse(self, what: str, fix: str) -> ArgumentError:
        """The error for something that no model file can hold."""
        return ArgumentError(
            f"{self.place} cannot be saved: it holds {what}.",
            expected="numbers, texts, lists, and objects or functions with a name.",
            fix=fix,
        )


class Decoder:
    """Makes values from JSON.

    Args:
        label: What messages call the file.
        custom_objects: The user's own classes and functions.
        hooks: Makers for further kinds.
    """

    def __init__(
        self,
        label: str,
        custom_objects: Mapping[str, Any] | None = None,
        hooks: Mapping[str, Hook] | None = None,
    ) -> None:
        self.label = label
        self.custom_objects = dict(custom_objects or {})
        self.place = "the document"
        self.uses_custom = False
        self._object_bytes = 0
        self._hooks = {
            "slice": lambda entry: slice(*self.sized_list(entry, "parts", 3)),
            "ellipsis": lambda entry: Ellipsis,
            "float": self._float,
            "int": self._int,
            "dict": self._dict,
            "function": self._function,
            "optimizer": self._optimizer,
            "custom": self._custom,
            "custom_function": self._custom_function,
            **{kind: self._object for kind in registry.CLASSES if kind != "optimizer"},
            **(hooks or {}),
        }

    def __call__(self, entry: Any) -> Any:
        """The value that JSON stands for.

        Raises:
            LoadError: It names something that is in no table.
        """
        if isinstance(entry, list):
            return [self(part) for part in entry]
        if not isinstance(entry, dict):
            return entry
        if "kind" not in entry:
            return {key: self(part) for key, part in entry.items()}
        kind = entry["kind"]
        if not isinstance(kind, str) or kind not in self._hooks:
            raise self.refuse(f"there is nothing of the kind {printable(kind)}.")
        return self._hooks[kind](entry)

    def text(self, entry: dict[str, Any], key: str) -> str:
        """A text of an entry."""
        value = entry.get(key)
        if not isinstance(value, str):
            raise self.refuse(f"{key!r} is {printable(value)}, not a text.")
        return value

    def mapping(self, entry: dict[str, Any], key: str) -> dict[str, Any]:
        """A JSON object of an entry, still undecoded."""
        value = entry.get(key)
        if not isinstance(value, dict):
            raise self.refuse(f"{key!r} is {printable(value)}, not an object.")
        return value

    def listed(self, entry: dict[str, Any], key: str) -> list[Any]:
        """A list of an entry, still undecoded."""
        value = entry.get(key)
        if not isinstance(value, list):
            raise self.refuse(f"{key!r} is {printable(value)}, not a list.")
        return value

    def only(self, entry: dict[str, Any], *known: str) -> None:
        """Refuses an entry with keys that mean nothing there."""
        unknown = next((key for key in entry if key not in known), None)
        if unknown is not None:
            raise self.refuse(f"there is something under {printable(unknown)}.")

    def sized_list(self, entry: dict[str, Any], key: str, size: int) -> list[Any]:
        """A list of so many decoded values."""
        values = self.listed(entry, key)
        if len(values) != size:
            raise self.refuse(f"{key!r} has {len(values)} entries, not {size}.")
        return [self(value) for value in values]

    def _float(self, entry: dict[str, Any]) -> float:
        value = self.text(entry, "value")
        if value not in ("nan", "inf", "-inf"):
            raise self.refuse(f"{printable(value)} is no special number.")
        return float(value)

    def _int(self, entry: dict[str, Any]) -> int:
        value = self.text(entry, "value")
        if not (len(value) < 40 and value.isascii() and value.removeprefix("-").isdigit()):
            raise self.refuse(f"{printable(value)} is no whole number.")
        return int(value)

    def _dict(self, entry: dict[str, Any]) -> dict[Any, Any]:
        pairs = self.listed(entry, "items")
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
            raise self.refuse("'items' is not a list of pairs.")
        keys = [self(key) for key, _ in pairs]
        if not all(isinstance(key, (str, int, float, type(None))) for key in keys):
            raise self.refuse("a key of a dict is neither a text nor a number.")
        if len(set(keys)) != len(keys):
            raise self.refuse("a key of a dict stands twice.")
        return {key: self(value) for key, (_, value) in zip(keys, pairs, strict=True)}

    def _object(self, entry: dict[str, Any]) -> Any:
        self.only(entry, "kind", "class_name", "config")
        name = self.text(entry, "class_name")
        kinds = registry.CLASSES[entry["kind"]]
        if name not in kinds:
            raise self.refuse(f"there is no {entry['kind']} {printable(name)}.")
        config = self(self.mapping(entry, "config"))
        self._object_bytes += _bytes_of(entry["kind"], config)
        if self._object_bytes > limits.MODEL_OBJECT_BYTES:
            what = f"losses and metrics would take over {limits.MODEL_OBJECT_BYTES:,} bytes."
            raise self.refuse(what, "pass load_model(..., compile=False), then compile it anew.")
        kind = kinds[name]
        return kind.from_config(config) if hasattr(kind, "from_config") else kind(**config)

    def _optimizer(self, entry: dict[str, Any]) -> Any:
        name = self.text(entry, "class_name")
        if name not in registry.CLASSES["optimizer"]:
            raise self.refuse(f"there is no optimizer {printable(name)}.")
        config = self(self.mapping(entry, "config"))
        recipe = {"class_name": name, "config": config}
        return optimizers.deserialize(recipe, self.custom_objects)

    def _function(self, entry: dict[str, Any]) -> Any:
        table, name = self.text(entry, "table"), self.text(entry, "name")
        if name not in registry.FUNCTIONS.get(table, {}):
            raise self.refuse(f"there is no function {printable(name)} among those of {table!r}.")
        return registry.FUNCTIONS[table][name]

    def custom_class(self, name: str) -> type:
        """A class of the user's.

        Raises:
            LoadError: It was not passed, or is no class.
        """
        kind = self.custom_objects.get(name)
        if not isinstance(kind, type):
            raise self.refuse_custom("class", name)
        self.uses_custom = True
        return kind

    def _custom(self, entry: dict[str, Any]) -> Any:
        kind = self.custom_class(self.text(entry, "class_name"))
        config = self(self.mapping(entry, "config"))
        return kind.from_config(config) if hasattr(kind, "from_config") else kind(**config)

    def _custom_function(self, entry: dict[str, Any]) -> Any:
        name = self.text(entry, "name")
        if name not in self.custom_objects:
            raise self.refuse_custom("function", name)
        self.uses_custom = True
        return self.custom_objects[name]

    def refuse_custom(self, what: str, name: str) -> LoadError:
        """The error for something of the user's that was not passed."""
        shown = name if name.isidentifier() and len(name) <= 60 else "Name"
        return damaged(
            self.label,
            f"{self.place}: it needs your own {what} {printable(name, 60)}.",
            expected="every class and function that is not of this library in custom_objects.",
            fix=f"pass custom_objects={{{shown!r}: {shown}}}, or build the model in Python and "
            "use load_weights().",
        )

    def refuse(self, what: str, fix: str | None = None) -> LoadError:
        """The error for a document that this library did not write."""
        return damaged(
            self.label,
            f"{self.place}: {what}",
            expected="a document as save_model() and to_json() write it.",
            fix=fix or "save the model again, or build it in Python and use load_weights().",
        )


def _bytes_of(kind: str, config: dict[str, Any]) -> int:
    """What an object takes that its description does not justify: counts for each threshold."""
    if kind != "metric":
        return _OBJECT_BYTES
    thresholds, columns, classes = (
        max(value, 1) if type(value := config.get(key)) is int else 1
        for key in ("num_thresholds", "num_labels", "num_classes")
    )
    return _METRIC_BYTES + thresholds * columns * _THRESHOLD_BYTES + classes**2 * _COUNT_BYTES
