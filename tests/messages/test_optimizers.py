"""Full text of the errors of optimizers and schedules."""

import re

import pytest
import torch

from lamina import optimizers
from lamina.core.errors import ArgumentError, ArgumentTypeError, StateError
from lamina.core.variables import Weight
from lamina.optimizers import SGD, Adam, AdamW, LossScaleOptimizer, OptimizerMap, schedules

COMMON = (
    "weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, "
    "ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name"
)
SCHEDULE = schedules.ExponentialDecay(0.1, 10, 0.5)


def kernel(path="dense/kernel"):
    weight = Weight(torch.ones(2))
    weight.path = path
    return weight


def set_rate(optimizer, value):
    optimizer.learning_rate = value


def built():
    optimizer = SGD(0.1, name="mine")
    optimizer.build([kernel()])
    return optimizer


def put(optimizers_by_path, key, value):
    optimizers_by_path[key] = value


ARGUMENTS = {
    "learning rate 0": (
        lambda: Adam(0),
        "Adam(learning_rate=0) is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    "learning rate -1": (
        lambda: Adam(learning_rate=-1),
        "Adam(learning_rate=-1) is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    "learning rate nan": (
        lambda: SGD(float("nan")),
        "SGD(learning_rate=nan) is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    "learning rate inf": (
        lambda: SGD(float("inf")),
        "SGD(learning_rate=inf) is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    "learning rate text": (
        lambda: Adam("0.1"),
        "Adam(learning_rate='0.1') is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    "momentum 2": (
        lambda: SGD(0.1, momentum=2),
        "SGD(momentum=2) is not possible.",
        "'momentum' as a number from 0 to 1.",
        "pass for example momentum=0.9.",
    ),
    "beta 1": (
        lambda: Adam(beta_1=1.0),
        "Adam(beta_1=1.0) is not possible.",
        "'beta_1' as a number from 0 up to, not including, 1.",
        "pass for example beta_1=0.5.",
    ),
    "clipnorm -1": (
        lambda: Adam(clipnorm=-1),
        "Adam(clipnorm=-1) is not possible.",
        "'clipnorm' as a number greater than 0.",
        "pass for example clipnorm=1.",
    ),
    "weight decay -1": (
        lambda: AdamW(weight_decay=-1),
        "AdamW(weight_decay=-1) is not possible.",
        "'weight_decay' as a number of at least 0.",
        "pass for example weight_decay=0.004.",
    ),
    "no weight decay": (
        lambda: AdamW(weight_decay=None),
        "AdamW(weight_decay=None) is not possible.",
        "'weight_decay' as a number of at least 0.",
        "use Adam, or pass for example weight_decay=0.004.",
    ),
    "one accumulation": (
        lambda: SGD(gradient_accumulation_steps=1),
        "SGD(gradient_accumulation_steps=1) is not possible.",
        "'gradient_accumulation_steps' as a whole number of at least 2.",
        "pass for example gradient_accumulation_steps=2.",
    ),
    "two clips": (
        lambda: SGD(clipnorm=1.0, clipvalue=0.5),
        "SGD received clipnorm and clipvalue together.",
        "at most one of clipnorm, clipvalue and global_clipnorm.",
        "keep clipnorm and leave out clipvalue.",
    ),
    "lr": (
        lambda: Adam(lr=0.01),
        "Adam(lr=0.01) is not possible.",
        "the step size as 'learning_rate'; 'lr' belongs to older courses.",
        "pass learning_rate=0.01.",
    ),
    "decay": (
        lambda: SGD(0.1, decay=1e-4),
        "SGD(decay=0.0001) is not possible.",
        "a schedule as 'learning_rate'; 'decay' belongs to older courses.",
        "pass learning_rate=keras.optimizers.schedules.InverseTimeDecay(0.001, 1, 0.0001).",
    ),
    "unknown argument": (
        lambda: SGD(momentun=0.9),
        "SGD has no argument 'momentun'.",
        f"arguments among learning_rate, momentum, nesterov, {COMMON}.",
        'did you mean "momentum"?',
    ),
    "unknown name": (
        lambda: optimizers.get("adm"),
        "'adm' is not an optimizer.",
        "one of adadelta, adafactor, adagrad, adam, adamax, adamw, ftrl, lamb, lion, muon, "
        "nadam, rmsprop, schedulefreeadamw, sgd.",
        'did you mean "adam"?',
    ),
    "unknown entry of a configuration": (
        lambda: schedules.deserialize({"class_name": "CosineDecay", "config": {"decay_step": 5}}),
        "CosineDecay has no argument 'decay_step'.",
        "arguments among initial_learning_rate, decay_steps, alpha, name, warmup_target, "
        "warmup_steps.",
        'did you mean "decay_steps"?',
    ),
    "configuration without a class": (
        lambda: schedules.deserialize({"config": {}}),
        "{'config': {}} does not say which object it means.",
        'a learning rate schedule as {"class_name": ..., "config": ...}.',
        "pass what serialize() returned.",
    ),
    "boundaries": (
        lambda: schedules.PiecewiseConstantDecay([10], [0.1]),
        "PiecewiseConstantDecay received 1 boundaries and 1 values.",
        "one value more than boundaries.",
        "pass for example boundaries=[100, 200], values=[0.1, 0.01, 0.001].",
    ),
    "decay steps 0": (
        lambda: schedules.CosineDecay(0.1, 0),
        "CosineDecay(decay_steps=0) is not possible.",
        "'decay_steps' as a number greater than 0.",
        "pass for example decay_steps=1000.",
    ),
    "negative rate set": (
        lambda: set_rate(SGD(0.1), -1.0),
        "SGD(learning_rate=-1.0) is not possible.",
        "'learning_rate' as a number of at least 0.",
        "pass for example learning_rate=0.001.",
    ),
    "no gradient at all": (
        lambda: built().apply([None]),
        "none of the weights has a gradient.",
        "a loss that depends on at least one of them.",
        "compute the loss from the model's outputs, and call loss.backward() first.",
    ),
    "too many gradients": (
        lambda: built().apply([torch.ones(2)] * 2),
        "mine received 2 gradients for 1 weights.",
        "one gradient a weight, None where there is none.",
        "pass for example [w.grad for w in weights] with the same weights.",
    ),
    "another weight": (
        lambda: built().apply([torch.ones(2)], [kernel("other/bias")]),
        "mine does not know other/bias.",
        "only weights that the optimizer was built on.",
        "make a new optimizer for a new set of weights.",
    ),
    "state of another optimizer": (
        lambda: built().load_state({**built().state(), "slots/0/momentum": torch.ones(2)}),
        "mine.load_state() received a state that has an entry 'slots/0/momentum' too many.",
        "the 2 tensors that state() of this optimizer returns.",
        "build the optimizer on the same weights, with the same settings, before loading.",
    ),
    "state without an entry": (
        lambda: built().load_state({"calls": torch.tensor(1)}),
        "mine.load_state() received a state that lacks 'learning_rate'.",
        "the 2 tensors that state() of this optimizer returns.",
        "build the optimizer on the same weights, with the same settings, before loading.",
    ),
    "state of another shape": (
        lambda: built().load_state({**built().state(), "calls": torch.ones(2)}),
        "mine.load_state(): 'calls' has shape (2,), not ().",
        "the 2 tensors that state() of this optimizer returns.",
        "build the optimizer on the same weights, with the same settings, before loading.",
    ),
    "loss scale with a setting": (
        lambda: LossScaleOptimizer(SGD(0.1), clipnorm=1.0),
        "LossScaleOptimizer(clipnorm=1.0) is not possible.",
        "inner_optimizer, initial_scale, dynamic_growth_steps and name only.",
        "give clipnorm to the inner optimizer.",
    ),
    "two patterns": (
        lambda: OptimizerMap(SGD(0.1), {".*kernel": Adam(), "dense.*": SGD(0.2)})(kernel()),
        "weight 'dense/kernel' fits 2 patterns: .*kernel, dense.*.",
        "one pattern for each weight.",
        "make the patterns of the OptimizerMap narrower.",
    ),
    "a pattern twice": (
        lambda: put(OptimizerMap(SGD(0.1), {"dense.*": Adam()}), "dense.*", SGD(0.1)),
        "OptimizerMap already has the pattern 'dense.*'.",
        "each pattern once.",
        "delete it first: del optimizers['dense.*'].",
    ),
    "an optimizer of optimizers": (
        lambda: OptimizerMap(SGD(0.1), {"dense.*": LossScaleOptimizer(SGD(0.1))}),
        "LossScaleOptimizer cannot be one of several optimizers.",
        "optimizers that change weights themselves.",
        "put the MultiOptimizer inside, or set loss_scale_factor on it.",
    ),
    "several with too many gradients": (
        lambda: optimizers.MultiOptimizer(OptimizerMap(SGD(0.1)), name="many").apply(
            [torch.ones(2)] * 2, [kernel()]
        ),
        "many received 2 gradients for 1 weights.",
        "one gradient a weight, None where there is none.",
        "pass for example [w.grad for w in weights] with the same weights.",
    ),
}
TYPES = {
    "a class": (
        lambda: optimizers.get(Adam),
        "<class 'lamina.optimizers.adam.Adam'> is a class, not an optimizer.",
        "a name, an optimizer or its configuration.",
        "write Adam() with its parentheses.",
    ),
    "a number": (
        lambda: optimizers.get(0.1),
        "0.1 is not an optimizer.",
        "a name, an optimizer or its configuration.",
        'pass for example "adam".',
    ),
    "loss scale around a word": (
        lambda: LossScaleOptimizer("adam"),
        "LossScaleOptimizer received 'adam'.",
        "an optimizer to hand gradients on to.",
        "pass for example LossScaleOptimizer(keras.optimizers.Adam()).",
    ),
    "a map of a list": (
        lambda: OptimizerMap(SGD(0.1), [1]),
        "OptimizerMap(optimizer_map=[1]) is not possible.",
        "a dictionary of patterns and optimizers.",
        'pass for example {"embedding.*": keras.optimizers.SGD(0.1)}.',
    ),
    "a pattern that is no text": (
        lambda: put(OptimizerMap(SGD(0.1)), 3, SGD(0.1)),
        "OptimizerMap received 3 as a pattern.",
        "text, a regular expression of paths.",
        'use for example "dense/.*".',
    ),
    "a map to words": (
        lambda: OptimizerMap(SGD(0.1), {"dense.*": "adam"}),
        "'dense.*' is 'adam', not an optimizer.",
        "an object of an optimizer class.",
        "pass for example keras.optimizers.Adam().",
    ),
}
STATES = {
    "rate set against a schedule": (
        lambda: set_rate(SGD(SCHEDULE), 0.5),
        "SGD.learning_rate = 0.5 is not possible: the schedule ExponentialDecay decides.",
        "another schedule, or an optimizer made with a number.",
        "make the optimizer with learning_rate=0.5.",
    ),
    "not built": (
        lambda: SGD(0.1, name="mine").apply([torch.ones(2)]),
        "optimizer 'mine' does not know its weights yet.",
        "a call of build(weights) or of apply(gradients, weights) first.",
        "mine.build(model.trainable_variables).",
    ),
    "exclusion too late": (
        lambda: built().exclude_from_weight_decay(var_names=["bias"]),
        "exclude_from_weight_decay() was called on 'mine' after its first use.",
        "the call before the optimizer is built.",
        "call it right after the optimizer is made.",
    ),
    "rate of several": (
        lambda: optimizers.MultiOptimizer(OptimizerMap(SGD(0.1)), name="many").learning_rate,
        "many has no learning rate of its own.",
        "the learning rate of one of its optimizers.",
        "use many.optimizers[0].learning_rate.",
    ),
    "no rule": (
        lambda: optimizers.Optimizer(0.1).apply([torch.ones(2)], [kernel()]),
        "optimizer Optimizer has no rule.",
        "a method formula_update(self, weight, gradient, slots, coefficients).",
        "write the update with in-place torch operations in that method.",
    ),
    "no schedule": (
        lambda: schedules.LearningRateSchedule()(1),
        "schedule LearningRateSchedule has no __call__().",
        "a method __call__(self, step) that returns the learning rate.",
        "write the formula as def __call__(self, step): return ...",
    ),
}


def text(problem, expected, fix):
    message = "\n".join([problem, f"  expected: {expected}", f"  fix: {fix}"])
    return f"^{re.escape(message)}$"


@pytest.mark.parametrize("row", ARGUMENTS.values(), ids=ARGUMENTS)
def test_impossible_arguments_are_refused(row):
    with pytest.raises(ArgumentError, match=text(*row[1:])):
        row[0]()


@pytest.mark.parametrize("row", TYPES.values(), ids=TYPES)
def test_impossible_types_are_refused(row):
    with pytest.raises(ArgumentTypeError, match=text(*row[1:])):
        row[0]()


@pytest.mark.parametrize("row", STATES.values(), ids=STATES)
def test_calls_at_the_wrong_time_are_refused(row):
    with pytest.raises(StateError, match=text(*row[1:])):
        row[0]()


def test_weights_without_a_gradient_are_named():
    message = (
        "no gradient for dense/bias.\n"
        "  expected: a loss that depends on every weight.\n"
        "  fix: leave these weights out, or use their layer in the loss."
    )

    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$"):
        SGD(0.1).apply([torch.ones(2), None], [kernel(), kernel("dense/bias")])
