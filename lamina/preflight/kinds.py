"""What each layer or function does to the data, as far as the checks care.

Kinds: "weight" (a linear map with weights), "activation", "shape" (moves values, changes none),
"dropout", "scale" (brings values near 1), "linear" (other maps without a bend), "merge" (adds or
joins several), "pool" (takes a largest value), "ids" (takes numbers as names), "augment" (changes
pictures, keeps their range), "opaque" (anything else: the checks assume nothing).
"""

from typing import Any

from torch import nn

from lamina import layers
from lamina.core import private_torch
from lamina.graph import is_symbol
from lamina.graph.diagram import activation_name
from lamina.layers.augmentation import Augmentation

LAYERS: dict[str, tuple[type, ...]] = {
    "weight": (
        layers.Dense,
        layers.EinsumDense,
        layers.Conv1D,
        layers.Conv2D,
        layers.Conv3D,
        layers.Conv1DTranspose,
        layers.Conv2DTranspose,
        layers.Conv3DTranspose,
        layers.DepthwiseConv1D,
        layers.DepthwiseConv2D,
        layers.SeparableConv1D,
        layers.SeparableConv2D,
        nn.Linear,
        nn.Conv1d,
        nn.Conv2d,
        nn.Conv3d,
        nn.ConvTranspose1d,
        nn.ConvTranspose2d,
        nn.ConvTranspose3d,
    ),
    "activation": (
        layers.Activation,
        layers.ReLU,
        layers.LeakyReLU,
        layers.PReLU,
        layers.ELU,
        layers.Softmax,
        nn.ReLU,
        nn.ReLU6,
        nn.LeakyReLU,
        nn.PReLU,
        nn.ELU,
        nn.SELU,
        nn.GELU,
        nn.SiLU,
        nn.Mish,
        nn.Tanh,
        nn.Sigmoid,
        nn.Softplus,
        nn.Softmax,
        nn.LogSoftmax,
        nn.Hardtanh,
        nn.Hardswish,
        nn.Hardsigmoid,
    ),
    "shape": (
        layers.Flatten,
        layers.Reshape,
        layers.Permute,
        layers.RepeatVector,
        layers.Identity,
        layers.InputLayer,
        layers.ActivityRegularization,
        layers.ZeroPadding1D,
        layers.ZeroPadding2D,
        layers.ZeroPadding3D,
        layers.Cropping1D,
        layers.Cropping2D,
        layers.Cropping3D,
        layers.UpSampling1D,
        layers.UpSampling2D,
        layers.UpSampling3D,
        nn.Flatten,
        nn.Unflatten,
        nn.Identity,
    ),
    "dropout": (
        layers.Dropout,
        layers.SpatialDropout1D,
        layers.SpatialDropout2D,
        layers.SpatialDropout3D,
        layers.AlphaDropout,
        layers.GaussianDropout,
        layers.GaussianNoise,
        nn.Dropout,
        nn.Dropout1d,
        nn.Dropout2d,
        nn.Dropout3d,
    ),
    "scale": (
        layers.BatchNormalization,
        layers.Normalization,
        layers.MinMaxScaling,
        nn.BatchNorm1d,
        nn.BatchNorm2d,
        nn.BatchNorm3d,
    ),
    "linear": (
        layers.Rescaling,
        layers.AveragePooling1D,
        layers.AveragePooling2D,
        layers.AveragePooling3D,
        layers.GlobalAveragePooling1D,
        layers.GlobalAveragePooling2D,
        layers.GlobalAveragePooling3D,
        nn.AvgPool1d,
        nn.AvgPool2d,
        nn.AdaptiveAvgPool2d,
    ),
    "merge": (layers.Add, layers.Subtract, layers.Average, layers.Concatenate),
    "pool": (
        layers.MaxPooling1D,
        layers.MaxPooling2D,
        layers.MaxPooling3D,
        layers.GlobalMaxPooling1D,
        layers.GlobalMaxPooling2D,
        layers.GlobalMaxPooling3D,
        nn.MaxPool1d,
        nn.MaxPool2d,
    ),
    "ids": (
        layers.Embedding,
        layers.CategoryEncoding,
        layers.IntegerLookup,
        layers.Hashing,
        layers.HashedCrossing,
        layers.Discretization,
        nn.Embedding,
    ),
    "augment": (Augmentation, layers.Resizing, layers.CenterCrop),
}
# Layers that have statistics of their own bring values near 1, but they also bend: not linear.
BENDING_SCALES = (
    layers.LayerNormalization,
    layers.GroupNormalization,
    layers.RMSNormalization,
    layers.UnitNormalization,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.InstanceNorm2d,
)
BATCH_NORMS = (
    layers.BatchNormalization,
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
)

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
    inner = unwrapped(module)
    for kind, types in LAYERS.items():
        if isinstance(inner, types):
            return kind
    return "scale" if isinstance(inner, BENDING_SCALES) else "opaque"


def unwrapped(module: nn.Module) -> nn.Module:
    """The layer inside a wrapper that changes nothing about what it computes with."""
    if isinstance(module, layers.Wrapper):
        return unwrapped(module.layer)
    if isinstance(module, layers.TorchModuleWrapper):
        return unwrapped(module.module)
    return module


def is_bending(module: nn.Module | None) -> bool:
    """Whether a scaling layer is no linear map."""
    return module is not None and isinstance(unwrapped(module), BENDING_SCALES)


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
