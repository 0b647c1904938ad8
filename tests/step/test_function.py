"""The step as a plain function: one update against the formula, with every option around it."""

import pytest
import torch
from torch import nn

from lamina.core.errors import StateError
from lamina.optimizers import SGD, Adam, MultiOptimizer
from lamina.step.function import coefficient_table, make_step
from lamina.step.state import State

both_forms = pytest.mark.parametrize("fused", [False, True], ids=["few kernels", "fused"])


class Line:
    """y = w · x + b with a quadratic loss, whose gradients are known by hand."""

    def __init__(self, optimizer, fused=False):
        self.w = nn.Parameter(torch.tensor([1.0, -2.0]))
        self.b = nn.Parameter(torch.tensor([0.5]))
        self.state = State({"w": self.w, "b": self.b}, optimizer)
        self.seen = []
        self.fused = fused

    def step(self, makes_update=True):
        names = list(coefficient_table(self.state, 1, 1))
        return make_step(
            lambda batch: ((batch[0] @ self.w + self.b).square().mean(), "seen"),
            self.state,
            lambda batch, seen, loss: self.seen.append((len(batch), seen, loss.item())),
            lambda: None,
            names,
            makes_update=makes_update,
            fused=self.fused,
        )

    def run(self, x, number=1, makes_update=True):
        terms = [column[0] for column in coefficient_table(self.state, number, 1).values()]
        self.step(makes_update)(x, *terms)

    def gradients(self, x):
        y = x @ self.w.detach() + self.b.detach()
        return 2 * (y[:, None] * x).mean(0), 2 * y.mean(0, keepdim=True)


x = torch.tensor([[1.0, 2.0], [3.0, -1.0]])


@both_forms
def test_a_step_of_plain_descent_follows_the_formula(fused):
    line = Line(SGD(0.1), fused)
    gw, gb = line.gradients(x)
    w, b = line.w.detach() - 0.1 * gw, line.b.detach() - 0.1 * gb

    line.run(x)

    torch.testing.assert_close(line.w.detach(), w)
    torch.testing.assert_close(line.b.detach(), b)


@both_forms
def test_the_tracker_sees_batch_predictions_and_loss(fused):
    line = Line(SGD(0.1), fused)
    loss = (x @ line.w + line.b).square().mean().item()

    line.run(x)

    assert line.seen == [(1, "seen", loss)]


@both_forms
def test_values_are_clipped(fused):
    line = Line(SGD(0.1, clipvalue=0.01), fused)
    signs = [gradient.sign() for gradient in line.gradients(x)]
    w, b = line.w.detach() - 0.001 * signs[0], line.b.detach() - 0.001 * signs[1]

    line.run(x)

    torch.testing.assert_close(line.w.detach(), w)
    torch.testing.assert_close(line.b.detach(), b)


@both_forms
def test_the_joint_norm_is_clipped(fused):
    line = Line(SGD(1.0, global_clipnorm=0.5), fused)
    before = torch.cat([line.w.detach().clone(), line.b.detach().clone()])

    line.run(x)
    moved = torch.cat([line.w.detach(), line.b.detach()]) - before

    torch.testing.assert_close(moved.norm(), torch.tensor(0.5))


@both_forms
def test_each_norm_is_clipped_by_itself(fused):
    line = Line(SGD(1.0, clipnorm=0.5), fused)
    before = line.w.detach().clone()

    line.run(x)

    torch.testing.assert_close((line.w.detach() - before).norm(), torch.tensor(0.5))


@both_forms
def test_a_scaled_loss_gives_the_same_update(fused):
    plain, scaled = Line(SGD(0.1), fused), Line(SGD(0.1, loss_scale_factor=64.0), fused)

    plain.run(x)
    scaled.run(x)

    torch.testing.assert_close(scaled.w.detach(), plain.w.detach())


@both_forms
def test_accumulated_batches_make_one_update_with_their_mean(fused):
    line = Line(SGD(0.1, gradient_accumulation_steps=2), fused)
    before = line.w.detach().clone()
    other = -2 * x
    mean = (line.gradients(x)[0] + line.gradients(other)[0]) / 2

    line.run(x, makes_update=False)
    halfway = line.w.detach().clone()
    line.run(other)

    assert torch.equal(halfway, before)
    torch.testing.assert_close(line.w.detach(), before - 0.1 * mean)


@both_forms
def test_sums_start_again_after_an_update(fused):
    line = Line(SGD(0.1, gradient_accumulation_steps=2), fused)

    line.run(x, makes_update=False)
    line.run(x)

    assert not line.state.blocks[0].flat_sum.any()


@both_forms
def test_decay_shrinks_the_weights_before_the_update(fused):
    line = Line(SGD(0.1, weight_decay=0.5), fused)
    gw, _ = line.gradients(x)
    wanted = line.w.detach() * (1 - 0.1 * 0.5) - 0.1 * gw

    line.run(x)

    torch.testing.assert_close(line.w.detach(), wanted)


@both_forms
def test_the_average_follows_the_weights(fused):
    line = Line(SGD(0.1, use_ema=True, ema_momentum=0.9), fused)

    line.run(x)
    averages = {name: slot for name, key, slot in line.state.slots() if key == "average"}

    torch.testing.assert_close(averages["w"], line.w.detach())


def test_both_forms_of_the_update_agree():
    few, fused = Line(Adam(0.1, amsgrad=True)), Line(Adam(0.1, amsgrad=True), fused=True)

    for number in range(1, 6):
        few.run(x, number)
        fused.run(x, number)

    torch.testing.assert_close(fused.w.detach(), few.w.detach())
    torch.testing.assert_close(fused.b.detach(), few.b.detach())


@both_forms
def test_several_optimizers_take_their_own_numbers(fused):
    rates = {2: SGD(0.1), 1: SGD(0.01)}
    line = Line(MultiOptimizer(lambda weight: rates[weight.numel()]), fused)
    gw, gb = line.gradients(x)
    w, b = line.w.detach() - 0.1 * gw, line.b.detach() - 0.01 * gb

    line.run(x)

    torch.testing.assert_close(line.w.detach(), w)
    torch.testing.assert_close(line.b.detach(), b)


def test_the_table_holds_the_numbers_of_the_coming_updates():
    line = Line(Adam(0.1))
    table = coefficient_table(line.state, 3, 2)
    numbers = torch.tensor([3.0, 4.0], dtype=torch.float64)
    wanted = 0.1 * torch.sqrt(1 - 0.999**numbers) / (1 - 0.9**numbers)

    torch.testing.assert_close(table["step_size"], wanted.float())


def test_a_loss_without_weights_is_refused():
    line = Line(SGD(0.1))
    step = make_step(
        lambda batch: (batch[0].sum(), None), line.state, print, print, ["learning_rate"]
    )

    message = (
        r"^the loss does not depend on any trainable weight\.\n"
        r"  expected: a model with trainable weights on the way from its inputs to the loss\.\n"
        r"  fix: set layer\.trainable = True, or give the model a layer with weights\.$"
    )
    with pytest.raises(StateError, match=message):
        step(x, torch.tensor(0.1))


def test_a_weight_off_the_path_keeps_its_value():
    line = Line(SGD(0.1))
    line.step()
    step = make_step(
        lambda batch: ((batch[0] @ line.w).sum(), None),
        line.state,
        lambda *_: None,
        lambda: None,
        ["learning_rate"],
    )

    step(x, torch.tensor(0.1))

    assert line.b.item() == 0.5
    assert line.w.tolist() != [1.0, -2.0]
