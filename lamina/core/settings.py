"""Settings under the names that Keras programs use; each says what is true of this library.

The float and its epsilon live in core.dtypes, the seed in core.randomness.
"""

from typing import Any

import torch

from lamina.core import checks, dtypes, names, randomness
from lamina.core.errors import ArgumentError

_BACKEND = "torch"
_LAYOUT = "channels_last"
_limits: dict[str, int | None] = {"epochs": None, "steps": None}


def clear_session(free_memory: bool = True) -> None:
    """Starts automatic names and automatic seeds again, as in a new program.

    Models, layers, the seed and all other settings stay as they are. Nothing is kept alive by the
    library, so there is no memory to free.

    Args:
        free_memory: Accepted for Keras's sake.
    """
    names.clear()
    randomness.restart()


def backend() -> str:
    """The engine that computes: always "torch"."""
    return _BACKEND


def set_backend(backend: str) -> None:
    """Accepts "torch", the only engine there is.

    Raises:
        ArgumentError: Another engine is asked for.
    """
    if backend != _BACKEND:
        raise checks.refuse(
            "set_backend",
            "backend",
            backend,
            expected='"torch": this library computes with PyTorch only.',
            fix='call set_backend("torch"), or leave the call out.',
        )


def image_data_format() -> str:
    """Where images have their channels unless a layer is told otherwise: "channels_last"."""
    return _LAYOUT


def set_image_data_format(data_format: str) -> None:
    """Accepts "channels_last", the only default there is.

    Raises:
        ArgumentError: Another default is asked for.
    """
    if not isinstance(data_format, str) or data_format != _LAYOUT:
        raise checks.refuse(
            "set_image_data_format",
            "data_format",
            data_format,
            expected='"channels_last": images are (batch, height, width, channels) by default.',
            fix='pass data_format="channels_first" to the layers that need it.',
        )


def enable_unsafe_deserialization() -> None:
    """Refuses: opening a file never runs code from it, and no switch changes that.

    Raises:
        ArgumentError: Always.
    """
    raise ArgumentError(
        "enable_unsafe_deserialization() is not possible.",
        expected="files that hold data only: no switch makes this library run code from a file.",
        fix="pass your own classes and functions as custom_objects={...} when you load.",
    )


def enable_traceback_filtering() -> None:
    """Changes nothing: errors always show the whole way to the line that raised them."""


def disable_traceback_filtering() -> None:
    """Changes nothing: errors always show the whole way to the line that raised them."""


def is_traceback_filtering_enabled() -> bool:
    """Whether errors hide lines of the library: never."""
    return False


def enable_flash_attention() -> None:
    """Lets torch compute attention on a GPU with its flash kernel."""
    torch.backends.cuda.enable_flash_sdp(True)


def disable_flash_attention() -> None:
    """Makes torch compute attention on a GPU with its other kernels."""
    torch.backends.cuda.enable_flash_sdp(False)


def is_flash_attention_enabled() -> bool:
    """Whether torch may compute attention on a GPU with its flash kernel."""
    return torch.backends.cuda.flash_sdp_enabled()


def is_nnx_enabled() -> bool:
    """Whether layers are Flax NNX modules: never, they are torch modules."""
    return False


def max_epochs() -> int | None:
    """The largest number of epochs that any fit() runs, or `None`."""
    return _limits["epochs"]


def set_max_epochs(max_epochs: int | None) -> None:
    """Bounds the epochs of every fit(), for quick trials of whole programs.

    Raises:
        ArgumentError: The bound is no whole number of at least 1.
    """
    _limits["epochs"] = _bound("set_max_epochs", "max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """The largest number of batches in an epoch, an evaluation or a prediction, or `None`."""
    return _limits["steps"]


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Bounds the batches of every epoch, evaluation and prediction.

    Raises:
        ArgumentError: The bound is no whole number of at least 1.
    """
    name = "max_steps_per_epoch"
    _limits["steps"] = _bound("set_max_steps_per_epoch", name, max_steps_per_epoch)


def _bound(owner: str, name: str, value: Any) -> int | None:
    return None if value is None else checks.positive_int(owner, name, value)


def dtype_policy() -> dtypes.DTypePolicy:
    """The policy of layers that are not given one."""
    return dtypes.policy()


def set_dtype_policy(policy: str | dtypes.DTypePolicy) -> None:
    """Sets the policy of layers that are made from now on.

    Args:
        policy: A dtype, "mixed_bfloat16", "mixed_float16" or a `DTypePolicy`.

    Raises:
        ArgumentError: `policy` is no such thing.
    """
    if not isinstance(policy, (str, dtypes.DTypePolicy)):
        raise checks.refuse(
            "set_dtype_policy",
            "policy",
            policy,
            expected="'policy' as a name or a DTypePolicy.",
            fix='pass for example policy="mixed_bfloat16".',
        )
    dtypes.set_policy(policy)


def standardize_dtype(dtype: Any) -> str:
    """The plain name of a dtype given as a word, a torch dtype, a NumPy dtype or a Python type.

    Args:
        dtype: What to name; `None` is the default float.

    Raises:
        ArgumentError: It is no dtype of this library.

    Example:
        >>> standardize_dtype(torch.float16)
        'float16'
    """
    words = {bool: "bool", int: "int32", float: "float32", str: "string"}
    name = words[dtype] if isinstance(dtype, type) and dtype in words else dtype
    name = dtypes.floatx() if name is None else dtypes.name_of(name)
    return name if name == "string" else dtypes.name_of(dtypes.to_torch(name))
