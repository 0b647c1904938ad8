"""What the numbers of a study support, in sentences, with their spread over the seeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from lamina.report.wording import counted, share
from lamina.study.nets import Net

_FEW_EPOCHS = 5  # up to which a convolution has hardly begun to learn


@dataclass(frozen=True)
class Line:
    """A net with the results of all its seeds.

    Args:
        net: Which net.
        scores: Test accuracies, one a seed.
        validation: Mean accuracy on the validation part.
        parameters: Number of its parameters.
        multiply_adds: What one picture costs it.
        seconds: Mean time of a training.
        epochs: Mean number of epochs.
    """

    net: Net
    scores: tuple[float, ...]
    validation: float
    parameters: int
    multiply_adds: int
    seconds: float
    epochs: float

    @property
    def mean(self) -> float:
        """Mean test accuracy."""
        return mean(self.scores)

    @property
    def deviation(self) -> float:
        """Standard deviation of the test accuracy over the seeds; 0 for one seed."""
        return stdev(self.scores) if len(self.scores) > 1 else 0.0

    @property
    def words(self) -> str:
        """Mean and deviation as percentages."""
        if len(self.scores) == 1:
            return share(self.mean)
        return f"{share(self.mean)} ± {100 * self.deviation:.1f}"


def lines_of(trials: Iterable[dict[str, Any]]) -> list[Line]:
    """The nets in the order of the grid, each with all its seeds."""
    groups: dict[Net, list[dict[str, Any]]] = {}
    for trial in trials:
        groups.setdefault(Net(**trial["net"]), []).append(trial)
    return [
        Line(
            net=net,
            scores=tuple(trial["test_accuracy"] for trial in group),
            validation=mean(trial["validation_accuracy"] for trial in group),
            parameters=group[0]["parameters"],
            multiply_adds=group[0]["multiply_adds"],
            seconds=mean(trial["seconds"] for trial in group),
            epochs=mean(trial["epochs"] for trial in group),
        )
        for net, group in groups.items()
    ]


def best_of(lines: Sequence[Line], kind: str) -> Line | None:
    """The net of a kind with the best mean accuracy on the validation part."""
    return max((x for x in lines if x.net.kind == kind), key=lambda x: x.validation, default=None)


def headline(facts: dict[str, Any]) -> str:
    """The sentence that the grid supports."""
    lines = lines_of(facts["trials"])
    dense, convolution = best_of(lines, "dense"), best_of(lines, "convolution")
    if dense is None or convolution is None:
        return "The study has not trained both kinds of net yet."
    count = sum(line.net.kind == "dense" for line in lines)
    seeds = counted(min(len(dense.scores), len(convolution.scores)), "seed")
    return (
        f"The best of {counted(count, 'dense net')} ({dense.net.size}) names {dense.words} of the "
        f"test pictures of {facts['data']['title']} right, the best small convolution "
        f"({convolution.net.size}) {convolution.words} "
        f"({seeds}): {_verdict(dense, convolution)}"
    )


def _verdict(dense: Line, convolution: Line) -> str:
    gap = convolution.mean - dense.mean
    noise = (dense.deviation**2 + convolution.deviation**2) ** 0.5
    if abs(gap) <= max(2 * noise, 0.005):
        return "no difference that these trainings can tell" + _short(convolution)
    if gap < 0:
        return f"here the dense net is ahead by {100 * -gap:.1f} points" + _short(convolution)
    ratio = dense.parameters / convolution.parameters
    size = (
        f"with {ratio:.0f} times fewer parameters"
        if ratio >= 1.5
        else "with as many parameters or more"
    )
    return f"{100 * gap:.1f} points more, {size}."


def _short(convolution: Line) -> str:
    if convolution.epochs > _FEW_EPOCHS:
        return "."
    times = counted(round(convolution.epochs), "time")
    return (
        f"; but in its {convolution.seconds:.0f} s the convolution saw each picture only {times}: "
        "ask again with more minutes (--minutes 30)."
    )


def shape_sentence(lines: Sequence[Line]) -> str:
    """What depth and width bought the dense nets."""
    dense = [line for line in lines if line.net.kind == "dense"]
    if len(dense) < 2:
        return ""
    low, high = min(dense, key=lambda x: x.mean), max(dense, key=lambda x: x.mean)
    ratio = max(x.parameters for x in dense) / min(x.parameters for x in dense)
    return (
        f"From the worst dense net ({low.net.name}, {low.words}) to the best "
        f"({high.net.name}, {high.words}) the accuracy moves by {100 * (high.mean - low.mean):.1f} "
        f"points, while their sizes differ by a factor of {ratio:.0f}."
    )


def shuffle_sentence(reasons: dict[str, Any]) -> str:
    """What one fixed permutation of the pixels does to both kinds."""
    if not {"dense", "convolution"} <= reasons.keys():
        return ""
    told = []
    for kind, noun in (("dense", "the dense net"), ("convolution", "the convolution")):
        plain, after = reasons[kind]["plain"], reasons[kind]["shuffled"]
        told.append(f"{noun} {_went(plain, after)} from {share(plain)} to {share(after)}")
    return f"With all pixels moved to other places by one fixed permutation, {', '.join(told)}."


def _went(before: float, after: float) -> str:
    if abs(after - before) < 0.01:
        return "hardly changes,"
    return "falls" if after < before else "rises"
