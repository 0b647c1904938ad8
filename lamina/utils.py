"""keras.utils: re-exported from where it lives."""

from lamina.core.later import nothing_later
from lamina.core.logging_switch import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from lamina.core.randomness import set_seed as set_random_seed
from lamina.core.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from lamina.core.settings import clear_session, standardize_dtype
from lamina.data import (
    PyDataset,
    array_to_img,
    image_dataset_from_directory,
    img_to_array,
    load_img,
    normalize,
    pack_x_y_sample_weight,
    pad_sequences,
    save_img,
    split_dataset,
    timeseries_dataset_from_array,
    to_categorical,
    unpack_x_y_sample_weight,
)
from lamina.data import PyDataset as Sequence
from lamina.files import get_file
from lamina.graph.plotting import model_to_dot, plot_model
from lamina.graph.sources import get_source_inputs
from lamina.graph.symbol import is_symbol as is_keras_tensor
from lamina.models.objects import deserialize_keras_object, serialize_keras_object
from lamina.train.progbar import Progbar

__getattr__ = nothing_later(__name__)

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
