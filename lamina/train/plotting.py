"""Learning curves as a matplotlib figure, in the look of the report.

matplotlib is slow to import, so it is imported when somebody plots.
"""

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

_TRAIN, _VALIDATION, _INK, _LINE, _BEST = "#2a5db0", "#b8500f", "#565e68", "#dfe1de", "#1f7a4d"
_PREFIX = "val_"
_SIZE = (4.6, 3.1)  # inches of one chart
_DOTTED = 40  # up to so many epochs each has a dot
_STEEP = 30  # times its lowest value, from where a loss needs a logarithmic axis


def plot_history(history: Mapping[str, Sequence[Any]], epochs: Sequence[int]) -> Any:
    """Draws each number of a history over the epochs, training and validation in one chart.

    Args:
        history: One list of numbers a name, one number an epoch.
        epochs: Numbers of the epochs, the first being 0; drawn from 1 on.

    Returns:
        A `matplotlib.figure.Figure`, which a notebook shows and `savefig` writes.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import, seldom needed
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    names = [name for name in history if not name.startswith(_PREFIX)]
    names += [n for n in history if n.startswith(_PREFIX) and n.removeprefix(_PREFIX) not in names]
    columns = min(2, len(names)) or 1
    rows = -(-len(names) // columns) or 1
    figure: Any = Figure(figsize=(_SIZE[0] * columns, _SIZE[1] * rows), layout="constrained")
    numbers = [epoch + 1 for epoch in epochs]
    best = _best_epoch(history, numbers)
    for place, name in enumerate(names, start=1):
        axes = figure.add_subplot(rows, columns, place)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _draw(axes, name, history, numbers, None if name == "learning_rate" else best)
    figure._repr_png_ = lambda: _as_png(figure)  # shown even where pyplot was never imported
    return figure


def _as_png(figure: Any) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _draw(
    axes: Any,
    name: str,
    history: Mapping[str, Sequence[Any]],
    epochs: Sequence[int],
    best: int | None,
) -> None:
    series = [
        (history[key], color, label)
        for key, color, label in (
            (name, _TRAIN, "training"),
            (_PREFIX + name, _VALIDATION, "validation"),
        )
        if key in history
    ]
    marker = "o" if len(epochs) <= _DOTTED else ""
    for values, color, label in series:
        places = epochs[: len(values)]
        axes.plot(places, values, marker=marker, color=color, linewidth=2, ms=4, label=label)
    if _is_steep(name, [value for values, _, _ in series for value in values]):
        axes.set_yscale("log")
    if best is not None and len(epochs) > 1:
        axes.axvline(best, color=_BEST, ls=(0, (3, 3)), lw=1.2)
        axes.annotate(
            f"best, epoch {best}",
            (best, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right" if best > epochs[-1] / 2 else "left",
            color=_INK,
            fontsize=9,
        )
    _dress(axes, name, len(series))


def _dress(axes: Any, name: str, num_series: int) -> None:
    axes.set_xlabel("epoch", color=_INK)
    axes.set_ylabel(name.replace("_", " "), color=_INK)
    axes.grid(axis="y", color=_LINE, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", colors=_INK, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_LINE)
    if num_series > 1:
        axes.legend(frameon=False, labelcolor=_INK)


def _best_epoch(history: Mapping[str, Sequence[Any]], epochs: Sequence[int]) -> int | None:
    """The epoch of the lowest (validation) loss."""
    losses = history.get("val_loss") or history.get("loss") or []
    pairs = [(float(loss), epoch) for loss, epoch in zip(losses, epochs, strict=False)]
    finite = [pair for pair in pairs if math.isfinite(pair[0])]
    return min(finite)[1] if finite else None


def _is_steep(name: str, values: Sequence[Any]) -> bool:
    finite = [float(value) for value in values if math.isfinite(float(value))]
    return "loss" in name and bool(finite) and 0 < _STEEP * min(finite) < max(finite)
