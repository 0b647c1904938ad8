"""Every public layer computes what Keras's computes, and keeps the promises of a layer."""

import copy
import inspect
from typing import Any

import numpy as np
import pytest
import torch
from layer_cases import CASES, WITHOUT_CASES, Case, Nested
from preprocessing_cases import EXACT, RANDOM
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from lamina import layers

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"  # Keras's variables
)


def named(case: Case) -> str:
    words = [f"{key}={value}" for key, value in case.config.items()]
    return "-".join([case.kind, *words, "x".join(map(str, case.shapes[0]))])


every_case = pytest.mark.parametrize("case", CASES, ids=named)


def arguments(library: Any, config: dict[str, Any]) -> dict[str, Any]:
    return {
        key: getattr(library, value.kind)(**value.config) if isinstance(value, Nested) else value
        for key, value in config.items()
    }


def made(library: Any, case: Case, **more: Any) -> Any:
    return getattr(library, case.kind)(**arguments(library, case.config), **more)


def data(case: Case) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    if case.high is not None:
        return [random.integers(0, case.high, shape).astype("int32") for shape in case.shapes]
    return [random.normal(size=shape).astype("float32") for shape in case.shapes]


def tensors(case: Case, requires_grad: bool = True) -> Any:
    made = [torch.tensor(x) for x in data(case)]
    made = [x.requires_grad_(requires_grad and x.is_floating_point()) for x in made]
    return made[0] if len(made) == 1 else made


def shuffled(weights: list[np.ndarray]) -> list[np.ndarray]:
    """Values that no initializer would give, positive so that they can be variances."""
    random = np.random.default_rng(1)
    return [random.uniform(0.1, 1.0, weight.shape).astype(weight.dtype) for weight in weights]


def upstream(shape: Any) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(2).normal(size=tuple(shape)).astype("float32"))


def as_list(inputs: Any) -> list[torch.Tensor]:
    return inputs if isinstance(inputs, list) else [inputs]


def both(keras: Any, case: Case) -> tuple[Any, Any, Any, Any]:
    """Our layer and Keras's with the same weights, and an input for each."""
    ours, theirs = made(layers, case), made(keras.layers, case)
    x, x_keras = tensors(case), tensors(case)
    ours(x)
    theirs(x_keras)
    weights = shuffled(theirs.get_weights())
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs, x, x_keras


def test_every_public_layer_has_a_case():
    classes = {name for name in layers.__all__ if inspect.isclass(getattr(layers, name))}
    covered = {getattr(layers, case.kind) for case in [*CASES, *EXACT, *RANDOM]}
    missing = {name for name in classes if getattr(layers, name) not in covered}
    assert missing == set(WITHOUT_CASES)


@every_case
def test_output_equals_that_of_keras(keras, case):
    ours, theirs, x, x_keras = both(keras, case)
    torch.testing.assert_close(ours(x), theirs(x_keras), rtol=1e-5, atol=1e-5)


@every_case
def test_gradients_equal_those_of_keras(keras, case):
    ours, theirs, x, x_keras = both(keras, case)
    results = []
    for layer, inputs in ((ours, x), (theirs, x_keras)):
        sources = [getattr(w, "value", w) for w in layer.trainable_weights]
        sources += [leaf for leaf in as_list(inputs) if leaf.requires_grad]
        y = layer(inputs)
        results.append(torch.autograd.grad(y, sources, upstream(y.shape)))
    torch.testing.assert_close(*results, rtol=1e-4, atol=1e-5)


@every_case
def test_symbolic_shape_is_that_of_the_result_and_of_keras(keras, case):
    real = made(layers, case)(tensors(case)).shape
    symbols = [
        layers.Input(shape[1:], dtype="float32" if case.high is None else "int32")
        for shape in case.shapes
    ]
    layer = made(layers, case)
    symbolic = layer(symbols[0] if len(symbols) == 1 else symbols)
    theirs = made(keras.layers, case)
    assert symbolic.shape == (None, *real[1:])
    assert tuple(theirs(tensors(case)).shape) == tuple(real)


@every_case
def test_weights_start_with_the_shapes_and_order_of_keras(keras, case):
    ours, theirs = made(layers, case), made(keras.layers, case)
    ours(tensors(case))
    theirs(tensors(case))
    names = [weight.path.split("/")[-1] for weight in ours.weights]
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    assert names == [weight.name for weight in theirs.weights]
    assert ours.count_params() == theirs.count_params()


def nested_shapes(library: Any) -> list[tuple[int, ...]]:
    class Block(library.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.first = library.BatchNormalization()
            self.middle = library.Dense(3)
            self.last = library.BatchNormalization()

        def call(self, x: Any) -> Any:
            return self.last(self.middle(self.first(x)))

    block = Block()
    block(torch.zeros(2, 4))
    return [weight.shape for weight in block.get_weights()]


def test_weights_of_nested_layers_follow_each_other_layer_by_layer(keras):
    assert nested_shapes(layers) == nested_shapes(keras.layers)


@every_case
def test_losses_equal_those_of_keras(keras, case):
    ours, theirs, x, x_keras = both(keras, case)
    ours(x)
    theirs(x_keras)
    mine = sum((loss.detach() for loss in ours.losses), torch.tensor(0.0))
    keras_own = sum((loss.detach() for loss in theirs.losses), torch.tensor(0.0))
    torch.testing.assert_close(mine, keras_own)


@every_case
def test_configuration_rebuilds_an_equal_layer(case):
    layer = made(layers, case)
    y = layer(tensors(case))
    again = type(layer).from_config(layer.get_config())
    again(tensors(case))
    again.set_weights(layer.get_weights())
    assert again.get_config() == layer.get_config()
    torch.testing.assert_close(again(tensors(case)), y, rtol=0, atol=0)


@every_case
def test_state_dict_round_trip_is_exact(case):
    layer, other = made(layers, case), made(layers, case)
    y = layer(tensors(case))
    other(tensors(case))
    other.load_state_dict(layer.state_dict())
    torch.testing.assert_close(other(tensors(case)), y, rtol=0, atol=0)


@every_case
def test_gradient_reaches_every_weight(case):
    layer = made(layers, case)
    layer(tensors(case))
    layer.set_weights(shuffled(layer.get_weights()))
    weights = layer.trainable_weights
    y = layer(tensors(case))
    gradients = torch.autograd.grad(y, weights, upstream(y.shape)) if weights else []
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


@every_case
@pytest.mark.parametrize("training", [False, True])
def test_input_is_left_unchanged(case, training):
    x = tensors(case, requires_grad=False)
    made(layers, case)(x, training=training)
    for given, before in zip(as_list(x), data(case), strict=True):
        np.testing.assert_array_equal(given.numpy(), before)


@every_case
@pytest.mark.parametrize("policy", ["bfloat16", "mixed_bfloat16"])
def test_bfloat16_comes_near_float32(case, policy):
    layer, half = made(layers, case), made(layers, case, dtype=policy)
    y = layer(tensors(case))
    half(tensors(case))
    half.set_weights(layer.get_weights())
    assert half(tensors(case)).dtype == torch.bfloat16
    torch.testing.assert_close(half(tensors(case)).float(), y, rtol=0.1, atol=0.1)


@every_case
def test_float64_is_computed_in_float64(case):
    layer = made(layers, case, dtype="float64")
    assert layer(tensors(case)).dtype == torch.float64


class HostReads(TorchDispatchMode):
    """Counts the calls that read a tensor's value, which a captured step cannot replay."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        reads = (torch.ops.aten._local_scalar_dense, torch.ops.aten.nonzero)
        self.count += function.overloadpacket in reads
        return function(*args, **(kwargs or {}))


@every_case
def test_no_value_is_read_while_training(case):
    layer, x = made(layers, case), tensors(case)
    layer(x, training=True)
    sources = layer.trainable_weights + [leaf for leaf in as_list(x) if leaf.requires_grad]
    with HostReads() as reads:
        y = layer(x, training=True)
        torch.autograd.grad(y.sum(), sources)
    assert reads.count == 0


@every_case
def test_a_batch_of_none_gives_none(case):
    layer = made(layers, case)
    full = layer(tensors(case))
    empty = [x[:0] for x in as_list(tensors(case))]
    assert layer(empty[0] if len(empty) == 1 else empty).shape == (0, *full.shape[1:])


@every_case
def test_a_copy_computes_the_same(case):
    layer = made(layers, case)
    with torch.no_grad():
        y = layer(tensors(case))
    torch.testing.assert_close(copy.deepcopy(layer)(tensors(case)), y, rtol=0, atol=0)


@pytest.mark.parametrize("shape", [(4, 6), (2, 7, 4), (2, 7, 6, 4)], ids=str)
@pytest.mark.parametrize("axis", [1, -1])
def test_batch_normalization_trains_like_keras(keras, shape, axis):
    case = Case("BatchNormalization", {"axis": axis, "momentum": 0.7}, (shape,))
    ours, theirs, x, x_keras = both(keras, case)
    y, y_keras = ours(x, training=True), theirs(x_keras, training=True)
    gradients = torch.autograd.grad(y, [x, ours.gamma, ours.beta], upstream(shape))
    keras_weights = [theirs.gamma.value, theirs.beta.value]
    keras_gradients = torch.autograd.grad(y_keras, [x_keras, *keras_weights], upstream(shape))
    torch.testing.assert_close(y, y_keras, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(gradients, keras_gradients, rtol=1e-4, atol=1e-5)
    for mine, their in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, their, rtol=1e-5, atol=1e-6)


def test_batch_normalization_that_is_not_trainable_runs_in_inference_mode(keras):
    case = Case("BatchNormalization", {"trainable": False}, ((4, 6),))
    ours, theirs, x, x_keras = both(keras, case)
    before = ours.get_weights()
    torch.testing.assert_close(ours(x, training=True), theirs(x_keras, training=True))
    for mine, old in zip(ours.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, old)


@pytest.mark.parametrize("power_iterations", [1, 3])
def test_spectral_normalization_trains_like_keras(keras, power_iterations):
    config = {"layer": Nested("Dense", {"units": 3}), "power_iterations": power_iterations}
    ours, theirs, x, x_keras = both(keras, Case("SpectralNormalization", config, ((4, 6),)))
    y, y_keras = ours(x, training=True), theirs(x_keras, training=True)
    torch.testing.assert_close(y, y_keras, rtol=1e-5, atol=1e-5)
    for mine, their in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, their, rtol=1e-5)


def test_lambda_equals_keras(keras):
    x = torch.randn(3, 4)
    theirs = keras.layers.Lambda(lambda x, a: x * a, arguments={"a": 2.5})(x)
    torch.testing.assert_close(layers.Lambda(lambda x, a: x * a, arguments={"a": 2.5})(x), theirs)


def test_module_equals_keras(keras):
    module, x = nn.Sequential(nn.Linear(4, 3), nn.Tanh()), torch.randn(2, 4)
    theirs = keras.layers.TorchModuleWrapper(copy.deepcopy(module))
    torch.testing.assert_close(layers.TorchModuleWrapper(module)(x), theirs(x))


def test_softmax_with_a_mask_equals_keras(keras):
    x, mask = torch.randn(2, 3, 4), torch.rand(2, 3, 4) > 0.3
    theirs = keras.layers.Softmax(axis=(1, 2))(x, mask=mask)
    torch.testing.assert_close(layers.Softmax(axis=(1, 2))(x, mask=mask), theirs)


NOT_OFFERED = {
    "self",
    "lora_rank",
    "lora_alpha",
    "quantization_config",
    "gptq_unpacked_column_size",
    "name",
    "dtype",
}
SAME_ORDER = sorted({case.kind for case in CASES} - {"Conv3DTranspose"})


def positional(kind: type) -> list[str]:
    parameters = inspect.signature(kind.__init__).parameters.values()
    wanted = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return [p.name for p in parameters if p.kind is wanted and p.name not in NOT_OFFERED]


@pytest.mark.parametrize("kind", SAME_ORDER)
def test_positional_arguments_begin_with_those_of_keras(keras, kind):
    wanted = positional(getattr(keras.layers, kind))
    assert positional(getattr(layers, kind))[: len(wanted)] == wanted


def test_transposed_convolution_of_volumes_has_keras_s_own_order(keras):
    wanted = positional(keras.layers.Conv3DTranspose)
    assert positional(layers.Conv3DTranspose) == wanted[:6]


@pytest.mark.parametrize("kind", sorted({case.kind for case in CASES}))
def test_defaults_are_those_of_keras(keras, kind):
    ours = inspect.signature(getattr(layers, kind).__init__).parameters
    theirs = inspect.signature(getattr(keras.layers, kind).__init__).parameters
    shared = set(ours) & set(theirs) - {"self"}
    differing = {
        name for name in shared if simple(ours[name].default) != simple(theirs[name].default)
    }
    assert differing == set()


def simple(default: Any) -> Any:
    """A default in the form that all spellings of it share: 1 for (1, 1) and ((1, 1), (1, 1))."""
    while isinstance(default, tuple) and len(set(default)) == 1:
        default = default[0]
    return default.lower() if isinstance(default, str) else default
