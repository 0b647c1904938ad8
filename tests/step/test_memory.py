"""Planned memory: results that are alive at once never share a byte."""

import itertools
import random

import pytest
import torch

from lamina.step.memory import place_results
from lamina.step.passes import reuse_arguments
from lamina.step.record import record
from lamina.step.recording import Recording


def random_work(seed):
    """A function of many small products, sums and views in random order."""
    choose = random.Random(seed)
    plan = [
        (choose.choice(("mm", "exp", "add", "t")), choose.random(), choose.random())
        for _ in range(30)
    ]

    def work(x):
        made = [x + 1]
        for kind, first, second in plan:
            one = made[int(first * len(made))]
            other = made[int(second * len(made))]
            if kind == "mm":
                made.append((one @ other).sigmoid())
            elif kind == "add":
                made.append(one + other)
            else:
                made.append(one.t() if kind == "t" else one.neg().exp())
        return made[-1] + made[-2]

    return work


def lives(recording: Recording):
    """First and last place where the memory of each owner is touched."""
    spans = {}
    for index, call in enumerate(recording.calls):
        for ref in (*call.results, *call.reads()):
            start, _ = spans.get(recording.base[ref], (index, index))
            spans[recording.base[ref]] = (start, index)
    return spans


def clashes(recording: Recording):
    """Pairs of owners that live at once in overlapping memory."""
    placed = place_results(recording)
    spans = lives(recording)
    fixed = set(recording.constants)
    owners = [r for r in placed if r in spans and r not in fixed and recording.base[r] == r]
    found = []
    for one, other in itertools.combinations(owners, 2):
        (a, b), (c, d) = spans[one], spans[other]
        first, second = placed[one].data_ptr(), placed[other].data_ptr()
        ends = first + placed[one].nbytes, second + placed[other].nbytes
        if a <= d and c <= b and first < ends[1] and second < ends[0]:
            found.append((one, other))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_results_alive_at_once_do_not_overlap(seed):
    recording = record(random_work(seed), [torch.ones(3, 3)])[1]

    assert clashes(recording) == []


@pytest.mark.parametrize("seed", range(20))
def test_results_alive_at_once_do_not_overlap_after_reuse(seed):
    recording = reuse_arguments(record(random_work(seed), [torch.ones(3, 3)])[1])

    assert clashes(recording) == []


def chain(x):
    for _ in range(10):
        x = x @ x
    return x.sum()


def test_a_chain_of_results_needs_room_for_two():
    placed = place_results(record(chain, [torch.ones(16, 16)])[1])
    arena = next(t for t in placed.values() if t.shape == (16, 16))

    assert arena.untyped_storage().nbytes() <= 2 * 16 * 16 * 4 + 64 + 64


def test_what_leaves_the_step_gets_no_fixed_memory():
    recording = record(lambda x: (x @ x, (x @ x).sum()), [torch.ones(2, 2)])[1]
    placed = place_results(recording)

    assert not set(recording.output_refs()) & set(placed)


def test_places_start_where_torch_would_start_them():
    placed = place_results(record(chain, [torch.ones(3, 3)])[1])

    assert {tensor.data_ptr() % 64 for tensor in placed.values()} == {0}


def test_views_of_placed_results_are_placed():
    recording = record(lambda x: (x @ x).t().sum(), [torch.ones(2, 2)])[1]
    product, view = (call.results[0] for call in recording.calls[:2])
    placed = place_results(recording)

    assert placed[view].data_ptr() == placed[product].data_ptr()
    assert placed[view].stride() == (1, 2)
