"""TorchModuleWrapper: any torch module under the name that Keras gives it."""

from typing import Any

from torch import nn

from lamina.core import checks
from lamina.layers.base import Layer


class TorchModuleWrapper(Layer):
    """Runs a torch module as a layer.

    Modules can also be called on symbolic tensors, and put into models, as they are; the wrapper
    adds a name, a dtype policy and the methods of a layer.

    Args:
        module: The module. Its parameters and buffers are the weights of the layer, and it
            follows the layer's mode, so it starts in evaluation.
        name: Name in summaries and messages. Chosen automatically when `None`.
        output_shape: Accepted for Keras's sake; the module is run to find its shape.
        **kwargs: `dtype`, `trainable`.

    Shape:
        input: as the module takes it; torch's image layers want their channels second
        output: as the module returns it

    Raises:
        ArgumentError: `module` is no module.

    Example:
        >>> TorchModuleWrapper(torch.nn.Linear(5, 3))(torch.zeros(2, 5)).shape
        torch.Size([2, 3])
    """

    def __init__(
        self, module: nn.Module, name: str | None = None, output_shape: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        if not isinstance(module, nn.Module):
            raise checks.refuse(
                self,
                "module",
                module,
                expected="'module' as a torch.nn.Module, not a class or a function.",
                fix="pass for example torch.nn.Linear(8, 4).",
            )
        self.module = module.train(self.training)
        self.given_output_shape = output_shape

    def call(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)
