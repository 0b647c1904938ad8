"""Recorded graphs run: shared layers, sub-graphs, nested inputs, constants that move."""

import re

import pytest
import torch
from torch import nn

from lamina import Input, Model, layers, utils
from lamina.core.errors import ArgumentError
from lamina.graph import Network

DATA = torch.tensor([[1.0, -2.0, 3.0], [-4.0, 5.0, 6.0]])


def symbol(shape=(None, 3), name=None):
    return Input(batch_shape=shape, name=name)


def test_shared_module_runs_twice_and_is_listed_once():
    x, y, module = symbol(), symbol(), nn.Linear(3, 2)
    network = Network([x, y], module(x) + module(y))

    torch.testing.assert_close(network.run([DATA, 2 * DATA]), module(DATA) + module(2 * DATA))
    assert list(network.modules.values()) == [module]


def test_outputs_keep_their_nesting():
    x = symbol()
    result = Network(x, {"a": x + 1, "b": [x * 2, x * 3]}).run([DATA])

    assert list(result) == ["a", "b"]
    torch.testing.assert_close(result["b"][1], DATA * 3)


def test_inputs_are_fed_in_the_order_of_their_nesting():
    a, b = symbol(), symbol()
    network = Network({"first": a, "second": b}, a - b)

    torch.testing.assert_close(network.run([DATA, 3 * DATA]), -2 * DATA)


def test_graph_may_begin_at_a_symbol_in_the_middle():
    x = symbol()
    middle = x * 2
    network = Network(middle, middle + 1)

    torch.testing.assert_close(network.run([DATA]), DATA + 1)
    assert [node.operation for node in network.nodes].count(None) == 0


def test_calls_that_outputs_do_not_need_are_left_out():
    x = symbol()
    needed, _ = x + 1, x + 2

    assert len(Network(x, needed).nodes) == 2


def test_an_input_can_be_an_output():
    x = symbol()

    torch.testing.assert_close(Network(x, x).run([DATA]), DATA)


def test_constants_are_held_once_and_move_with_the_model():
    x = symbol()
    offset = torch.tensor([1.0, 2.0, 3.0])
    network = Network(x, (x + offset) * offset)
    network.constants.to(torch.float64)

    assert len(list(network.constants.buffers())) == 1
    assert network.run([DATA.double()]).dtype == torch.float64


def test_constants_of_a_model_follow_to():
    x = Input(shape=(3,))
    model = Model(x, x * torch.tensor([1.0, 2.0, 3.0])).to("meta")

    assert {buffer.device.type for buffer in model.buffers()} == {"meta"}


def test_a_parameter_used_in_a_function_is_trained():
    x, scale = symbol(), nn.Parameter(torch.ones(3))
    network = Network(x, x * scale)
    network.run([DATA]).sum().backward()

    assert [p is scale for p in network.constants.parameters()] == [True]
    torch.testing.assert_close(scale.grad, DATA.sum(0))


def test_gradient_flows_through_modules_functions_and_indices():
    x, module = symbol(), nn.Linear(3, 3)
    Network(x, torch.tanh(module(x))[:, :2] * 2).run([DATA]).sum().backward()

    assert module.weight.grad[:2].any()
    assert not module.weight.grad[2].any()


def test_source_inputs_are_found_once_each_in_order():
    a, b = Input(shape=(3,), name="a"), Input(shape=(3,), name="b")
    both = layers.Add()([a * 2, b]) + a

    assert utils.get_source_inputs(both) == [a, b]
    assert utils.get_source_inputs(a) == [a]


def test_missing_input_is_named():
    a, b = symbol(name="first"), symbol(name="second")
    message = (
        "an output depends on input 'second', which is not among the inputs.\n"
        "  expected: every Input that the outputs are computed from.\n"
        "  fix: add 'second' to inputs=[...]."
    )

    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        Network(a, a + b)


@pytest.mark.parametrize(
    ("inputs", "outputs", "given"),
    [
        (torch.ones(1), None, "Model(inputs=...) received Tensor"),
        ([], None, "Model(inputs=...) received nothing"),
        (None, nn.Linear(1, 1), "Model(outputs=...) received Linear"),
    ],
)
def test_what_is_no_symbol_is_refused(inputs, outputs, given):
    x = symbol()
    message = (
        f"{given}, not a symbolic tensor.\n"
        "  expected: tensors that come from Input(), or from layers called on them.\n"
        "  fix: start with x = Input(shape=(8,)) and pass results such as Dense(1)(x)."
    )

    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        Network(x if inputs is None else inputs, x if outputs is None else outputs)
