"""The fastest way to call each kernel, and how to give it the memory for its result.

torch's own bindings (`torch.mm`) cost 1 to 4 us less a call than the operator objects that a
recording holds, the more arguments the more. Only operations whose `out=` form is computed by the
kernel itself are listed with one; the others' `out=` would compute elsewhere and copy.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lamina.core.private_torch import nn_function, torch_function
from lamina.step.recording import Call

_aten = torch.ops.aten

# Operation: the binding, and the keyword(s) its result is written through.
_WITH_OUT: dict[str, tuple[Callable[..., Any], str]] = {
    f"aten.{name}.{overload}": (getattr(torch, name), "out")
    for name, overload in (
        ("mm", "default"),
        ("addmm", "default"),
        ("bmm", "default"),
        ("baddbmm", "default"),
        ("mv", "default"),
        ("dot", "default"),
        ("add", "Tensor"),
        ("sub", "Tensor"),
        ("mul", "Tensor"),
        ("div", "Tensor"),
        ("neg", "default"),
        ("exp", "default"),
        ("log", "default"),
        ("log1p", "default"),
        ("expm1", "default"),
        ("sqrt", "default"),
        ("rsqrt", "default"),
        ("reciprocal", "default"),
        ("abs", "default"),
        ("sign", "default"),
        ("sin", "default"),
        ("cos", "default"),
        ("erf", "default"),
        ("floor", "default"),
        ("ceil", "default"),
        ("round", "default"),
        ("sigmoid", "default"),
        ("tanh", "default"),
        ("pow", "Tensor_Scalar"),
        ("pow", "Tensor_Tensor"),
        ("maximum", "default"),
        ("minimum", "default"),
        ("clamp", "default"),
        ("clamp", "Tensor"),
        ("clamp_min", "default"),
        ("clamp_max", "default"),
        ("where", "self"),
        ("eq", "Tensor"),
        ("eq", "Scalar"),
        ("ne", "Tensor"),
        ("ne", "Scalar"),
        ("lt", "Tensor"),
        ("lt", "Scalar"),
        ("le", "Tensor"),
        ("le", "Scalar"),
        ("gt", "Tensor"),
        ("gt", "Scalar"),
        ("ge", "Tensor"),
        ("ge", "Scalar"),
        ("logical_not", "default"),
        ("bitwise_and", "Tensor"),
        ("bitwise_or", "Tensor"),
        ("sum", "dim_IntList"),
        ("mean", "dim"),
        ("amax", "default"),
        ("amin", "default"),
        ("argmax", "default"),
        ("gather", "default"),
        ("index_select", "default"),
        ("cat", "default"),
        ("lerp", "Scalar"),
        ("addcmul", "default"),
        ("addcdiv", "default"),
    )
}
_WITH_OUT |= {
    "aten.silu.default": (nn_function("silu"), "out"),
    "aten.silu_backward.default": (_aten.silu_backward.grad_input._op, "grad_input"),
    "aten.sigmoid_backward.default": (_aten.sigmoid_backward.grad_input._op, "grad_input"),
    "aten.tanh_backward.default": (_aten.tanh_backward.grad_input._op, "grad_input"),
    "aten.threshold_backward.default": (_aten.threshold_backward.grad_input._op, "grad_input"),
    "aten.gelu.default": (nn_function("gelu"), "out"),
    "aten.gelu_backward.default": (_aten.gelu_backward.grad_input._op, "grad_input"),
    "aten.elu.default": (nn_function("elu"), "out"),
    "aten.elu_backward.default": (_aten.elu_backward.grad_input._op, "grad_input"),
    "aten.leaky_relu.default": (nn_function("leaky_relu"), "out"),
    "aten.leaky_relu_backward.default": (_aten.leaky_relu_backward.grad_input._op, "grad_input"),
    "aten.softplus.default": (nn_function("softplus"), "out"),
    "aten.softplus_backward.default": (_aten.softplus_backward.grad_input._op, "grad_input"),
    "aten._softmax.default": (torch_function("_softmax"), "out"),
    "aten._log_softmax.default": (torch_function("_log_softmax"), "out"),
    "aten._softmax_backward_data.default": (
        _aten._softmax_backward_data.out._op,
        "grad_input",
    ),
    "aten._log_softmax_backward_data.default": (
        torch_function("_log_softmax_backward_data"),
        "out",
    ),
    "aten.mse_loss_backward.default": (_aten.mse_loss_backward.grad_input._op, "grad_input"),
    "aten.nll_loss_backward.default": (_aten.nll_loss_backward.grad_input._op, "grad_input"),
    "aten.max_pool2d_with_indices_backward.default": (
        _aten.max_pool2d_with_indices_backward.grad_input._op,
        "grad_input",
    ),
    "aten.avg_pool2d.default": (nn_function("avg_pool2d"), "out"),
    "aten.avg_pool2d_backward.default": (_aten.avg_pool2d_backward.grad_input._op, "grad_input"),
}

# Copies with or without a change of dtype: the target's own copy_ does it.
_COPIES = {"aten.clone.default", "aten._to_copy.default"}

_RELU = "aten.relu.default"

_BOUND: dict[str, Callable[..., Any]] = {
    "aten.add_.Tensor": Tensor.add_,
    "aten.sub_.Tensor": Tensor.sub_,
    "aten.mul_.Tensor": Tensor.mul_,
    "aten.div_.Tensor": Tensor.div_,
    "aten.copy_.default": Tensor.copy_,
    "aten.zero_.default": Tensor.zero_,
    "aten.fill_.Scalar": Tensor.fill_,
    "aten.addcmul_.default": Tensor.addcmul_,
    "aten.addcdiv_.default": Tensor.addcdiv_,
    "aten.lerp_.Scalar": Tensor.lerp_,
    "aten.clamp_.default": Tensor.clamp_,
    "aten.sqrt_.default": Tensor.sqrt_,
    "aten.neg_.default": Tensor.neg_,
    "aten.t.default": Tensor.t,
    "aten.view.default": Tensor.view,
    "aten.transpose.int": Tensor.transpose,
    "aten.unsqueeze.default": Tensor.unsqueeze,
    "aten.squeeze.dim": Tensor.squeeze,
    "aten.permute.default": Tensor.permute,
    "aten.expand.default": Tensor.expand,
    "aten.relu.default": torch.relu,
    "aten.convolution.default": torch.convolution,
    "aten.native_batch_norm.default": torch.native_batch_norm,
    "aten.any.default": torch.any,
    "aten.sum.default": torch.sum,
    "aten.mean.default": torch.mean,
    "aten.bernoulli_.float": Tensor.bernoulli_,
    "aten.mul_.Scalar": Tensor.mul_,
    "aten.div_.Scalar": Tensor.div_,
}
_BOUND |= {
    f"aten.{name}.{overload}": torch_function(name)
    for name, overload in (
        ("_fused_adam_", "tensor_lr"),
        ("all", "default"),
        ("binary_cross_entropy_with_logits", "default"),
        ("bitwise_and", "Scalar"),
        ("bitwise_not", "default"),
        ("constant_pad_nd", "default"),
        ("div", "Scalar"),
        ("embedding", "default"),
        ("flip", "default"),
        ("isnan", "default"),
        ("lerp", "Tensor"),
        ("logit", "default"),
        ("mul", "Scalar"),
        ("native_group_norm", "default"),
        ("native_layer_norm", "default"),
        ("rsub", "Scalar"),
        ("select", "int"),
        ("sgn", "default"),
        ("stack", "default"),
        ("unbind", "int"),
    )
}
_BOUND |= {
    f"aten.{name}.default": nn_function(name)
    for name in ("max_pool2d_with_indices", "mse_loss", "upsample_bilinear2d")
}


def has_out_form(call: Call) -> bool:
    """Whether the kernel can write its one result into memory that it is given."""
    if len(call.results) != 1 or call.results[0] is None:
        return False
    if call.name in _COPIES:
        return "device" not in call.kwargs
    if call.name == _RELU:
        return True
    return call.name in _WITH_OUT and "dtype" not in call.kwargs


_NOT_ELEMENTWISE = {
    "mm", "addmm", "bmm", "baddbmm", "mv", "dot", "sum", "mean", "amax", "amin", "argmax",
    "gather", "index_select", "cat", "_softmax", "_log_softmax", "_softmax_backward_data",
    "_log_softmax_backward_data", "nll_loss_backward", "max_pool2d_with_indices_backward",
    "avg_pool2d", "avg_pool2d_backward", "mse_loss_backward",
}  # fmt: skip


def is_elementwise(call: Call) -> bool:
    """Whether each element of the result depends on the same element of its arguments only."""
    name = call.name.split(".")[1]
    return name not in _NOT_ELEMENTWISE and call.name not in _COPIES and has_out_form(call)


def is_copy(call: Call) -> bool:
    """Whether the call only copies, perhaps into another dtype."""
    return call.name in _COPIES


def out_form(call: Call) -> tuple[Callable[..., Any], str]:
    """The binding that takes memory for the result, and the keyword it takes it by."""
    if call.name == _RELU:
        return _relu_into, "out"
    return _WITH_OUT[call.name]


def _relu_into(x: Tensor, *, out: Tensor) -> Tensor:
    """What torch's relu does inside; relu itself has no form that writes into given memory."""
    return torch.clamp_min(x, 0, out=out)


def positional(call: Call) -> list[Any]:
    """The arguments to give by position: for losses also those that the recording leaves out.

    The operation's own `reduction` is the mean where nothing is said, its binding's is none.
    """
    left_out = [
        argument
        for argument in call.operation._schema.arguments[len(call.args) :]
        if not argument.kwarg_only and argument.name not in call.kwargs
    ]
    if not any(argument.name == "reduction" for argument in left_out):
        return list(call.args)
    return [*call.args, *(argument.default_value for argument in left_out)]


def binding(call: Call) -> Callable[..., Any]:
    """The fastest callable that takes the arguments as recorded and returns new results."""
    if call.name in _BOUND:
        return _BOUND[call.name]
    known: Any
    known, keyword = _WITH_OUT.get(call.name, (None, ""))
    if keyword == "out" and getattr(known, "__name__", "") == call.name.split(".")[1]:
        return known
    return call.operation._op
