"""What each layer or function does to the data, as far as the checks care.

Kinds: "weight" (a linear map with weights), "activation", "shape" (moves values, changes none),
"dropout", "scale" (brings values near 1), "linear" (other maps without a bend), "merge" (adds or
joins several), "pool" (takes a largest value), "ids" (takes numbers as names), "augment" (changes
pictures, keeps their range), "opaque" (anything else: the checks assume nothing).
"""

import functools
from typing import Any

from torch import nn

from lamina.core import private_torch
from lamina.graph import is_symbol
from lamina.graph.diagram import activation_name

_WORDS = {
    "weight": "Dense EinsumDense Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose "
    "Conv3DTranspose DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D "
    "Linear Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "activation": "Activation ReLU LeakyReLU PReLU ELU Softmax ReLU6 SELU GELU SiLU Mish Tanh "
    "Sigmoid Softplus LogSoftmax Hardtanh Hardswish Hardsigmoid",
    "shape": "Flatten Reshape Permute RepeatVector Identity InputLayer ActivityRegularization "
    "ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D "
    "UpSampling1D UpSampling2D UpSampling3D Unflatten",
    "dropout": "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout "
    "GaussianDropout GaussianNoise Dropout1d Dropout2d Dropout3d",
    "scale": "BatchNormalization Normalization MinMaxScaling BatchNorm1d BatchNorm2d BatchNorm3d",
    "linear": "Rescaling AveragePooling1D AveragePooling2D AveragePooling3D GlobalAveragePooling1D "
    "GlobalAveragePooling2D GlobalAveragePooling3D AvgPool1d AvgPool2d AdaptiveAvgPool2d",
    "merge": "Add Subtract Average Concatenate",
    "pool": "MaxPooling1D MaxPooling2D MaxPooling3D GlobalMaxPooling1D GlobalMaxPooling2D "
    "GlobalMaxPooling3D MaxPool1d MaxPool2d",
    "ids": "Embedding CategoryEncoding IntegerLookup Hashing HashedCrossing Discretization",
    "augment": "Augmentation Resizing CenterCrop",
}
# By name, so that looking at a model imports no layer that it has not got.
_KIND_OF_CLASS = {name: kind for kind, text in _WORDS.items() for name in text.split()}
# Layers that have statistics of their own bring values near 1, but they also bend: not linear.
_BENDING_SCALES = frozenset(
    [
        "LayerNormalization",
        "GroupNormalization",
        "RMSNormalization",
        "UnitNormalization",
        "LayerNorm",
        "GroupNorm",
        "InstanceNorm1d",
        "InstanceNorm2d",
        "InstanceNorm3d",
    ]
)
BATCH_NORMS = frozenset(["BatchNormalization", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d"])

_FUNCTIONS = {
    "shape": "reshape view flatten permute transpose squeeze unsqueeze contiguous float to double "
    "movedim moveaxis swapaxes expand repeat tile pad getitem unflatten clone t ravel",
    "activation": "relu relu_ relu6 tanh sigmoid softmax log_softmax gelu silu elu selu celu "
    "leaky_relu softplus softsign hardtanh hardswish hardsigmoid mish logsigmoid",
    "linear": "mean sum neg avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool2d",
    "dropout": "dropout dropout1d dropout2d alpha_dropout",
    "merge": "cat concat concatenate stack",
    "pool": "amax max_pool1d max_pool2d max_pool3d",
}
_KIND_OF_FUNCTION = {word: kind for kind, text in _FUNCTIONS.items() for word in text.split()}
_ARITHMETIC = {"add", "sub", "radd", "rsub"}
_PRODUCTS = {"mul", "rmul", "truediv", "div", "multiply", "matmul"}


def kind_of_module(module: nn.Module) -> str:
    """The kind of a layer or torch module."""
    names = names_of(unwrapped(module).__class__)
    for name in names:
        if name in _KIND_OF_CLASS:
            return _KIND_OF_CLASS[name]
    return "scale" if any(name in _BENDING_SCALES for name in names) else "opaque"


@functools.cache
def names_of(kind: type) -> tuple[str, ...]:
    """Names of a class and its ancestors, as far as this library or torch defines them.

    A class of the user that computes in its own way has none: nothing is known of it.
    """
    roots = ("lamina.layers.", "torch.nn.")
    found = []
    for one in kind.__mro__:
        if one.__module__.startswith(roots):
            found.append(one.__name__)
        elif not found and ("call" in vars(one) or "forward" in vars(one)):
            return ()
    return tuple(found)


def is_a(module: nn.Module | None, *names: str) -> bool:
    """Whether a module is one of these classes of this library or of torch, wrapped or not."""
    if module is None:
        return False
    return any(name in names for name in names_of(unwrapped(module).__class__))


def unwrapped(module: Any) -> Any:
    """The layer inside a wrapper that changes nothing about what it computes with."""
    names = names_of(module.__class__)
    if "Wrapper" in names:
        return unwrapped(module.layer)
    if "TorchModuleWrapper" in names:
        return unwrapped(module.module)
    return module


def is_bending(module: nn.Module | None) -> bool:
    """Whether a scaling layer is no linear map."""
    return is_a(module, *_BENDING_SCALES)


def kind_of_function(function: Any, args: list[Any]) -> str:
    """The kind of a torch function called with these leaves as arguments."""
    word = word_of(function)
    num_symbols = sum(is_symbol(leaf) for leaf in args)
    if word in _ARITHMETIC:
        return "merge" if num_symbols > 1 else "linear"
    if word in _PRODUCTS:
        return "opaque" if num_symbols > 1 else "linear"
    return _KIND_OF_FUNCTION.get(word, "opaque")


def word_of(function: Any) -> str:
    """The last part of a torch function's name, without underscores around it."""
    return private_torch.function_names(function).split(".")[-1].strip("_")


def activation_of_module(module: nn.Module) -> str:
    """The word for the activation a module applies to its result; "linear" where there is none."""
    inner = unwrapped(module)
    if kind_of_module(inner) == "activation" and not hasattr(inner, "activation"):
        return type(inner).__name__.lower()
    given = getattr(inner, "activation", None)
    return "linear" if given is None else _clean(activation_name(given))


def _clean(word: str) -> str:
    return {"swish": "silu", "log_softmax": "logsoftmax"}.get(word, word.lower())
