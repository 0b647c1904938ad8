"""A replay computes what the recorded function would."""

import threading

import pytest
import torch

from lamina.core import trees
from lamina.step.record import record
from lamina.step.replay import Replay

planned = pytest.mark.parametrize("plan", [True, False], ids=["planned", "unplanned"])


def replay_of(function, *inputs, plan=True):
    return Replay(record(function, list(inputs))[1], plan_memory=plan)


def net(x):
    weight = torch.linspace(-1, 1, 12).view(4, 3)
    hidden = torch.nn.functional.silu(x @ weight)
    return {"y": hidden.softmax(-1), "parts": [hidden.sum(0), hidden.t()]}


@planned
def test_a_replay_gives_the_bits_of_the_function_on_other_inputs(plan):
    replay = replay_of(net, torch.ones(2, 4), plan=plan)
    other = torch.randn(2, 4, generator=torch.Generator().manual_seed(1))

    got, wanted = trees.leaves(replay(other)), trees.leaves(net(other))

    assert all(map(torch.equal, got, wanted))


@planned
def test_outputs_come_in_the_nesting_of_the_function(plan):
    result = replay_of(net, torch.ones(2, 4), plan=plan)(torch.ones(2, 4))

    assert result.keys() == {"y", "parts"}
    assert isinstance(result["parts"], list)


@planned
def test_changes_in_place_happen_once_a_replay(plan):
    total = torch.zeros(2)
    replay = replay_of(lambda x: total.add_(x), torch.ones(2), plan=plan)

    replay(torch.tensor([1.0, 2.0]))
    replay(torch.tensor([1.0, 2.0]))

    assert total.tolist() == [3.0, 5.0]


@planned
def test_two_results_never_share_memory(plan):
    replay = replay_of(lambda x: (x + 1) * 2, torch.ones(3), plan=plan)

    first, second = replay(torch.zeros(3)), replay(torch.ones(3))

    assert first.tolist() == [2.0, 2.0, 2.0]
    assert second.tolist() == [4.0, 4.0, 4.0]


@planned
def test_gradients_are_those_of_autograd(plan):
    weight = torch.linspace(0.1, 1, 6).view(2, 3).requires_grad_()
    kept = torch.zeros(2, 3)

    def step(x):
        (gradient,) = torch.autograd.grad((x @ weight).tanh().square().mean(), weight)
        with torch.no_grad():
            kept.copy_(gradient)

    replay = replay_of(step, torch.ones(4, 2), plan=plan)
    x = torch.randn(4, 2, generator=torch.Generator().manual_seed(2))
    step(x)
    wanted = kept.clone()
    kept.zero_()

    replay(x)

    assert torch.equal(kept, wanted)


@planned
def test_several_results_of_one_kernel_are_kept_apart(plan):
    replay = replay_of(lambda x: torch.sort(x, dim=0), torch.tensor([2.0, 1.0]), plan=plan)

    values, places = replay(torch.tensor([5.0, 3.0]))

    assert values.tolist() == [3.0, 5.0]
    assert places.tolist() == [1, 0]


@planned
def test_draws_go_on_from_the_generator(plan):
    generator = torch.Generator()

    def draw(x):
        return x * x.new_empty(8).bernoulli_(0.5, generator=generator)

    replay = replay_of(draw, torch.ones(8), plan=plan)
    generator.manual_seed(3)
    wanted = [draw(torch.ones(8)), draw(torch.ones(8))]
    generator.manual_seed(3)

    got = [replay(torch.ones(8)), replay(torch.ones(8))]

    assert all(map(torch.equal, got, wanted))


def test_nothing_recorded_for_autograd_alone_is_replayed():
    weight = torch.ones(2, requires_grad=True)

    replay = replay_of(lambda x: (weight * x).sum().detach(), torch.ones(2))

    assert replay.num_calls == 2


def test_planned_memory_is_counted():
    small = replay_of(lambda x: (x @ x).sum(), torch.ones(4, 4))

    assert small.planned_bytes >= 4 * 4 * 4


def test_without_a_plan_no_memory_is_fixed():
    assert replay_of(lambda x: (x @ x).sum(), torch.ones(4, 4), plan=False).planned_bytes == 0


def test_unplanned_replays_may_run_in_two_threads_at_once():
    def work(x):
        for _ in range(20):
            x = (x @ x).softmax(-1)
        return x

    replay = replay_of(work, torch.ones(8, 8), plan=False)
    inputs = [torch.randn(8, 8, generator=torch.Generator().manual_seed(n)) for n in range(4)]
    wanted = [work(x) for x in inputs]
    results = [None] * 4

    def run(number):
        for _ in range(20):
            results[number] = replay(inputs[number])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert all(map(torch.equal, results, wanted))


@planned
@pytest.mark.parametrize(
    "loss", [torch.nn.functional.mse_loss, torch.nn.functional.binary_cross_entropy_with_logits]
)
def test_a_loss_that_is_a_mean_stays_one(loss, plan):
    replay = replay_of(lambda x: loss(x, x * 0), torch.ones(4, 3), plan=plan)
    other = torch.linspace(-1, 1, 12).view(4, 3)

    assert torch.equal(replay(other), loss(other, other * 0))
