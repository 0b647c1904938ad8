"""Functions, torch modules and layers inside layers."""

import pytest
import torch
from torch import nn

from lamina import layers


def doubled(x: torch.Tensor, factor: float = 2.0, training: bool = False) -> torch.Tensor:
    return -x if training else factor * x


def test_lambda_applies_its_function_with_its_arguments():
    layer = layers.Lambda(doubled, arguments={"factor": 3.0})
    assert torch.equal(layer(torch.ones(2)), torch.full((2,), 3.0))


def test_lambda_passes_training_on_to_functions_that_ask_for_it():
    assert torch.equal(layers.Lambda(doubled)(torch.ones(2), training=True), -torch.ones(2))


@pytest.mark.parametrize("function", [torch.tanh, lambda x: x[:, :2]], ids=["torch", "slice"])
def test_lambda_works_on_symbols(function):
    layer = layers.Lambda(function)
    real = layer(torch.ones(3, 4)).shape
    assert layer(layers.Input((4,))).shape == (None, *real[1:])


def test_lambda_takes_several_inputs():
    layer = layers.Lambda(lambda pair: pair[0] + pair[1])
    assert torch.equal(layer([torch.ones(2), torch.ones(2)]), torch.full((2,), 2.0))


def test_module_computes_what_it_computes_alone():
    module, x = nn.Linear(4, 3), torch.randn(2, 4)
    torch.testing.assert_close(layers.TorchModuleWrapper(module)(x), module(x))


def test_module_lends_its_parameters_and_buffers():
    layer = layers.TorchModuleWrapper(nn.BatchNorm1d(4))
    shapes = [weight.shape for weight in layer.get_weights()]
    assert shapes == [(4,), (4,), (4,), (4,), ()]


def test_module_follows_the_mode_of_the_layer():
    layer = layers.TorchModuleWrapper(nn.Dropout(0.5))
    x = torch.ones(50, 50)
    assert torch.equal(layer(x), x)
    assert not torch.equal(layer(x, training=True), x)


def test_wrapper_passes_its_input_through_the_layer_inside():
    layer, x = layers.Wrapper(layers.Dense(3)), torch.randn(2, 4)
    torch.testing.assert_close(layer(x), layer.layer(x))


def test_wrapper_is_rebuilt_with_the_layer_inside():
    layer = layers.Wrapper(layers.Dense(3, activation="relu", name="inside"))
    again = layers.Wrapper.from_config(layer.get_config())
    assert again.layer.get_config() == layer.layer.get_config()


def test_softmax_gives_masked_scores_no_share():
    mask = torch.tensor([[True, False, True]])
    y = layers.Softmax()(torch.zeros(1, 3), mask=mask)
    assert torch.equal(y, torch.tensor([[0.5, 0.0, 0.5]]))


def test_embedding_starts_from_given_vectors():
    vectors = torch.arange(6.0).reshape(3, 2).numpy()
    layer = layers.Embedding(3, 2, weights=[vectors], input_length=4)
    assert torch.equal(layer(torch.tensor([2, 0])), torch.tensor([[4.0, 5.0], [0.0, 1.0]]))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.float32, torch.int64], ids=str)
def test_embedding_takes_ids_of_any_dtype(dtype):
    layer = layers.Embedding(3, 2)
    ids = torch.tensor([[2, 0]])
    torch.testing.assert_close(layer(ids.to(dtype)), layer(ids))


def test_functions_merge_like_their_layers():
    a, b = torch.randn(3, 4), torch.randn(3, 4)
    merged = {
        "add": a + b,
        "subtract": a - b,
        "multiply": a * b,
        "average": (a + b) / 2,
        "maximum": torch.maximum(a, b),
        "minimum": torch.minimum(a, b),
        "concatenate": torch.cat([a, b], 1),
        "dot": (a * b).sum(1, keepdim=True),
    }
    computed = {name: getattr(layers, name)([a, b]) for name in merged}
    torch.testing.assert_close(computed, merged)


def test_einsum_kernel_starts_with_the_fans_of_its_equation():
    layer = layers.EinsumDense("abc,cde->abde", (None, 40, 30))
    layer(torch.zeros(1, 2, 50))
    limit = (6 / (50 + 40 * 30)) ** 0.5
    assert layer.kernel.abs().max().item() == pytest.approx(limit, rel=0.01)
    assert layer.kernel.abs().max().item() <= limit
