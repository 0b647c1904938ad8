"""Wrapper: a layer around another layer; SpectralNormalization, the first of them."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, configured
from lamina.core.errors import ArgumentError
from lamina.layers.base import Layer, Shape


class Wrapper(Layer):
    """Passes its input through the layer it was given; the base for layers around a layer.

    Args:
        layer: The layer inside.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ArgumentError: `layer` is not a layer.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise checks.refuse(
                self,
                "layer",
                layer,
                expected="'layer' as a layer of this library.",
                fix="pass for example Dense(8), or TorchModuleWrapper(module).",
            )
        self.layer = layer

    def build(self, input_shape: Shape) -> None:
        if not self.layer.is_built:
            self.layer.build(input_shape)
            self.layer.given_shapes, self.layer.is_built = input_shape, True

    def call(self, x: Any) -> Any:
        return self.layer(x)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Wrapper":
        """A new, unbuilt wrapper around a new, unbuilt layer."""
        layer = config["layer"]
        if not isinstance(layer, Layer):
            table = {kind.__name__: kind for kind in _kinds(Layer)}
            layer = configured.make("a layer", layer, table)
        return cls(**{**config, "layer": layer})


def _kinds(kind: type[Layer]) -> Iterator[type[Layer]]:
    for heir in kind.__subclasses__():
        yield heir
        yield from _kinds(heir)


class SpectralNormalization(Wrapper):
    """Divides the kernel of the layer inside by its largest singular value at every training step.

    The layer then stretches no input by more than its length, which steadies the critic of a
    generative adversarial network. The singular value is found by power iteration, and the kernel
    is overwritten before it is used; no gradient flows through the division.

    Args:
        layer: A layer with a `kernel` or `embeddings`.
        power_iterations: Number of iterations a step.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: as the layer inside takes it
        output: that of the layer inside
        vector_u: (1, last axis of the kernel), starts truncated normal, not trained

    Raises:
        ArgumentError: An argument has no possible value, or the layer inside has no kernel.

    Reference:
        Miyato et al., "Spectral Normalization for Generative Adversarial Networks", ICLR 2018.

    Example:
        >>> SpectralNormalization(Dense(3))(torch.zeros(2, 5)).shape
        torch.Size([2, 3])
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = checks.positive_int(self, "power_iterations", power_iterations)

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        kernel = self._kernel()
        if kernel is None:
            raise ArgumentError(
                f"{self.name} received {self.layer.name!r}, which has no kernel.",
                expected="a layer with a 'kernel' or 'embeddings', such as Dense or Conv2D.",
                fix="wrap the layer that holds the weights.",
            )
        self.vector_u = self.add_weight(
            name="vector_u",
            shape=(1, kernel.shape[-1]),
            initializer={"class_name": "TruncatedNormal", "config": {"stddev": 0.02}},
            trainable=False,
        )

    @property
    def weights(self) -> list[Tensor]:
        """All weights in Keras's order: the kernel, `vector_u`, then the others."""
        every = super().weights
        if not self.is_built:
            return every
        first = [self._kernel(), self.vector_u]
        return first + [weight for weight in every if all(weight is not one for one in first)]

    variables = weights

    def _kernel(self) -> Any:
        """The kernel of the layer inside; `None` where it has none, which `build` refuses."""
        return getattr(self.layer, "kernel", getattr(self.layer, "embeddings", None))

    def call(self, x: Tensor) -> Tensor:
        if self.training:
            self._normalize(self._kernel())
        return self.layer(x).to(x.dtype)

    @torch.no_grad()
    def _normalize(self, kernel: Tensor) -> None:
        """Power iteration: u and v approach the singular vectors of the largest value."""
        matrix = kernel.reshape(-1, kernel.shape[-1])
        u: Tensor = self.vector_u
        for _ in range(self.power_iterations):
            v = _to_unit_length(u @ matrix.T)
            u = _to_unit_length(v @ matrix)
        largest = (v @ matrix @ u.T).reshape(())
        is_empty = (kernel == 0).all()
        self.vector_u.copy_(torch.where(is_empty, self.vector_u, u))
        kernel.copy_(torch.where(is_empty, kernel, kernel / largest))


def _to_unit_length(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().sum()).clamp(max=1e7)
