"""Notices when the weights of a module move in memory, so that captures of them are made anew."""

from collections.abc import Mapping

from torch import Tensor, nn


class Whereabouts:
    """Where the weights and the state of a module lay when this was made.

    Args:
        module: Any torch module.
    """

    def __init__(self, module: nn.Module) -> None:
        self._places: list[tuple[Mapping[str, Tensor | None], str, Tensor, int]] = [
            (store, key, tensor, tensor.data_ptr())
            for part in module.modules()
            for store in (part._parameters, part._buffers)
            for key, tensor in store.items()
            if tensor is not None
        ]

    def still_hold(self) -> bool:
        """Whether all are the same tensors in the same memory."""
        return all(
            store.get(key) is tensor and tensor.data_ptr() == place
            for store, key, tensor, place in self._places
        )
