"""Single layers, models and objects as plain data and back, inside one program.

Unlike files, these also find what the program registered or has in a custom_object_scope.
"""

from collections.abc import Mapping
from typing import Any

from lamina.core import kinds
from lamina.core import registry as registered
from lamina.models import building, registry
from lamina.models.architecture import describe_layer, describe_value


def serialize_keras_object(obj: Any) -> Any:
    """An object, a layer, a model or a function as plain data that JSON can hold.

    Raises:
        ArgumentError: It has no name and no configuration under which it could be found again.
    """
    return describe_value(obj)


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True
) -> Any:
    """What `serialize_keras_object` wrote down.

    Args:
        config: The plain data.
        custom_objects: Classes and functions by name, beside those registered in this program.
        safe_mode: Accepted for Keras's sake; nothing here ever runs code.

    Raises:
        LoadError: It names something unknown.
    """
    return building.build_part(config, "the configuration", _known(custom_objects))


def model_config(model: Any) -> dict[str, Any]:
    """What `Model.get_config` returns: structure, or the constructor's arguments."""
    return describe_layer(model)["config"]


def model_from_config(
    kind: type, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None
) -> Any:
    """A model of this class, with new weights, from what its `get_config` returned.

    Raises:
        LoadError: It names something unknown.
    """
    kinds.arguments(f"{kind.__name__}.from_config", "config", config)
    config, names = dict(config), {**_known(custom_objects), kind.__name__: kind}
    forms = {"nodes": "Functional", "input": "Sequential"}
    form = next((form for key, form in forms.items() if key in config and "layers" in config), None)
    if form is None:
        return building.constructed(kind, building.build_part(config, "the configuration", names))
    entry: dict[str, Any] = {"kind": "model", "class_name": form, "config": config}
    if kind is not registry.MODELS[form]:
        entry["custom"] = kind.__name__
    return building.build_part(entry, "the configuration", names)


def _known(custom_objects: Mapping[str, Any] | None) -> dict[str, Any]:
    if custom_objects is not None:
        kinds.arguments("deserialize_keras_object", "custom_objects", custom_objects)
    return {**registered.known_objects(), **(custom_objects or {})}
