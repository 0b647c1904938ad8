"""keras.backend: the settings that programs reach under this name."""

from lamina.core.dtypes import epsilon, floatx, set_epsilon, set_floatx
from lamina.core.settings import (
    backend,
    clear_session,
    image_data_format,
    set_image_data_format,
    standardize_dtype,
)
from lamina.graph.symbol import is_symbol as is_keras_tensor

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_keras_tensor",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]
