"""Every optimizer moves weights as the real Keras does, and keeps the promises of a step."""

import inspect

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from lamina import optimizers
from lamina.core.variables import Weight
from lamina.optimizers import wrappers
from lamina.optimizers.names import CLASSES

# Keras 3.15 converts torch tensors in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)

SHAPES = {"kernel": (3, 4), "tall_kernel": (5, 2), "bias": (4,), "conv": (2, 2, 3, 2)}
UPDATES = 6


def decay(module):
    return module.schedules.ExponentialDecay(0.1, decay_steps=2, decay_rate=0.5)


def excluding_bias(optimizer):
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


ADDED = {"exclude_convolutions", "ns_dtype"}  # of Muon; their defaults are what Keras does
CASES = {
    "sgd": lambda o: o.SGD(0.1),
    "sgd momentum": lambda o: o.SGD(0.1, momentum=0.9),
    "sgd nesterov": lambda o: o.SGD(0.1, momentum=0.9, nesterov=True),
    "sgd schedule": lambda o: o.SGD(decay(o)),
    "sgd weight decay": lambda o: o.SGD(0.1, weight_decay=0.1),
    "sgd clipnorm": lambda o: o.SGD(0.1, clipnorm=0.5),
    "sgd clipvalue": lambda o: o.SGD(0.1, clipvalue=0.3),
    "sgd global clipnorm": lambda o: o.SGD(0.1, global_clipnorm=0.7),
    "sgd average": lambda o: o.SGD(0.1, use_ema=True, ema_momentum=0.9),
    "sgd average overwrites": lambda o: o.SGD(
        0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2
    ),
    "sgd accumulates": lambda o: o.SGD(0.1, momentum=0.9, gradient_accumulation_steps=3),
    "sgd accumulates and averages": lambda o: o.SGD(
        decay(o), gradient_accumulation_steps=2, use_ema=True, ema_overwrite_frequency=1
    ),
    "sgd loss scale": lambda o: o.SGD(0.1, loss_scale_factor=4.0),
    "adam": lambda o: o.Adam(0.1),
    "adam defaults": lambda o: o.Adam(),
    "adam amsgrad": lambda o: o.Adam(0.1, amsgrad=True, beta_2=0.9),
    "adam schedule": lambda o: o.Adam(decay(o)),
    "adam accumulates": lambda o: o.Adam(0.1, gradient_accumulation_steps=2, clipnorm=0.5),
    "adamw": lambda o: o.AdamW(0.1, weight_decay=0.2),
    "adamw excludes": lambda o: excluding_bias(o.AdamW(0.1, weight_decay=0.2)),
    "adamax": lambda o: o.Adamax(0.1),
    "nadam": lambda o: o.Nadam(0.1),
    "rmsprop": lambda o: o.RMSprop(0.1),
    "rmsprop momentum": lambda o: o.RMSprop(0.1, momentum=0.9),
    "rmsprop centered": lambda o: o.RMSprop(0.1, centered=True, epsilon=1e-3),
    "rmsprop centered momentum": lambda o: o.RMSprop(0.1, 0.8, 0.5, 1e-3, True),
    "adagrad": lambda o: o.Adagrad(0.1),
    "adadelta": lambda o: o.Adadelta(1.0),
    "lion": lambda o: o.Lion(0.01),
    "lion weight decay": lambda o: o.Lion(0.01, weight_decay=0.1),
    "ftrl": lambda o: o.Ftrl(0.1),
    "ftrl all": lambda o: o.Ftrl(0.1, -0.6, 0.2, 0.01, 0.02, 0.03, 0.1),
    "lamb": lambda o: o.Lamb(0.1, weight_decay=0.1),
    "adafactor": lambda o: o.Adafactor(0.1),
    "adafactor schedule": lambda o: o.Adafactor(decay(o), relative_step=False),
    "muon": lambda o: o.Muon(0.1),
    "muon plain": lambda o: o.Muon(
        0.1, nesterov=False, rms_rate=None, weight_decay=None, adam_lr_ratio=0.5
    ),
    "muon excludes": lambda o: o.Muon(0.1, exclude_layers=["tall"], adam_weight_decay=None),
}
# The formula below stands for Keras, see test_schedule_free_follows_its_paper.
OWN_CASES = {
    "schedulefreeadamw": lambda o: o.ScheduleFreeAdamW(0.1, warmup_steps=3),
    "muon convolutions": lambda o: o.Muon(0.1, exclude_convolutions=False),
    "muon bfloat16": lambda o: o.Muon(0.1, exclude_convolutions=False, ns_dtype="bfloat16"),
    "lookahead": lambda o: o.Lookahead(o.SGD(0.1, momentum=0.9, weight_decay=0.1), 0.5, 2),
    "lookahead schedule": lambda o: o.Lookahead(o.Adam(decay(o)), decay(o), 3),
}
ALL_CASES = {**CASES, **OWN_CASES}
every_case = pytest.mark.parametrize("make", ALL_CASES.values(), ids=ALL_CASES)


def arrays(seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype("float32") for shape in SHAPES.values()]


def new_weights():
    weights = [Weight(torch.tensor(values)) for values in arrays(0)]
    for weight, name in zip(weights, SHAPES, strict=True):
        weight.path = f"layer/{name}"
    return weights


def gradients(update):
    return [torch.tensor(values) for values in arrays(update + 1)]


def coefficients(optimizer, updates=UPDATES):
    numbers = torch.arange(1, updates + 1, dtype=torch.float64)
    return optimizer.coefficients(numbers, optimizer.rate_at(numbers))


def pick(terms, index):
    return {key: values[index] for key, values in terms.items()}


def run(optimizer):
    weights = new_weights()
    for update in range(UPDATES):
        optimizer.apply(gradients(update), weights)
    return weights


def run_keras(keras, optimizer):
    variables = [keras.Variable(v, name=n) for v, n in zip(arrays(0), SHAPES, strict=True)]
    for update in range(UPDATES):
        optimizer.apply(gradients(update), variables)
    return optimizer, variables


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_weights_move_as_in_keras(keras, make):
    _, wanted = run_keras(keras, make(keras.optimizers))

    weights = run(make(optimizers))

    # Keras takes 1 - beta_2**t in float32, whose first values have an error of 6e-5.
    for weight, variable in zip(weights, wanted, strict=True):
        assert_close(weight.data, variable.value.data, rtol=1e-5, atol=5e-5)


@pytest.mark.parametrize("case", ["sgd average", "sgd accumulates and averages"])
def test_averages_end_as_in_keras(keras, case):
    other, wanted = run_keras(keras, CASES[case](keras.optimizers))
    other.finalize_variable_values(wanted)
    own = CASES[case](optimizers)

    weights = run(own)
    own.finalize_variable_values(weights)

    for weight, variable in zip(weights, wanted, strict=True):
        assert_close(weight.data, variable.value.data, rtol=1e-5, atol=1e-5)


def test_every_optimizer_has_a_row():
    tested = {type(make(optimizers)).__name__ for make in ALL_CASES.values()}
    elsewhere = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}

    assert {name for name in optimizers.__all__ if name[0].isupper()} == tested | elsewhere


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_arguments_and_defaults_are_those_of_keras(keras, kind):
    theirs = inspect.signature(getattr(keras.optimizers, kind.__name__).__init__).parameters
    own = inspect.signature(kind.__init__).parameters
    base = inspect.signature(optimizers.Optimizer.__init__).parameters
    wanted = {key: p.default for key, p in theirs.items() if key not in ("self", "kwargs")}

    defaults = {key: (own[key] if key in own else base[key]).default for key in wanted}

    assert defaults == wanted


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_own_arguments_come_in_the_order_of_keras(keras, kind):
    theirs = inspect.signature(getattr(keras.optimizers, kind.__name__).__init__).parameters
    own = inspect.signature(kind.__init__).parameters
    own = [key for key in own if key not in {"settings", *ADDED}]

    assert [key for key in theirs if key in own] == own


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_configuration_has_the_entries_of_keras(keras, make):
    own, theirs = make(optimizers).get_config(), make(keras.optimizers).get_config()
    theirs["exclude_layers"] = theirs.get("exclude_layers") or own.get("exclude_layers")
    different = {"name", "learning_rate", "exclude_layers", *ADDED}

    assert {k: v for k, v in own.items() if k not in different} == {
        k: v for k, v in theirs.items() if k not in different
    }


@every_case
def test_configuration_makes_an_equal_optimizer(make):
    optimizer = make(optimizers)

    again = optimizers.deserialize(optimizers.serialize(optimizer))

    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()


@every_case
def test_the_step_contract_equals_apply(make):
    optimizer, weights = make(optimizers), new_weights()
    wanted = run(make(optimizers))
    steps = optimizer.gradient_accumulation_steps or 1
    slots = [optimizer.make_slots(weight) for weight in weights]
    sums = [torch.zeros_like(weight) for weight in weights]
    terms = coefficients(optimizer)

    with torch.no_grad():
        for batch in range(UPDATES):
            step_by_hand(optimizer, weights, slots, sums, pick(terms, batch // steps), batch)

    assert_close([w.data for w in weights], [w.data for w in wanted], rtol=0, atol=0)


def step_by_hand(optimizer, weights, slots, sums, terms, batch):
    """What a captured step does, put together from the parts."""
    steps = optimizer.gradient_accumulation_steps or 1
    present = gradients(batch)
    if optimizer.loss_scale_factor:
        wrappers.unscale(present, optimizer.loss_scale_factor)
    if (batch + 1) % steps:
        wrappers.accumulate(sums, present)
    else:
        means = wrappers.average_accumulated(sums, present, steps) if steps > 1 else present
        optimizer.clip_gradients(means)
        for weight, gradient, slot in zip(weights, means, slots, strict=True):
            key = optimizer.decay_key(weight)
            if key:
                wrappers.decay_weight(weight, terms[key])
            optimizer.update(weight, gradient, slot, terms)
    for weight, slot in zip(weights, slots, strict=True):
        if "average" in slot:
            wrappers.average_weight(weight, slot["average"], terms["ema_momentum"])
        if "ema_overwrite" in terms:
            wrappers.overwrite_weight(weight, slot["average"], terms["ema_overwrite"])


def flat_update(optimizer, weights, batch, slots, terms):
    flat = torch.cat([weight.detach().reshape(-1) for weight in weights])
    gradient = torch.cat([g.reshape(-1) for g in gradients(batch)])
    optimizer.update(flat, gradient, slots, terms)
    return flat


@pytest.mark.parametrize(
    "kind", [kind for kind in CLASSES.values() if kind.elementwise], ids=lambda k: k.__name__
)
def test_elementwise_rules_take_one_flat_buffer(kind):
    optimizer, weights = kind(0.1), new_weights()
    start = torch.cat([weight.detach().reshape(-1) for weight in weights])
    flat_slots, terms = optimizer.make_slots(start), pick(coefficients(optimizer), 0)
    flat = flat_update(optimizer, weights, 0, flat_slots, terms)

    with torch.no_grad():
        for weight, gradient in zip(weights, gradients(0), strict=True):
            optimizer.update(weight, gradient, optimizer.make_slots(weight), terms)

    assert_close(flat, torch.cat([weight.data.reshape(-1) for weight in weights]))


@every_case
def test_update_reads_nothing_and_leaves_the_gradient(make):
    optimizer, gradient = make(optimizers), torch.empty(3, 4, device="meta")
    weight = torch.empty(3, 4, device="meta")
    slots = optimizer.make_slots(weight)
    terms = {key: term.to("meta") for key, term in pick(coefficients(optimizer), 0).items()}
    real = torch.ones(3, 4)

    optimizer.update(weight, gradient, slots, terms)  # meta tensors cannot be read
    optimizer.update(
        torch.ones(3, 4), real, optimizer.make_slots(real), pick(coefficients(optimizer), 0)
    )

    assert real.eq(1.0).all()


# Elementwise rules have a faster way, the next test; torch warns that vmap runs them in a loop.
@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")
@every_case
def test_members_under_vmap_equal_single_runs(make):
    optimizer, terms = make(optimizers), pick(coefficients(make(optimizers)), 0)
    start, slope = torch.randn(3, 4, 2), torch.randn(3, 4, 2)
    slots = torch.func.vmap(lambda w: optimizer.make_slots(w))(start)

    def member(weight, gradient, slots):
        weight, slots = weight.clone(), {key: slot.clone() for key, slot in slots.items()}
        optimizer.formula_update(weight, gradient, slots, terms)
        return weight

    together = torch.func.vmap(member)(start, slope, slots)
    alone = torch.stack(
        [member(start[i], slope[i], {k: s[i] for k, s in slots.items()}) for i in range(3)]
    )

    assert_close(together, alone)


@pytest.mark.parametrize("kind", [optimizers.Adam, optimizers.Lamb, optimizers.Adafactor])
def test_rules_without_a_faster_way_have_batching_rules(kind):
    optimizer = kind(0.1)
    slots = torch.func.vmap(optimizer.make_slots)(torch.ones(2, 3, 4))

    torch.func.vmap(optimizer.formula_update, in_dims=(0, 0, 0, None), out_dims=None)(
        torch.ones(2, 3, 4), torch.ones(2, 3, 4), slots, pick(coefficients(optimizer), 0)
    )  # a warning would be an error


@pytest.mark.parametrize(
    "kind", [kind for kind in CLASSES.values() if kind.elementwise], ids=lambda k: k.__name__
)
def test_a_stack_of_members_may_have_a_learning_rate_each(kind):
    rates = [0.1, 0.2, 0.3]
    numbers = torch.ones(1, dtype=torch.float64)
    start, slope = torch.linspace(-1, 1, 15).reshape(3, 5), torch.linspace(2, 3, 15).reshape(3, 5)
    terms = [kind(rate).coefficients(numbers, numbers * rate) for rate in rates]
    stacked = {key: torch.stack([term[key] for term in terms]) for key in terms[0]}
    together, optimizer = start.clone(), kind(0.1)
    alone = [kind(rate).make_slots(start[i]) for i, rate in enumerate(rates)]
    wanted = start.clone()

    optimizer.formula_update(together, slope, optimizer.make_slots(start), stacked)
    for i, slots in enumerate(alone):
        optimizer.formula_update(wanted[i], slope[i], slots, pick(terms[i], 0))

    assert_close(together, wanted)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_fused_adam_equals_its_formula(amsgrad):
    optimizer = optimizers.Adam(0.1, amsgrad=amsgrad, beta_2=0.9)
    terms = coefficients(optimizer)
    fused, plain = torch.linspace(-1, 1, 40), torch.linspace(-1, 1, 40)
    slots, plain_slots = optimizer.make_slots(fused), optimizer.make_slots(plain)

    for update in range(UPDATES):
        gradient = torch.randn(40, generator=torch.Generator().manual_seed(update))
        optimizer.update(fused, gradient, slots, pick(terms, update))
        optimizer.formula_update(plain, gradient, plain_slots, pick(terms, update))

    assert_close(fused, plain)
    assert_close(slots, plain_slots)


@pytest.mark.gpu
@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_updates_on_a_gpu_equal_those_on_the_cpu(kind):
    wanted, weights = new_weights(), [w.detach().cuda() for w in new_weights()]
    optimizer, other = kind(0.1), kind(0.1)
    for update in range(UPDATES):
        optimizer.apply(gradients(update), wanted)
        other.apply([gradient.cuda() for gradient in gradients(update)], weights)

    assert_close([w.cpu() for w in weights], [w.data for w in wanted], rtol=1e-4, atol=1e-5)


def test_schedule_free_follows_its_paper():
    # Keras 3.15 on torch reads the fast weights after it changed them; the paper, and Keras on
    # other engines, before.
    rate, beta_1, beta_2 = 0.1, 0.9, 0.999
    fast = mean = weight = arrays(0)[0].astype("float64")
    velocity = np.zeros_like(weight)
    for t in range(1, UPDATES + 1):
        gradient = arrays(t)[0].astype("float64")
        velocity = beta_2 * velocity + (1 - beta_2) * gradient**2
        rise = min(t / 3, 1.0)
        fast = fast - rate * rise * gradient / (np.sqrt(velocity / (1 - beta_2**t)) + 1e-8)
        mean = (1 - 1 / t) * mean + fast / t
        weight = (1 - beta_1) * fast + beta_1 * mean

    weights = run(optimizers.ScheduleFreeAdamW(0.1, warmup_steps=3))

    assert_close(weights[0].data, torch.tensor(weight).float())


@every_case
def test_a_loaded_state_continues_to_the_same_bits(make):
    wanted, weights = run(make(optimizers)), new_weights()
    first, second = make(optimizers), make(optimizers)
    for update in range(3):
        first.apply(gradients(update), weights)
    saved = {key: tensor.clone() for key, tensor in first.state().items()}
    second.build(weights)
    second.load_state(saved)
    for update in range(3, UPDATES):
        second.apply(gradients(update), weights)

    assert_close([w.data for w in weights], [w.data for w in wanted], rtol=0, atol=0)


def test_coefficients_of_later_updates_do_not_depend_on_the_first():
    numbers = torch.arange(1, 3001, dtype=torch.float64)
    optimizer = optimizers.Nadam(0.1)
    everything = optimizer.coefficients(numbers, optimizer.rate_at(numbers))

    late = optimizer.coefficients(numbers[2000:], optimizer.rate_at(numbers[2000:]))

    assert_close(late, {key: values[2000:] for key, values in everything.items()})


def test_loss_scale_doubles_halves_and_skips_as_in_keras(keras):
    own = optimizers.LossScaleOptimizer(optimizers.SGD(0.5), 4.0, dynamic_growth_steps=2)
    other = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5), 4.0, 2)
    weight, variable = Weight(torch.ones(2)), keras.Variable(np.ones(2, "float32"))
    history, wanted = [], []
    for value in (1.0, 2.0, float("inf"), 3.0, 4.0, 5.0):
        own.apply([torch.full((2,), value)], [weight])
        other.apply([torch.full((2,), value)], [variable])
        history.append(float(own.dynamic_scale))
        wanted.append(float(other.dynamic_scale))

    assert history == wanted == [4.0, 8.0, 4.0, 4.0, 8.0, 8.0]
    assert_close(weight.data, variable.value.data)
    assert own.iterations == int(other.iterations) == 5
    assert float(own.scale_loss(torch.tensor(1.0))) == 8.0


def several(module):
    chosen = module.OptimizerMap(module.SGD(0.1), {".*kernel": module.Adam(0.1)})
    return module.MultiOptimizer(chosen)


def test_several_optimizers_share_the_weights_as_in_keras(keras):
    other, wanted = run_keras(keras, several(keras.optimizers))
    own = several(optimizers)

    weights = run(own)

    for weight, variable in zip(weights, wanted, strict=True):
        assert_close(weight.data, variable.value.data, rtol=1e-5, atol=5e-5)
    assert own.iterations == int(other.iterations)
    assert [len(group) for _, group in own.groups(weights)] == [2, 2]


@pytest.mark.parametrize(
    "make",
    [several, lambda o: o.LossScaleOptimizer(o.AdamW(0.1, weight_decay=0.1), 16.0, 5)],
    ids=["several", "loss scale"],
)
def test_wrappers_survive_configuration_and_state(make):
    optimizer, weights = make(optimizers), new_weights()
    optimizer.apply(gradients(0), weights)

    again = optimizers.deserialize(optimizers.serialize(optimizer))
    again.build(weights)
    again.load_state(optimizer.state())

    assert again.get_config() == optimizer.get_config()
    assert_close(again.state(), optimizer.state(), rtol=0, atol=0)


def test_a_configuration_of_keras_is_understood(keras):
    given = keras.optimizers.serialize(
        keras.optimizers.AdamW(keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5), 0.01)
    )

    optimizer = optimizers.deserialize(given)

    assert optimizer.weight_decay == 0.01
    assert_close(float(optimizer.rate_at(torch.tensor([6.0]))), 0.05)
