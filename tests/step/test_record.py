"""What a recording holds, and when two of them are the same."""

import weakref

import pytest
import torch

from lamina.core.errors import CaptureError
from lamina.step.record import difference, record
from lamina.step.recording import Layout, Ref
from lamina.step.replay import Replay


def names(recording):
    return [call.name for call in recording.calls]


def recorded(function, *inputs):
    return record(function, list(inputs))[1]


def compared(function, *inputs):
    return difference(recorded(function, *inputs), recorded(function, *inputs))


def test_the_recorded_run_is_a_real_one():
    total = torch.zeros(2)

    result, _ = record(lambda x: total.add_(x) * 2, [torch.ones(2)])

    assert result.tolist() == [2.0, 2.0]
    assert total.tolist() == [1.0, 1.0]


def test_calls_stand_in_the_order_they_were_made():
    recording = recorded(lambda x: (x + 1).exp(), torch.ones(2))

    assert names(recording) == ["aten.add.Tensor", "aten.exp.default"]


def test_backward_kernels_are_recorded_too():
    weight = torch.ones(2, requires_grad=True)

    recording = recorded(lambda x: torch.autograd.grad((weight * x).sum(), weight), torch.ones(2))

    assert names(recording).count("aten.mul.Tensor") == 2


def test_tensors_from_outside_are_constants_and_inputs_are_not():
    weight = torch.ones(2)

    recording = recorded(lambda x: weight * x, torch.ones(2))

    assert [c.data_ptr() for c in recording.constants.values()] == [weight.data_ptr()]
    assert recording.inputs == [Ref(0)]
    assert recording.calls[0].args == (Ref(1), Ref(0))


def test_views_know_whose_memory_they_share():
    recording = recorded(lambda x: (x + 1).t(), torch.ones(2, 3))
    owner, view = (call.results[0] for call in recording.calls)

    assert recording.base[view] == owner
    assert recording.is_view(view)
    assert not recording.is_view(owner)


def test_two_constants_in_one_memory_share_a_base():
    flat = torch.zeros(4)
    first, second = flat[:2], flat[2:]

    recording = recorded(lambda x: first + second + x, torch.ones(2))

    assert len({recording.base[ref] for ref in recording.constants}) == 1


def test_outputs_keep_their_nesting():
    recording = recorded(lambda x: {"a": x + 1, "b": [x * 2, 3]}, torch.ones(2))

    assert recording.outputs == {
        "a": recording.calls[0].results[0],
        "b": [recording.calls[1].results[0], 3],
    }


def test_changed_tensors_are_named_by_their_owner():
    total = torch.zeros(2)

    recording = recorded(lambda x: total.add_(x), torch.ones(2))

    assert recording.changed() == set(recording.constants)


def test_random_calls_are_known_as_such():
    generator = torch.Generator().manual_seed(0)

    recording = recorded(
        lambda x: x.new_empty(2).bernoulli_(0.5, generator=generator), torch.ones(2)
    )

    assert [call.is_random for call in recording.calls] == [False, True]
    assert len(list(recording.calls[1].generators())) == 1


def test_the_same_calls_make_no_difference():
    weight = torch.ones(2)

    assert compared(lambda x: weight.mul_(x).sum(), torch.ones(2)) is None


def test_equal_tensors_made_anew_make_no_difference():
    assert compared(lambda x: x * torch.tensor([1.0, 2.0]), torch.ones(2)) is None


def test_not_a_number_equals_itself():
    assert compared(lambda x: x + float("nan"), torch.ones(2)) is None


def refusal_of_changes(what):
    return (
        f"the step is not the same every time: {what}.\n"
        "  expected: the same kernel calls with the same numbers in every step.\n"
        "  fix: keep numbers that change in tensors, and branches out of call()."
    )


def changing(first, second):
    """A function that does one thing in its first run and another in its second."""
    ways = iter([first, second])
    return lambda x: next(ways)(x)


one, other = torch.ones(2), torch.zeros(2)


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (lambda x: x * 2, lambda x: x * 3, "aten.mul.Tensor was given 2, then 3"),
        (lambda x: x + 1, lambda x: x - 1,
         "it called aten.add.Tensor, then aten.sub.Tensor in its place"),
        (lambda x: x + 1, lambda x: x + 1 + 1, "it made 1 kernel calls, then 2"),
        (lambda x: x + one, lambda x: x + other,
         "aten.add.Tensor was called on a tensor made anew with other values"),
        (lambda x: x + x, lambda x: x + one, "aten.add.Tensor was called on another tensor"),
    ],
    ids=["number", "operation", "count", "values", "tensor"],
)  # fmt: skip
def test_a_changed_step_is_refused(first, second, what):
    refusal = compared(changing(first, second), torch.ones(2))

    assert str(refusal) == refusal_of_changes(what)
    assert isinstance(refusal, CaptureError)


def test_another_generator_is_refused():
    ways = [torch.Generator().manual_seed(0), torch.Generator().manual_seed(0)]
    kept = list(ways)

    refusal = compared(
        lambda x: x.new_empty(2).bernoulli_(0.5, generator=ways.pop()), torch.ones(2)
    )

    assert "aten.bernoulli_.float drew from another random generator" in refusal.problem
    assert len(kept) == 2


def test_a_large_tensor_from_outside_that_is_another_each_time_is_refused():
    large = [torch.zeros(5000), torch.zeros(5000)]
    kept = list(large)

    refusal = compared(lambda x: x + large.pop(), torch.ones(5000))

    assert "was called on a large tensor made anew in each step" in refusal.problem
    assert len(kept) == 2


def test_reading_a_value_is_refused_with_the_users_line():
    def careless(x):
        return x * x.sum().item()

    refusal = recorded(careless, torch.ones(2)).refusal
    line = careless.__code__.co_firstlineno + 1

    assert str(refusal) == (
        f"test_record.py:{line} (return x * x.sum().item()) reads a tensor's value in Python.\n"
        "  expected: a step without reads back to the host (.item(), float(), if, for).\n"
        "  fix: replace the branch by torch.where, or move the read into a callback."
    )


def test_a_branch_on_a_value_is_refused():
    recording = recorded(lambda x: x if x.sum() > 0 else -x, torch.ones(2))

    assert "reads a tensor's value in Python." in recording.refusal.problem


def test_a_size_that_depends_on_values_is_refused():
    def careless(x):
        return x[x > 0]

    refusal = recorded(careless, torch.ones(2)).refusal
    line = careless.__code__.co_firstlineno + 1

    assert str(refusal) == (
        f"test_record.py:{line} (return x[x > 0]) makes a tensor whose size depends on values "
        "(aten.index.Tensor).\n"
        "  expected: shapes that follow from the shapes of the inputs.\n"
        "  fix: keep all rows and weight them with 0 or 1 instead of selecting some."
    )


def test_a_refused_function_runs_to_its_end():
    result, _ = record(lambda x: x * x.sum().item(), [torch.ones(2)])

    assert result.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("tensor", "dense"),
    [
        (torch.zeros(2, 3), True),
        (torch.zeros(2, 3).t(), True),
        (torch.zeros(2, 6)[:, :3], False),
        (torch.zeros(3).expand(2, 3), False),
        (torch.zeros(()), True),
    ],
    ids=["rows", "columns", "gaps", "overlap", "scalar"],
)
def test_dense_means_neither_gaps_nor_overlaps(tensor, dense):
    assert Layout.of(tensor).is_dense is dense


def test_a_layout_counts_its_bytes():
    assert Layout.of(torch.zeros(2, 3, dtype=torch.float64)).num_bytes == 48


def test_what_a_step_needs_no_more_is_freed_while_it_is_recorded():
    alive = []

    def step(x):
        large = x * 2
        alive.append(weakref.ref(large))
        y = large + 1
        del large
        alive.append(alive[0]() is None)
        return y

    record(step, [torch.ones(4)])

    assert alive[1]


def test_memory_that_is_used_again_is_another_tensor():
    def step(x):
        for _ in range(20):
            x = (x * 2) + 1  # each product is freed, and its memory is given to a later one
        return x

    x = torch.rand(1000)
    result, recording = record(step, [x])

    assert torch.equal(Replay(recording)(x), result)
