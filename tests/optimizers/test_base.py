"""What an optimizer answers about its learning rate, counters, settings and weights."""

import pickle

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from lamina import optimizers
from lamina.core.variables import Variable, Weight
from lamina.optimizers import SGD, Adam, AdamW, LossScaleOptimizer, Muon, OptimizerMap, schedules


def weight(path):
    made = Weight(torch.ones(2, 2))
    made.path = path
    return made


@pytest.mark.parametrize(
    "given", [0.5, 1, np.float32(0.5), torch.tensor(0.5), Variable(torch.tensor(0.5))]
)
def test_a_learning_rate_may_be_any_number(given):
    assert float(SGD(given).learning_rate) == float(given)


@pytest.mark.parametrize(
    "change",
    [
        lambda o: setattr(o, "learning_rate", 0.25),
        lambda o: o.learning_rate.assign(0.25),
        lambda o: setattr(o, "learning_rate", torch.tensor(0.25)),
        lambda o: setattr(o, "learning_rate", lambda: 0.25),
    ],
    ids=["set", "assigned", "a tensor", "a function"],
)
def test_a_changed_learning_rate_is_seen(change):
    optimizer = SGD(0.5)
    before = optimizer.version

    change(optimizer)

    assert optimizer.version > before
    assert optimizer.version == optimizer.version
    assert float(optimizer.learning_rate) == 0.25
    assert optimizer.rate_at(torch.tensor([3.0])).tolist() == [0.25]


def test_a_changed_setting_is_seen():
    optimizer = Adam()
    before = optimizer.version

    optimizer.beta_1 = 0.8

    assert optimizer.version > before


def test_counters_and_private_state_are_no_settings():
    optimizer = Adam()
    before = optimizer.version

    optimizer.iterations = 5
    optimizer.build([torch.ones(2)])

    assert optimizer.version == before
    assert optimizer.iterations == 5


def test_a_schedule_may_take_the_place_of_a_number_and_of_a_schedule():
    optimizer = SGD(0.5)
    optimizer.learning_rate = schedules.ExponentialDecay(0.5, 1, 0.5)
    optimizer.learning_rate = schedules.ExponentialDecay(0.8, 1, 0.5)
    optimizer.iterations = 1

    assert_close(float(optimizer.learning_rate), 0.4)


def test_a_schedule_counts_batches_where_gradients_accumulate():
    schedule = schedules.PiecewiseConstantDecay([2, 4], [0.3, 0.2, 0.1])
    optimizer = SGD(schedule, gradient_accumulation_steps=3)

    # Updates 1, 2, 3 come with batches of number 2, 5, 8, counted from 0.
    assert optimizer.rate_at(torch.tensor([1.0, 2.0, 3.0])).tolist() == [0.3, 0.1, 0.1]


def test_coefficients_are_float32_vectors():
    updates = torch.arange(1, 6, dtype=torch.float64)
    optimizer = AdamW(use_ema=True, ema_overwrite_frequency=2)

    terms = optimizer.coefficients(updates, optimizer.rate_at(updates))

    assert set(terms) == {
        *("learning_rate", "step_size", "shrink", "ema_momentum", "ema_overwrite"),
    }
    assert {(term.dtype, tuple(term.shape)) for term in terms.values()} == {(torch.float32, (5,))}
    assert terms["ema_overwrite"].tolist() == [0.0, 1.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("patterns", "excluded"),
    [(["bias"], [False, True]), (["kern", "x"], [True, False]), (["dense"], [False, False])],
)
def test_weight_decay_leaves_named_weights_alone(patterns, excluded):
    optimizer = AdamW()
    optimizer.exclude_from_weight_decay(var_names=patterns)

    keys = [optimizer.decay_key(weight(path)) for path in ("dense/kernel", "dense/bias")]

    assert [key is None for key in keys] == excluded


def test_weight_decay_leaves_given_weights_alone():
    first, second = weight("dense/kernel"), weight("dense/kernel")
    optimizer = AdamW()
    optimizer.exclude_from_weight_decay(var_list=[first])

    assert optimizer.decay_key(first) is None
    assert optimizer.decay_key(second) == "shrink"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("dense/kernel", {"momentum"}),
        ("my_embedding/table", {"momentum", "velocity"}),
        ("head/kernel", {"momentum", "velocity"}),
    ],
)
def test_muon_keeps_adam_for_embeddings_and_excluded_layers(path, keys):
    assert set(Muon(exclude_layers=["head"]).make_slots(weight(path))) == keys


def test_the_gradient_of_the_caller_stays():
    gradient = torch.full((2, 2), 5.0)

    SGD(0.1, clipvalue=1.0, loss_scale_factor=2.0).apply([gradient], [weight("a")])

    assert gradient.eq(5.0).all()


def test_pairs_of_gradients_and_weights_are_applied():
    kernel = weight("a")

    count = SGD(0.5).apply_gradients(zip([torch.ones(2, 2)], [kernel], strict=True))

    assert count == 1
    assert kernel.detach().eq(0.5).all()


def test_no_gradients_are_no_update():
    optimizer = SGD(0.1)

    optimizer.apply([], [])

    assert optimizer.iterations == 0


def test_memory_made_elsewhere_is_used():
    kernel, momentum = torch.zeros(2), torch.ones(2)
    optimizer = SGD(1.0, momentum=0.5)
    optimizer.adopt([kernel], [{"momentum": momentum}])

    optimizer.apply([torch.zeros(2)])

    assert momentum.tolist() == [0.5, 0.5]
    assert kernel.tolist() == [0.5, 0.5]


def test_variables_hold_counter_rate_and_memory():
    optimizer = Adam(0.5)
    optimizer.build([torch.ones(2)])

    assert [v.numpy().tolist() for v in optimizer.variables] == [0, 0.5, [0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("name", ["adam", "Adam", "ADAMW", "rmsprop", "lamb", "ScheduleFreeAdamW"])
def test_names_are_found_in_any_case(name):
    assert type(optimizers.get(name)).__name__.lower() == name.lower()


def test_get_leaves_optimizers_and_none_alone():
    optimizer = Adam()

    assert optimizers.get(optimizer) is optimizer
    assert optimizers.get(None) is None


def test_a_schedule_travels_with_the_configuration():
    optimizer = Adam(schedules.CosineDecay(0.1, 100, warmup_target=0.2, warmup_steps=5))

    again = optimizers.get(optimizers.serialize(optimizer))

    assert again.get_config() == optimizer.get_config()
    assert isinstance(again.rate_at(torch.ones(1)), torch.Tensor)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Adam(0.1),
        lambda: LossScaleOptimizer(Adam(0.1)),
        lambda: optimizers.MultiOptimizer(OptimizerMap(SGD(0.1), {"a": Adam(0.1)})),
    ],
    ids=["adam", "loss scale", "several"],
)
def test_a_pickled_optimizer_has_the_same_configuration(make):
    optimizer = make()

    assert pickle.loads(pickle.dumps(optimizer)).get_config() == optimizer.get_config()
