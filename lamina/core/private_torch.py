"""The only file that uses unstable torch names; each is wrapped in a function of ours.

Tested on torch 2.13.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode

PLAIN_TORCH_FUNCTION = torch._C._disabled_torch_function_impl
"""What a tensor subclass sets as `__torch_function__` to behave like any tensor in functions."""


class RecordingMode(TorchDispatchMode):
    """Base of a context in which every kernel call passes through `__torch_dispatch__`."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: torch would import its compiler for that, which takes a second."""
        return False


InferenceGuard = torch._C._InferenceMode
"""`torch.inference_mode` without its Python layer: 0.5 instead of 1.8 us to enter and leave."""


def nn_function(name: str) -> Callable[..., Any]:
    """An activation's own binding in torch, without the Python function around it."""
    return getattr(torch._C._nn, name)


def torch_function(name: str) -> Callable[..., Any]:
    """A kernel's own binding in torch, also where its name begins with an underscore."""
    return getattr(torch, name)


def fused_adam(
    weight: Tensor,
    gradient: Tensor,
    momentum: Tensor,
    velocity: Tensor,
    peak: Tensor | None,
    never: Tensor,
    step_size: Tensor,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """One pass over memory for Adam's update, in place.

    Bias correction is left to `step_size`: torch's own is switched off by `never`, a float32
    scalar so large that beta**never is 0.
    """
    torch._fused_adam_(
        [weight],
        [gradient],
        [momentum],
        [velocity],
        [] if peak is None else [peak],
        [never],
        lr=step_size,
        beta1=beta_1,
        beta2=beta_2,
        weight_decay=0.0,
        eps=epsilon,
        amsgrad=peak is not None,
        maximize=False,
    )


def storage_key(tensor: Tensor) -> int:
    """A number that two tensors share exactly when they share memory."""
    return tensor.untyped_storage()._cdata


def reserved_storage_key(tensor: Tensor) -> Any:
    """What keeps the `storage_key` of a tensor from being given again, without its memory."""
    return StorageWeakRef(tensor.untyped_storage())


def function_names(function: Callable[..., Any]) -> str:
    """The public dotted name of a torch function or method, for summaries."""
    return torch.overrides.resolve_name(function) or getattr(function, "__name__", "function")


@cache
def cpp_compiler() -> str | None:
    """Command of the C++ compiler that torch's compiler would call, `None` without one."""
    from torch._inductor import cpp_builder, exc  # noqa: PLC0415

    try:
        return cpp_builder.get_cpp_compiler()
    except exc.InvalidCxxCompiler:
        return None


@cache
def has_triton() -> bool:
    """Whether torch's compiler can make kernels for the GPU."""
    from torch.utils._triton import has_triton as found  # noqa: PLC0415

    return found()


def functional_graph(
    function: Callable[..., list[Tensor]], examples: list[Tensor]
) -> tuple[torch.fx.GraphModule, list[Tensor]]:
    """Traces `function(*examples)` without computing.

    Returns:
        A graph of basic operations without changes in place, except for copies
        into its inputs at the end; and inputs without memory, for `compile_graph`.
    """
    from torch._inductor.decomposition import select_decomp_table  # noqa: PLC0415
    from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: PLC0415
    from torch.fx.experimental.proxy_tensor import make_fx  # noqa: PLC0415

    with FakeTensorMode(), torch.no_grad():
        fakes = [
            torch.empty_strided(e.shape, e.stride(), dtype=e.dtype, device=e.device)
            for e in examples
        ]
        pure = torch.func.functionalize(function, remove="mutations")
        graph = make_fx(pure, decomposition_table=select_decomp_table())(*fakes)
    return graph, fakes


def compile_graph(
    graph: torch.fx.GraphModule, examples: list[Tensor], cpp_text: str | None
) -> Callable[[list[Tensor]], list[Tensor]]:
    """Hands a graph from `functional_graph` to Inductor and returns what runs it, unguarded.

    Args:
        graph: What to run.
        examples: The inputs without memory.
        cpp_text: For the CPU: C++ put before the generated code, which is then C++ from the first
            kernel to the last. `None` for other devices.
    """
    from torch._inductor import compile_fx, config  # noqa: PLC0415

    settings: dict[str, Any] = {"size_asserts": False, "nan_asserts": False}
    if cpp_text is not None:
        # Inductor pastes these declarations, meant for C interfaces of custom operations, into an
        # `extern "C"` block at the top of its C++; the key is not looked at.
        opened = f'void lamina_begin(); }}\n{cpp_text}\nextern "C" {{ void lamina_end()'
        settings["aot_inductor.custom_ops_to_c_shims"] = {torch.ops.aten.mm.default: [opened]}
    with config.patch(settings), torch.no_grad():
        made: Any = compile_fx.compile_fx_inner(graph, examples, cpp_wrapper=cpp_text is not None)
    return made.current_callable or made


def copy_all(targets: list[Tensor], sources: list[Tensor]) -> None:
    """Copies each source into its target, with as few kernels as torch can."""
    torch._foreach_copy_(targets, sources, non_blocking=True)


def register_generator(graph: torch.cuda.CUDAGraph, generator: torch.Generator) -> None:
    """Lets a CUDA graph draw from this generator; a new seed before a launch then takes effect.

    Later versions of torch register generators by themselves while capturing.
    """
    if hasattr(graph, "register_generator_state"):
        graph.register_generator_state(generator)
