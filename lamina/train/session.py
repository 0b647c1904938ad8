"""A module together with its plan: built, on the device, with state, objective and captures."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lamina.core import devices, trees
from lamina.core.errors import CaptureError, StateError
from lamina.data import Batch
from lamina.layers.base import Layer
from lamina.step.choose import Choice, choose, choose_reading
from lamina.step.function import coefficient_table, make_step
from lamina.step.runner import Runner
from lamina.step.state import State
from lamina.step.threads import choose_threads
from lamina.train.objective import Objective
from lamina.train.plan import Plan


class Session:
    """What training, evaluation and prediction of one module share.

    Args:
        module: Any torch module; a Layer is built when its first batch is seen.
        plan: What `compile` was told; `None` for prediction only.
    """

    def __init__(self, module: nn.Module, plan: Plan | None = None) -> None:
        self.module = module
        self.plan = plan
        self.device = devices.default()
        self.objective: Objective | None = None
        self.state: State | None = None
        self._structure: Any = (None, None, None)
        self._steps: dict[bool, Any] = {}
        self._batch_runner: Runner | None = None

    # -- getting ready -----------------------------------------------------------------------

    def build(self, example: Batch) -> Any:
        """Makes all weights by a forward pass on two rows, and returns the outputs.

        Runs in evaluation mode without gradients, so that nothing but the weights comes to be.
        """
        self.device = devices.default()
        x = trees.transform(lambda leaf: leaf[:2].to(self.device), example.x)
        self.module.to(self.device)
        was_training = self.module.training
        self.module.eval()
        with torch.no_grad():
            y_pred = self.forward(x)
        self.module.to(self.device)
        self.module.train(was_training)
        return y_pred

    def forward(self, x: Any) -> Any:
        """Calls the module on inputs that are nested as the user nested them."""
        if isinstance(self.module, Layer):
            return self.module(x, training=self.module.training)
        x = trees.transform(lambda t: t.float() if t.dtype == torch.uint8 else t, x)
        return self.module(*x) if isinstance(x, (list, tuple)) else self.module(x)

    def prepare(self, example: Batch, output_names: Sequence[str] | None = None) -> None:
        """Builds what a run on batches like `example` needs; keeps what still fits.

        Raises:
            StateError: There is no plan, or the model has nothing to train.
        """
        if self.plan is None:
            raise StateError(
                f"{getattr(self.module, 'name', 'the model')!r} has not been compiled.",
                expected="a loss and an optimizer.",
                fix='model.compile(optimizer="adam", loss="auto"), or name a loss.',
            )
        small = trees.transform(
            lambda leaf: None if leaf is None else leaf[:2].to(self.device), example
        )
        structure = trees.transform(lambda leaf: leaf is not None and leaf.shape[1:], small)
        if self.objective is None or self._structure[:2] != structure[:2] or self.device_changed():
            y_pred = self.build(example)
            self.objective = Objective(
                self.module, self.forward, self.plan, small, y_pred, output_names, self.device
            )
        if self._structure != structure:
            self.objective = self.objective.reading(small)
            self._structure = structure
            self._steps.clear()

    def _nothing_to_train(self) -> StateError:
        """Of a model without weights, or with frozen ones alone."""
        name = getattr(self.module, "name", "the model")
        fix = "add a layer such as Dense."
        frozen = any(True for _ in self.module.parameters())
        if frozen:
            fix = f"unfreeze a layer: {name}.layers[-1].trainable = True; then compile again."
        return StateError(
            f"{name!r} has no trainable weights" + (": all are frozen." if frozen else "."),
            expected="at least one layer with weights whose trainable is True.",
            fix=fix,
        )

    def prepare_training(self) -> None:
        """Moves the weights into the buffers that steps work on, and forgets old captures."""
        weights: dict[str, Tensor] = {
            n: p for n, p in self.module.named_parameters() if p.requires_grad
        }
        if not weights:
            raise self._nothing_to_train()
        if self.state is None or not self.state.fits(weights, self.plan.optimizer):
            old, self.state = self.state, State(weights, self.plan.optimizer)
            if old is not None and old.optimizer is self.plan.optimizer:
                self.state.load_slots(old)
            self._steps.clear()

    def device_changed(self) -> bool:
        """Whether the module's weights lie elsewhere than the session."""
        weight = next(self.module.parameters(), None)
        return weight is not None and weight.device != devices.default()

    # -- one step ----------------------------------------------------------------------------

    def training_runner(self) -> Runner:
        """A runner for training steps of this plan."""
        choice = self._choice()
        runner = Runner(choice.tier)
        runner.refusal = choice.refusal
        if self.has_custom_step:
            runner.refusal = CaptureError(
                f"{type(self.module).__name__} has a train_step of its own.",
                expected="the step that fit() builds, to run it without Python in between.",
                fix="move what is special into call(), a loss or add_loss(), to train faster.",
            )
        elif not self.plan.optimizer.capturable:
            runner.refusal = CaptureError(
                f"optimizer {self.plan.optimizer.name!r} cannot be captured.",
                expected="an optimizer whose update reads nothing on the host.",
                fix="use another optimizer, for example Adam, to train faster.",
            )
        return runner

    def reading_runner(self) -> Runner:
        """A runner for evaluation."""
        return Runner(choose_reading(self.plan.tier, self.device).tier)

    def _choice(self) -> Choice:
        """The tier for training steps."""
        if self.has_custom_step or not self.plan.optimizer.capturable:
            return Choice("eager")
        return choose(self.plan.tier, self.device)

    @property
    def has_custom_step(self) -> bool:
        """Whether the module's class replaces `train_step`."""
        return getattr(type(self.module), "train_step", None) not in (None, _inherited(self.module))

    def batch_runner(self) -> Runner:
        """The runner that steps made one by one share; captures end with their buffers."""
        if self._batch_runner is None or not self._steps:
            self._batch_runner = self.training_runner()
        return self._batch_runner

    def training_step(self, makes_update: bool) -> Any:
        """The plain function of a training step, made once."""
        state: Any = self.state  # made by prepare_training()
        if makes_update not in self._steps:
            self._steps[makes_update] = make_step(
                self.objective.loss,
                state,
                self.objective.track,
                self.objective.constrain,
                list(self.coefficients(1, 1)),
                makes_update=makes_update,
                fused=self._choice().tier == "compiled",
            )
        return self._steps[makes_update]

    def coefficients(self, first: int, count: int) -> dict[str, Tensor]:
        """The optimizer's numbers for `count` updates, on the device."""
        state: Any = self.state  # made by prepare_training()
        table = coefficient_table(state, first, count)
        return {key: column.to(self.device) for key, column in table.items()}

    def evaluation_step(self, example: Batch, augment: Any = None) -> Callable[..., None]:
        """The plain function of evaluating a batch nested like `example`.

        Forward pass, averaged over views where `augment` names some, loss and metrics; it changes
        nothing but the totals.
        """
        objective = self.objective.reading(example, augment)

        def step(*inputs: Tensor) -> None:
            leaves = list(inputs)
            with torch.no_grad():
                loss, seen = objective.loss(leaves)
                objective.track(leaves, seen, loss)

        return step

    def threads(self, example: Batch, batch_size: int) -> int:
        """Threads for kernels on batches of this size."""
        return choose_threads(self.module, self.device, batch_size, example)


def _inherited(module: nn.Module) -> Any:
    """The `train_step` that a model has by itself: the one of the class nearest to Layer."""
    owners: list[Any] = [kind for kind in type(module).__mro__ if "train_step" in kind.__dict__]
    return owners[-1].train_step if owners else None


def leaves_of(batch: Batch) -> list[Tensor]:
    """The tensors of a batch in one fixed order: inputs, labels, weights."""
    return [leaf for leaf in trees.leaves(batch) if leaf is not None]
