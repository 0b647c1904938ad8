"""The runner: two recorded runs, then replays; what cannot be replayed runs eagerly."""

import pytest
import torch

from lamina.core import randomness
from lamina.core.errors import CaptureError
from lamina.step import choose
from lamina.step.replay import Replay
from lamina.step.runner import Runner, layout_key


class Counted:
    """Adds its input to a total, and counts how often Python ran it."""

    def __init__(self):
        self.total = torch.zeros(2)
        self.runs = 0

    def __call__(self, x):
        self.runs += 1
        self.total.add_(x)
        return self.total * 2


def run(runner, function, times, x=None):
    x = torch.ones(2) if x is None else x
    return [runner(layout_key([x]), function, [x]) for _ in range(times)]


def test_python_runs_twice_and_the_work_is_done_every_time():
    step, runner = Counted(), Runner()

    results = run(runner, step, 5)

    assert step.runs == 2
    assert step.total.tolist() == [5.0, 5.0]
    assert [result.tolist()[0] for result in results] == [2.0, 4.0, 6.0, 8.0, 10.0]
    assert (runner.name, runner.refusal, runner.num_captures) == ("captured", None, 1)


def test_a_pure_function_may_be_recorded_once():
    step, runner = Counted(), Runner(recordings=1)

    run(runner, step, 3)

    assert step.runs == 1


def test_the_eager_tier_never_records():
    step, runner = Counted(), Runner("eager")

    run(runner, step, 4)

    assert step.runs == 4
    assert (runner.name, runner.num_captures) == ("eager", 0)


def test_each_key_is_captured_once():
    runner = Runner()
    total = torch.zeros(())

    for size in (2, 3, 2, 3, 2, 3):
        runner(size, lambda x: total.add_(x.sum()), [torch.ones(size)])

    assert total.item() == 15.0
    assert runner.num_captures == 2


def test_keys_tell_shapes_and_dtypes_apart():
    x = torch.ones(2, 3)

    assert layout_key([x]) == layout_key([torch.zeros(2, 3)])
    assert layout_key([x]) != layout_key([torch.ones(3, 2)])
    assert layout_key([x]) != layout_key([x.double()])


def reads_a_value(x):
    return x * x.sum().item()


def selects_rows(x):
    return x[x > 0]


@pytest.mark.parametrize("function", [reads_a_value, selects_rows])
def test_what_cannot_be_replayed_runs_eagerly_and_is_right(function):
    runner = Runner()

    results = run(runner, function, 4)

    assert all(torch.equal(result, function(torch.ones(2))) for result in results)
    assert runner.name == "eager"
    assert isinstance(runner.refusal, CaptureError)
    assert runner.refusal.problem.startswith("test_runner.py:")


def test_a_python_number_that_changes_is_refused():
    numbers = iter(range(10))
    runner = Runner()

    results = run(runner, lambda x: x * next(numbers), 4)

    assert [result.tolist()[0] for result in results] == [0.0, 1.0, 2.0, 3.0]
    assert str(runner.refusal) == (
        "the step is not the same every time: aten.mul.Tensor was given 0, then 1.\n"
        "  expected: the same kernel calls with the same numbers in every step.\n"
        "  fix: keep numbers that change in tensors, and branches out of call()."
    )


def test_calls_that_change_are_refused():
    runner, ways = Runner(), iter([torch.sin, torch.cos, torch.sin, torch.cos])

    run(runner, lambda x: next(ways)(x), 4)

    assert "it called aten.sin.default, then aten.cos.default in its place" in str(runner.refusal)


def test_one_key_refused_leaves_the_others_captured():
    runner = Runner()
    step = Counted()

    for _ in range(3):
        runner("bad", reads_a_value, [torch.ones(2)])
        runner("good", step, [torch.ones(2)])

    assert step.runs == 2
    assert runner.name == "eager"


def noise(x):
    return x * torch.rand(2, generator=randomness.step_generator(x.device))


@pytest.mark.parametrize("tier", ["eager", "captured"])
def test_the_same_seed_draws_the_same_numbers_in_every_run(tier):
    runner = Runner(tier)

    results = [runner("k", noise, [torch.ones(2)], seed=7) for _ in range(4)]

    assert all(torch.equal(result, results[0]) for result in results)


def test_replays_draw_what_eager_draws():
    eager, captured = Runner("eager"), Runner()

    wanted = [eager("k", noise, [torch.ones(2)], seed=n) for n in range(5)]
    got = [captured("k", noise, [torch.ones(2)], seed=n) for n in range(5)]

    assert all(map(torch.equal, got, wanted))


def test_a_generator_of_the_users_own_is_not_started_again():
    own = torch.Generator().manual_seed(3)
    runner = Runner()

    draws = [
        runner("k", lambda x: x * torch.rand(2, generator=own), [torch.ones(2)], seed=1)
        for _ in range(4)
    ]
    own.manual_seed(3)

    assert all(torch.equal(draw, torch.rand(2, generator=own)) for draw in draws)


def refuse(recording, *_):
    raise CaptureError("no.", expected="yes.", fix="none.")


def test_a_tier_that_refuses_leaves_the_captured_one(monkeypatch):
    monkeypatch.setattr(choose, "Compiled", refuse)
    step, runner = Counted(), Runner("compiled", patience=0)

    run(runner, step, 4)

    assert step.total.tolist() == [4.0, 4.0]
    assert (runner.name, runner.refusal.problem, step.runs) == ("captured", "no.", 2)


def test_compiling_waits_until_it_pays(monkeypatch):
    made = []
    monkeypatch.setattr(choose, "Compiled", lambda recording: made.append(1) or Replay(recording))
    step, runner = Counted(), Runner("compiled", patience=3)
    counts = []

    for _ in range(8):
        run(runner, step, 1)
        counts.append(len(made))

    assert counts == [0, 0, 0, 0, 1, 1, 1, 1]
    assert step.total.tolist() == [8.0, 8.0]
    assert runner.name == "compiled"
