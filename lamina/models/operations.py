"""The torch functions that may stand in the graph of a saved model: a closed table of names.

None of them reads a file, runs code or draws random numbers, and none changes its arguments.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_ELEMENTWISE = """
    abs absolute acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_not bitwise_or
    bitwise_xor ceil clamp clamp_max clamp_min clip copysign cos cosh deg2rad div divide eq erf
    erfc exp exp2 expm1 floor floor_divide fmax fmin fmod frac ge greater greater_equal gt hypot
    isfinite isinf isnan ldexp le less less_equal lerp log log10 log1p log2 logaddexp
    logical_and logical_not logical_or logical_xor logit lt maximum minimum mul multiply
    nan_to_num ne neg negative not_equal positive pow rad2deg reciprocal relu remainder round
    rsqrt sigmoid sign sin sinc sinh sqrt square sub subtract tan tanh true_divide trunc where
    xlogy
"""
_REDUCTIONS = """
    all amax amin any argmax argmin count_nonzero cummax cummin cumprod cumsum logcumsumexp
    logsumexp max mean median min nanmean nansum norm prod std sum topk var
"""
_SHAPES = """
    argsort broadcast_to chunk diagonal diff flatten flip fliplr flipud gather index_select
    masked_fill moveaxis movedim narrow permute ravel reshape roll rot90 select sort split
    squeeze swapaxes swapdims t take_along_dim tile transpose tril triu unbind unflatten
    unsqueeze
"""
_PRODUCTS = "baddbmm bmm dot inner matmul mm mv outer"
_OTHER = "clone cross detach log_softmax softmax"

_BOTH = " ".join([_ELEMENTWISE, _REDUCTIONS, _SHAPES, _PRODUCTS, _OTHER])
_FUNCTIONS = """
    addmm broadcast_tensors cat cdist column_stack concat concatenate cosine_similarity einsum
    hstack dstack meshgrid ones_like stack std_mean tensordot var_mean vstack zeros_like rsub
"""
_METHODS = """
    __abs__ __add__ __and__ __eq__ __floordiv__ __ge__ __getitem__ __gt__ __invert__ __le__
    __lt__ __matmul__ __mod__ __mul__ __ne__ __neg__ __or__ __pow__ __radd__ __rand__
    __rfloordiv__ __rmatmul__ __rmod__ __rmul__ __ror__ __rpow__ __rsub__ __rtruediv__ __rxor__
    __sub__ __truediv__ __xor__ bfloat16 bool contiguous double expand expand_as float half int
    long new_ones new_zeros repeat reshape_as short to type_as unfold view view_as
"""
_PROPERTIES = "H T mH mT real"
_NEURAL = """
    adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d
    adaptive_max_pool2d adaptive_max_pool3d avg_pool1d avg_pool2d avg_pool3d bilinear celu
    conv1d conv2d conv3d cosine_similarity elu embedding fold gelu glu group_norm hardshrink
    hardsigmoid hardswish hardtanh instance_norm interpolate layer_norm leaky_relu linear
    log_softmax logsigmoid max_pool1d max_pool2d max_pool3d mish normalize one_hot pad
    pairwise_distance pixel_shuffle pixel_unshuffle prelu relu relu6 rms_norm selu sigmoid silu
    softmax softmin softplus softshrink softsign tanh tanhshrink threshold unfold
"""


def _under(prefix: str, owner: Any, names: str) -> dict[str, Callable[..., Any]]:
    """The functions of these names that this version of torch has."""
    return {f"{prefix}.{n}": getattr(owner, n) for n in names.split() if hasattr(owner, n)}


OPERATIONS: dict[str, Callable[..., Any]] = {
    **_under("torch", torch, _BOTH + _FUNCTIONS),
    **_under("torch.Tensor", Tensor, _BOTH + _METHODS),
    **_under("torch.nn.functional", F, _NEURAL),
    "torch.linalg.norm": torch.linalg.norm,
    "torch.linalg.vector_norm": torch.linalg.vector_norm,
    **{
        f"torch.Tensor.{name}.__get__": getattr(Tensor, name).__get__
        for name in _PROPERTIES.split()
    },
}
_NAMES: dict[Any, str] = {}
for _name, _function in OPERATIONS.items():
    _NAMES.setdefault(_function, _name)


def name_of(operation: Any) -> str | None:
    """The name of a function of the table, or `None`."""
    try:
        return _NAMES.get(operation)
    except TypeError:  # an object that cannot be a key cannot be in the table
        return None
