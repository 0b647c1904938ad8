"""What compile() was told, validated and frozen."""

from dataclasses import dataclass
from typing import Any

from lamina import losses, metrics, optimizers
from lamina.core import checks
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.names import shown
from lamina.optimizers import LossScaleOptimizer, Optimizer

TIERS = {"auto": "captured", True: "captured", False: "eager", "max": "compiled"}


@dataclass(frozen=True)
class Plan:
    """The arguments of `compile`, checked as far as they can be without data.

    `loss`, `metrics` and `weighted_metrics` keep the user's nesting; `train.objective` matches
    them with the outputs of the model.
    """

    optimizer: Optimizer
    loss: Any = None
    loss_weights: Any = None
    metrics: Any = None
    weighted_metrics: Any = None
    tier: str = "captured"
    given: dict[str, Any] | None = None


def make_plan(
    optimizer: Any = "rmsprop",
    loss: Any = None,
    loss_weights: Any = None,
    metrics: Any = None,
    weighted_metrics: Any = None,
    run_eagerly: bool = False,
    jit: Any = "auto",
    scales_loss: bool = False,
) -> Plan:
    """Checks the arguments of `compile` and resolves the words among them.

    Args:
        optimizer: Name, configuration or object.
        loss: Name, function or object; a list or dict of them for several outputs; `None` where
            the model adds its own losses.
        loss_weights: One number an output.
        metrics: List of names, functions or objects; nested like the outputs for several.
        weighted_metrics: The same, weighted by sample and class weights.
        run_eagerly: Whether each step runs as ordinary torch code.
        jit: "auto" or `True` for the captured step, `False` for the eager one, "max" to hand the
            captured step to torch's compiler.
        scales_loss: Whether the optimizer is wrapped in a `LossScaleOptimizer`.

    Raises:
        ArgumentError: A name is unknown or a value impossible.
        ArgumentTypeError: Something of the wrong kind stands among them.
    """
    if optimizer is None:
        raise ArgumentTypeError(
            "compile(optimizer=None) is not possible.",
            expected="a name, an optimizer or its configuration.",
            fix='pass optimizer="adam", or leave it out for "rmsprop".',
        )
    run_eagerly = checks.boolean("compile", "run_eagerly", run_eagerly)
    checks.choice("compile", "jit", jit, tuple(TIERS))
    resolved: Any = optimizers.get(optimizer)  # None only for None
    if scales_loss and not isinstance(resolved, LossScaleOptimizer):
        resolved = LossScaleOptimizer(resolved)
    plan = Plan(
        optimizer=resolved,
        loss=_resolved(loss, losses.get),
        loss_weights=_checked_weights(loss_weights),
        metrics=_checked_metrics("metrics", metrics),
        weighted_metrics=_checked_metrics("weighted_metrics", weighted_metrics),
        tier="eager" if run_eagerly else TIERS[jit],
        given={
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
        },
    )
    return plan


def _resolved(loss: Any, get: Any) -> Any:
    """Losses known by name are looked up now, so that a wrong word is named at once."""
    if isinstance(loss, dict) and not {"class_name", "config"} <= loss.keys():
        return {key: _resolved(value, get) for key, value in loss.items()}
    if isinstance(loss, (list, tuple)):
        return [_resolved(value, get) for value in loss]
    if loss is None or (isinstance(loss, str) and loss in ("crossentropy", "ce", "auto")):
        return loss  # chosen when the shapes of output and labels are known
    return get(loss)


def _checked_weights(weights: Any) -> Any:
    if weights is None:
        return None
    values = weights.values() if isinstance(weights, dict) else weights
    if not isinstance(weights, (list, tuple, dict)):
        values = [weights]
    for value in values:
        if isinstance(value, str):  # metrics without their name, in the place after the loss
            raise ArgumentError(
                f"compile(loss_weights={shown(weights)}) is not possible.",
                expected="'loss_weights' as numbers; the third argument of compile is "
                "loss_weights, as in Keras.",
                fix=f"pass by name what was meant: metrics=[{value!r}].",
            )
        checks.number("compile", "loss_weights", value)
    return weights


def _checked_metrics(argument: str, given: Any) -> Any:
    if given is None:
        return None
    if not isinstance(given, (list, tuple, dict)):
        raise ArgumentTypeError(
            f"compile({argument}={shown(given)}) is not possible.",
            expected=f"'{argument}' as a list, or a dict with one list an output.",
            fix=f"pass {argument}=[{given!r}]." if isinstance(given, str) else "put it in a list.",
        )
    for leaf in _leaves(given):
        _check_metric(argument, leaf)
    return given


def _leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict) and not {"class_name", "config"} <= tree.keys():
        return [leaf for value in tree.values() for leaf in _leaves(value)]
    if isinstance(tree, (list, tuple)):
        return [leaf for value in tree for leaf in _leaves(value)]
    return [tree]


def _check_metric(argument: str, given: Any) -> None:
    if given is None or (
        isinstance(given, str) and given in ("accuracy", "acc", "crossentropy", "ce")
    ):
        return
    if isinstance(given, Optimizer):
        raise ArgumentError(
            f"compile({argument}=[...]) holds an optimizer.",
            expected="metrics only.",
            fix="pass it as optimizer=.",
        )
    metrics.get(given)
