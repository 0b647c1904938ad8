"""Symbolic tensors record torch functions, operators, methods, indices and plain modules."""

import operator

import numpy as np
import pytest
import torch
from torch import nn

from lamina import Input
from lamina.core.errors import ShapeError, StateError
from lamina.graph import Network, is_symbol

DATA = torch.tensor([[1.0, -2.0, 3.0], [-4.0, 5.0, 6.0]])
ROW, ORDER = np.array([1.0, 2.0, 3.0]), np.array([2, 0])


def symbol(shape=(None, 3)):
    return Input(batch_shape=shape, name="x")


EXPRESSIONS = {
    "add": lambda x: x + 1,
    "radd": lambda x: 1 + x,
    "sub": lambda x: x - 2,
    "rsub": lambda x: 2 - x,
    "mul": lambda x: x * x,
    "truediv": lambda x: x / 4,
    "rtruediv": lambda x: 4 / x,
    "floordiv": lambda x: x // 2,
    "rfloordiv": lambda x: 7 // x,
    "mod": lambda x: x % 3,
    "pow": lambda x: x**2,
    "rpow": lambda x: 2**x,
    "matmul": lambda x: x @ torch.ones(3, 2),
    "rmatmul": lambda x: torch.ones(4, 2) @ x[:2],
    "neg": operator.neg,
    "abs": abs,
    "invert": lambda x: ~(x > 0),
    "and": lambda x: (x > 0) & (x < 4),
    "or": lambda x: (x < 0) | (x > 4),
    "xor": lambda x: (x < 0) ^ (x > 4),
    "le": lambda x: x <= 3,
    "ge": lambda x: x >= 3,
    "index": lambda x: x[:, 0],
    "slice": lambda x: x[:, 1:],
    "ellipsis": lambda x: x[..., None],
    "list index": lambda x: x[:, [0, 2]],
    "function": torch.relu,
    "function with keyword": lambda x: torch.softmax(x, dim=-1),
    "function of two": lambda x: torch.maximum(x, 2 * x),
    "function of a list": lambda x: torch.cat([x, x * 2], dim=1),
    "function of nn.functional": lambda x: nn.functional.gelu(x),
    "several results": lambda x: torch.split(x, [1, 2], dim=1)[1],
    "method": lambda x: x.sum(dim=1, keepdim=True),
    "chain of methods": lambda x: x.abs().sqrt().mean(-1),
    "property": lambda x: x.T,
    "tensor on the left": lambda x: torch.tensor([1.0, 2.0, 3.0]) - x,
    "einsum": lambda x: torch.einsum("bi,bj->bij", x, x),
    "where": lambda x: torch.where(x > 0, x, 0.0),
    "cast": lambda x: x.to(torch.float64),
}
every_expression = pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)


@every_expression
def test_recorded_expression_computes_what_torch_computes(expression):
    x = symbol()
    network = Network(x, expression(x))

    torch.testing.assert_close(network.run([DATA]), expression(DATA))


@every_expression
def test_symbol_knows_dtype_and_shape_of_the_result(expression):
    symbolic, real = expression(symbol()), expression(DATA)
    known = [size for size in symbolic.shape if size is not None]
    sizes = [real.shape[axis] for axis, size in enumerate(symbolic.shape) if size is not None]

    assert symbolic.dtype == real.dtype
    assert symbolic.ndim == real.ndim
    assert known == sizes


def test_named_results_keep_their_names():
    x = symbol()
    network = Network(x, torch.sort(x, dim=1).values)

    torch.testing.assert_close(network.run([DATA]), DATA.sort(dim=1).values)


@pytest.mark.parametrize(
    "expression",
    [lambda x: x * ROW, lambda x: ROW * x, lambda x: x - ROW + 2 * ROW, lambda x: x[:, ORDER]],
    ids=["right", "left", "twice", "index"],
)
def test_numpy_arrays_become_constants_of_the_default_float(expression):
    x = symbol()
    result = Network(x, expression(x)).run([DATA])

    expected = torch.as_tensor(expression(DATA.numpy())).float()
    torch.testing.assert_close(result, expected)


@pytest.mark.parametrize(
    ("expression", "shape"),
    [
        (lambda x: x * 2, (None, 3)),
        (lambda x: x.sum(0), (3,)),
        (lambda x: x.T, (3, None)),
        (lambda x: x.reshape(-1, 1), (None, 1)),
        (lambda x: torch.cat([x, x]), (None, 3)),
        (lambda x: x.mean(), ()),
        (lambda x: x[:, None, :] * x[:, :, None], (None, 3, 3)),
        (lambda x: x @ x.T, (None, None)),
    ],
)
def test_unknown_batch_axis_is_followed(expression, shape):
    assert expression(symbol()).shape == shape


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Conv1d(2, 4, 3), (None, 4, None)),
        (nn.AdaptiveAvgPool1d(1), (None, 2, 1)),
        (nn.ReLU(), (None, 2, None)),
    ],
)
def test_other_unknown_axes_are_followed(module, shape):
    assert module(symbol((None, 2, None))).shape == shape


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (bool, "truth value"),
        (float, "number"),
        (int, "number"),
        (len, "length"),
        (list, "elements to loop over"),
        (np.asarray, "NumPy values"),
        (lambda x: 1 if x.sum() > 0 else 0, "truth value"),
    ],
)
def test_symbol_has_no_values(act, what):
    message = (
        rf"symbolic tensor '\w+' has no {what} yet\.\n"
        r"  expected: torch functions, operators, methods and layers on symbolic tensors\.\n"
        r"  fix: move value-dependent code into a layer's call\(\), or use torch\.where\."
    )

    with pytest.raises(StateError, match=f"^{message}$"):
        act(symbol())


def test_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^a symbolic tensor has no attribute 'foo'$"):
        symbol().foo  # noqa: B018


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"cannot take an input of shape \(None, 3\)"):
        symbol() @ torch.ones(4, 2)


def test_repr_shows_name_shape_and_dtype():
    assert repr(symbol()) == "<Symbol 'x' shape=(None, 3) dtype=float32>"


def test_size_and_dim_answer_as_a_tensor_does():
    x = symbol()

    assert (x.size(), x.size(1), x.dim(), x.device.type) == ((None, 3), 3, 2, "meta")


def test_several_results_are_symbols_of_one_node():
    one, other = symbol().split([1, 2], dim=1)

    assert is_symbol(one)
    assert one.node is other.node
    assert (one.shape, other.shape) == ((None, 1), (None, 2))


def test_results_of_a_module_can_be_a_dict():
    class Both(nn.Module):
        def forward(self, x):
            return {"double": 2 * x, "sum": x.sum(1)}

    result = Both()(symbol())

    assert {key: value.shape for key, value in result.items()} == {
        "double": (None, 3),
        "sum": (None,),
    }


def test_plain_module_records_one_call_not_its_inside():
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    y = module(symbol())

    assert y.node.operation is module
    assert y.shape == (None, 2)


def test_plain_module_takes_keywords_and_several_inputs():
    class Mix(nn.Module):
        def forward(self, a, b, *, scale):
            return a + scale * b

    x = symbol()
    network = Network(x, Mix()(x, 2 * x, scale=3))

    torch.testing.assert_close(network.run([DATA]), 7 * DATA)


def test_plain_module_keeps_its_mode_and_statistics():
    module = nn.BatchNorm1d(3).train()
    module(symbol())

    assert module.training
    assert int(module.num_batches_tracked) == 0


def test_error_inside_a_plain_module_leaves_the_next_call_working():
    module = nn.Linear(4, 2)
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        module(symbol())

    assert nn.Linear(3, 2)(symbol()).shape == (None, 2)
