"""Each clean-up of a recording, on small recordings; all must leave the results as they were."""

import torch

from lamina.step.passes import (
    drop_dead_calls,
    fold_constants,
    plain_casts,
    reuse_arguments,
    write_in_place,
)
from lamina.step.passes.draws import split_draws
from lamina.step.record import record
from lamina.step.replay import Replay


def recorded(function, *inputs):
    return record(function, list(inputs))[1]


def names(recording):
    """Operations in order, without the `detach` that torch puts behind factory functions."""
    found = [call.name.removeprefix("aten.").split(".")[0] for call in recording.calls]
    return [name for name in found if name != "detach"]


# -- dead calls ----------------------------------------------------------------------------------


def test_results_nobody_reads_are_dropped():
    def work(x):
        x.exp()
        return x + 1

    assert names(drop_dead_calls(recorded(work, torch.ones(2)))) == ["add"]


def test_what_feeds_a_dropped_call_is_dropped_with_it():
    def work(x):
        (x * 2).exp().sin()
        return x + 1

    assert names(drop_dead_calls(recorded(work, torch.ones(2)))) == ["add"]


def test_changes_of_lasting_memory_are_kept():
    total = torch.zeros(2)

    def work(x):
        total.add_(x * 2)

    assert names(drop_dead_calls(recorded(work, torch.ones(2)))) == ["mul", "add_"]


def test_changes_of_memory_that_dies_are_dropped():
    def work(x):
        (x + 1).mul_(3)
        return x - 1

    assert names(drop_dead_calls(recorded(work, torch.ones(2)))) == ["sub"]


def test_changes_through_a_view_of_something_returned_are_kept():
    def work(x):
        y = x + 1
        y.view(2, 2).mul_(3)
        return y

    assert names(drop_dead_calls(recorded(work, torch.ones(4)))) == ["add", "view", "mul_"]


def test_draws_are_kept_so_that_later_ones_stay_the_same():
    generator = torch.Generator().manual_seed(0)

    def work(x):
        x.new_empty(2).bernoulli_(0.5, generator=generator)
        return x + 1

    assert names(drop_dead_calls(recorded(work, torch.ones(2)))) == [
        "new_empty",
        "bernoulli_",
        "add",
    ]


# -- constants -----------------------------------------------------------------------------------


def test_tensors_that_depend_on_shapes_only_are_made_once():
    folded = fold_constants(recorded(lambda x: x * torch.ones_like(x).neg(), torch.ones(2)))

    assert names(folded) == ["mul"]
    assert folded.constants[folded.calls[0].args[1]].tolist() == [-1.0, -1.0]


def test_tensors_that_are_changed_later_are_made_anew():
    def work(x):
        return torch.zeros_like(x).add_(x)

    assert names(fold_constants(recorded(work, torch.ones(2)))) == ["zeros_like", "add_"]


def test_state_is_never_folded():
    state = torch.ones(2)

    assert names(fold_constants(recorded(lambda x: x + state.exp(), torch.ones(2)))) == [
        "exp",
        "add",
    ]


def test_draws_are_never_folded():
    generator = torch.Generator().manual_seed(0)

    def work(x):
        return x + torch.rand(2, generator=generator)

    assert names(fold_constants(recorded(work, torch.ones(2)))) == ["rand", "add"]


# -- copies --------------------------------------------------------------------------------------


def test_a_product_is_written_where_it_would_be_copied():
    kept = torch.zeros(2, 2)

    def work(x):
        kept.copy_(x @ x)

    shorter = drop_dead_calls(write_in_place(recorded(work, torch.ones(2, 2))))

    assert names(shorter) == ["mm"]
    assert shorter.constants[shorter.calls[0].results[0]].data_ptr() == kept.data_ptr()


def test_a_copy_stays_where_the_source_is_read_afterwards():
    kept = torch.zeros(2, 2)

    def work(x):
        y = x @ x
        kept.copy_(y)
        return y + 1

    assert "copy_" in names(write_in_place(recorded(work, torch.ones(2, 2))))


def test_a_copy_stays_where_the_target_is_read_in_between():
    kept = torch.zeros(2, 2)

    def work(x):
        y = x @ x
        z = kept + 1
        kept.copy_(y)
        return z

    assert "copy_" in names(write_in_place(recorded(work, torch.ones(2, 2))))


def test_a_copy_stays_where_a_neighbour_in_the_same_memory_overlaps():
    flat = torch.zeros(6)
    kept, over = flat[:4].view(2, 2), flat[2:]

    def work(x):
        y = x @ x
        z = over + 1
        kept.copy_(y)
        return z

    assert "copy_" in names(write_in_place(recorded(work, torch.ones(2, 2))))


def test_a_copy_into_another_dtype_stays():
    kept = torch.zeros(2, 2, dtype=torch.float64)

    def work(x):
        kept.copy_(x @ x)

    assert "copy_" in names(write_in_place(recorded(work, torch.ones(2, 2))))


def test_what_leaves_the_step_is_not_moved():
    kept = torch.zeros(2, 2)

    def work(x):
        y = x @ x
        kept.copy_(y)
        return y

    assert "copy_" in names(write_in_place(recorded(work, torch.ones(2, 2))))


# -- reuse ---------------------------------------------------------------------------------------


def shared(recording):
    """Results that lie in the memory of another."""
    results = [call.results[0] for call in recording.calls]
    return [recording.base[ref] != ref for ref in results]


def test_a_result_takes_the_place_of_an_argument_that_dies():
    assert shared(reuse_arguments(recorded(lambda x: (x + 1).exp().sum(), torch.ones(2)))) == [
        False,
        True,
        False,
    ]


def test_an_argument_that_is_read_later_keeps_its_place():
    def work(x):
        y = x + 1
        z = y.exp()
        return (y * z).sum()

    assert shared(reuse_arguments(recorded(work, torch.ones(2))))[:2] == [False, False]


def test_inputs_and_state_are_never_written_over():
    state = torch.ones(2)

    assert shared(reuse_arguments(recorded(lambda x: (x + state).sum(), torch.ones(2)))) == [
        False,
        False,
    ]


def test_an_argument_of_another_shape_is_not_reused():
    table = torch.ones(3, 2)

    def work(x):
        return ((x + 1) + table).sum()

    assert shared(reuse_arguments(recorded(work, torch.ones(2))))[-2:] == [False, False]


def test_sums_do_not_write_over_their_argument():
    assert shared(reuse_arguments(recorded(lambda x: (x + 1).sum(0).sum(), torch.ones(2, 2)))) == [
        False,
        False,
        False,
    ]


# -- draws ---------------------------------------------------------------------------------------


def dropout(generator):
    def work(x):
        y = (x * 2).exp()
        mask = y.new_empty(y.shape).bernoulli_(0.5, generator=generator)
        return y * mask.div_(0.5)

    return work


def test_draws_come_out_with_what_they_need_only():
    before, after = split_draws(recorded(dropout(torch.Generator()), torch.ones(4)))

    assert names(before) == ["new_empty", "bernoulli_"]
    assert names(after) == ["mul", "exp", "div_", "mul"]


def test_draws_and_the_rest_together_are_the_whole():
    generator = torch.Generator()
    work = dropout(generator)
    before, after = split_draws(recorded(work, torch.ones(4)))
    x = torch.linspace(0, 1, 4)
    wanted = work(x) if generator.manual_seed(5) else None
    generator.manual_seed(5)

    drawn = Replay(before, plan_memory=False)(x)

    assert torch.equal(Replay(after)(x, *drawn), wanted)


def test_draws_keep_their_order():
    generator = torch.Generator()

    def work(x):
        first = torch.rand(3, generator=generator) * x
        return first + torch.randn(3, generator=generator)

    before, after = split_draws(recorded(work, torch.ones(3)))

    assert names(before) == ["rand", "randn"]
    assert names(after) == ["mul", "add"]


def test_without_draws_the_rest_is_everything():
    before, after = split_draws(recorded(lambda x: x + 1, torch.ones(2)))

    assert (names(before), names(after)) == ([], ["add"])


def test_gradients_of_casts_are_written_where_they_would_be_copied():
    weight = torch.randn(4, 4, requires_grad=True)
    place = torch.zeros(4, 4)

    def step(x):
        with torch.enable_grad():
            loss = (x.bfloat16() @ weight.bfloat16()).float().sum()
        place.copy_(torch.autograd.grad(loss, weight)[0])

    recording = recorded(step, torch.randn(3, 4))
    cleaned = drop_dead_calls(write_in_place(fold_constants(plain_casts(recording))))

    assert "copy_" in names(recording)
    assert "copy_" not in names(cleaned)
