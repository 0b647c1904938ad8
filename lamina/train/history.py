"""Numbers of a run as plain data."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lamina.core.errors import LaminaError
from lamina.preflight.findings import Findings
from lamina.train.callbacks.base import Callback
from lamina.train.history_html import as_html
from lamina.train.plotting import plot_history


class LazyLogs(dict):
    """Numbers of an epoch so far, read from the device when somebody looks at them.

    Args:
        read: Returns the numbers by name.
    """

    def __init__(self, read: Callable[[], dict[str, Any]]) -> None:
        super().__init__()
        self._read: Callable[[], dict[str, Any]] | None = read

    def _fill(self) -> None:
        if self._read is not None:
            read, self._read = self._read, None
            self.update(read())

    def __getitem__(self, key: str) -> Any:
        self._fill()
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._fill()
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._fill()
        return super().__iter__()

    def __len__(self) -> int:
        self._fill()
        return super().__len__()

    def __repr__(self) -> str:
        self._fill()
        return super().__repr__()

    def get(self, key: str, default: Any = None) -> Any:
        """The number under a name, or `default`."""
        self._fill()
        return super().get(key, default)

    def keys(self) -> Any:
        """Names of the numbers."""
        self._fill()
        return super().keys()

    def values(self) -> Any:
        """The numbers."""
        self._fill()
        return super().values()

    def items(self) -> Any:
        """Names with their numbers."""
        self._fill()
        return super().items()


@dataclass(frozen=True)
class Speed:
    """How fast a run was, and where its time went.

    Shares are of the wall time of the training steps, from 0 to 1: waiting for data, between
    kernels (their number times the price of a call), and inside kernels (the rest).
    """

    tier: str
    examples_per_second: float
    steps: int
    seconds: float
    threads: int
    data_share: float = 0.0
    launch_share: float = 0.0
    kernel_share: float = 0.0
    verdict: str = ""

    def __str__(self) -> str:
        return (
            f"{self.tier}, {self.examples_per_second:,.0f} examples/s, "
            f"{self.threads} thread{'s' if self.threads > 1 else ''}"
            + (f"; {self.verdict}" if self.verdict else "")
        )


class History(Callback):
    """What happened in a run; returned by `fit`.

    Attributes:
        history: One list of numbers a name, one number an epoch.
        epoch: Numbers of the epochs that were run, the first being 0.
        tier: How the steps were executed at the end of the run.
        refusals: Why a faster tier could not be used; empty where it was.
        findings: What was found before and during training.
        speed: Examples a second and where the time went.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self.tier = "eager"
        self.refusals: list[LaminaError] = []
        self.findings = Findings()
        self.speed: Speed | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts with no epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keeps the numbers of an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def state(self) -> dict[str, Any]:
        """Epochs and numbers so far."""
        return {"epoch": list(self.epoch), "history": {k: list(v) for k, v in self.history.items()}}

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on after these epochs."""
        self.epoch, self.history = state["epoch"], state["history"]

    def plot(self) -> Any:
        """Draws the learning curves: a chart a number, training and validation together.

        Returns:
            A `matplotlib.figure.Figure`, which a notebook shows and `savefig` writes.

        Example:
            >>> model.fit(x, y).plot().savefig("curves.png")
        """
        return plot_history(self.history, self.epoch)

    def __repr__(self) -> str:
        return f"<History: {len(self.epoch)} epochs of {', '.join(self.history) or 'nothing'}>"

    def _repr_html_(self) -> str:
        return as_html(self)
