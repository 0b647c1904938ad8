"""The buffers of a training step: one memory for weights, gradients and slots each."""

import pytest
import torch
from torch import nn

from lamina.optimizers import SGD, Adam, Muon
from lamina.step.state import NEGLIGIBLE, State, apart, holding


def weights(**shapes):
    return {name: nn.Parameter(torch.randn(shape)) for name, shape in shapes.items()}


@pytest.fixture
def made():
    given = weights(kernel=(3, 5), bias=(5,))
    return given, State(given, Adam())


def test_weights_keep_their_values_and_their_identity():
    given = weights(kernel=(3, 5), bias=(5,))
    before = {name: weight.detach().clone() for name, weight in given.items()}

    state = State(given, SGD())

    assert all(torch.equal(given[name], before[name]) for name in given)
    assert all(a is b for a, b in zip(state.blocks[0].weights, given.values(), strict=True))


def test_all_weights_lie_in_one_buffer(made):
    given, state = made

    storages = {weight.untyped_storage().data_ptr() for weight in given.values()}

    assert storages == {state.blocks[0].units[0].value.data_ptr()}


def test_weights_start_where_fast_kernels_like_it(made):
    given, state = made
    start = state.blocks[0].units[0].value.data_ptr()

    assert {(weight.data_ptr() - start) % 64 for weight in given.values()} == {0}


def test_an_elementwise_optimizer_updates_everything_at_once(made):
    _, state = made

    assert [len(block.units) for block in state.blocks] == [1]


def test_an_optimizer_that_looks_at_shapes_updates_each_weight():
    state = State(weights(a=(3, 5), b=(4, 4)), Muon())

    assert sum(len(block.units) for block in state.blocks) == 2


def test_dtypes_lie_apart():
    given = {"a": nn.Parameter(torch.ones(2)), "b": nn.Parameter(torch.ones(2).double())}

    assert len(State(given, SGD()).blocks) == 2


def test_slots_are_named_by_weight(made):
    _, state = made

    assert {(name, key) for name, key, _ in state.slots()} == {
        (name, key) for name in ("kernel", "bias") for key in ("momentum", "velocity")
    }


def test_slots_have_the_shape_of_their_weight(made):
    given, state = made

    assert all(slot.shape == given[name].shape for name, _, slot in state.slots())


def test_a_state_fits_its_own_weights_only(made):
    given, state = made
    optimizer = state.optimizer

    assert state.fits(given, optimizer)
    assert not state.fits({"kernel": given["kernel"]}, optimizer)
    assert not state.fits(given, Adam())


def test_a_weight_that_moved_does_not_fit(made):
    given, state = made
    given["kernel"].data = given["kernel"].data.clone()

    assert not state.fits(given, state.optimizer)


def test_slots_move_to_a_new_state_by_name(made):
    given, state = made
    for _, _, slot in state.slots():
        slot.fill_(3.0)

    new = State({"kernel": given["kernel"], "other": nn.Parameter(torch.ones(5))}, state.optimizer)
    new.load_slots(state)

    assert {name: slot.mean().item() for name, _, slot in new.slots()} == {
        "kernel": 3.0,
        "other": 0.0,
    }


def test_numbers_too_small_to_matter_become_zero(made):
    _, state = made
    slots = state.blocks[0].units[0].slots
    slots["momentum"].fill_(NEGLIGIBLE / 2)
    slots["velocity"].fill_(NEGLIGIBLE * 2)

    state.drop_denormals()

    assert not slots["momentum"].any()
    assert slots["velocity"].all()


def test_apart_each_weight_has_a_block_in_the_same_memory(made):
    given, state = made
    blocks = apart(state).blocks

    assert [block.names for block in blocks] == [["kernel"], ["bias"]]
    assert [b.units[0].value.data_ptr() for b in blocks] == [w.data_ptr() for w in given.values()]
    assert [b.slots[0]["momentum"].data_ptr() for b in blocks] == [
        slot.data_ptr() for _, key, slot in state.slots() if key == "momentum"
    ]


def test_numbers_kept_for_all_weights_together_keep_the_block_whole(made):
    _, state = made
    for slots in state.blocks[0].slots:
        slots["count"] = torch.zeros(())

    assert len(apart(state).blocks) == 1


def test_holding_puts_gradients_in_place_of_the_buffers(made):
    _, state = made
    gradient = torch.ones(3, 5)

    kernel, bias = holding(apart(state), [gradient, None]).blocks

    assert kernel.units[0].gradient is gradient
    assert bias.units[0].gradient.tolist() == [0.0] * 5


def test_a_block_that_stays_whole_takes_gradients_into_its_buffer(made):
    _, state = made

    (block,) = holding(state, [torch.ones(3, 5), None]).blocks

    assert block.gradients[0].eq(1).all()
    assert not block.gradients[1].any()
