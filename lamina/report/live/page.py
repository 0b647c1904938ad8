"""LivePage: a callback that shows a training in the browser while it goes on."""

import threading
import time
import webbrowser
from collections.abc import Sequence
from typing import Any

from lamina.core import checks
from lamina.report.live.events import Board
from lamina.report.live.examples import Examples
from lamina.report.live.server import PageServer
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.learning_rates import add_to_logs
from lamina.train.callbacks.scalars import scalar
from lamina.train.epoch_line import Course
from lamina.train.printing import say

_LOOK_SECONDS = 0.5


class LivePage(Callback):
    """Serves a page with curves, findings, examples and progress, for browsers on this machine.

    The page is at 127.0.0.1 from the beginning to the end of `fit`, needs no network and sends
    nothing anywhere. The training loop is not slowed down: numbers are read at the end of each
    epoch, as they are anyway, and within an epoch another thread looks at the count of batches.

    Args:
        port: Port of the page; 0 for a free one, which is said when training begins.
        open_browser: Whether to open the page in a browser.
        examples: (x, y), examples to be shown with the model's answers, at most 8; by default
            some of the validation data, or of the training data where there is none.
        class_names: Names of the classes by number; by default those that the model knows.

    Attributes:
        url: Address of the page while it is there, otherwise `None`.

    Raises:
        ArgumentError: An argument is impossible, or the port is taken.

    Example:
        >>> LivePage(port=8321).url
    """

    def __init__(
        self,
        port: int = 0,
        open_browser: bool = False,
        examples: tuple[Any, Any] | None = None,
        class_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self.port = checks.whole(self, "port", port, high=65535)
        self.open_browser = checks.boolean(self, "open_browser", open_browser)
        self.class_names = class_names
        self._given = examples
        self._examples: Examples | None = None
        self._board = Board()
        self._server: PageServer | None = None
        self._ends = threading.Event()
        self._course = Course()
        self._num_findings = 0
        self._epoch, self._calls_before, self._began = 0, 0, 0.0
        self._epoch_seconds: float | None = None

    @property
    def url(self) -> str | None:
        """Address of the page while it is there."""
        return None if self._server is None else self._server.url

    # -- what the training tells ---------------------------------------------------------------

    def set_examples(self, x: Any, y: Any) -> None:
        """Keeps examples to be shown, where none were given."""
        if self._given is not None:
            x, y = self._given
        if y is None or isinstance(y, dict):
            return
        names = self.class_names or getattr(self.model, "class_names", None) or ()
        columns = getattr(self.model, "column_names", None)
        self._examples = Examples(x, y, names, columns)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begins to serve."""
        self.close()
        self._board, self._course, self._num_findings = Board(), Course(), 0
        self._ends.clear()
        self._examples = None
        self._server = PageServer(self._board, self.port)
        self._board.put(
            "begin",
            name=str(getattr(self.model, "name", "model")),
            total_epochs=self.params.get("epochs") or 1,
            steps=self.params.get("steps"),
            is_running=True,
        )
        self._put_findings()
        if self.params.get("verbose", "auto") != 0:
            say(f"live page: {self._server.url}")
        if self.open_browser:
            webbrowser.open(self._server.url)
        threading.Thread(target=self._look, args=(self._ends,), daemon=True).start()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes where the count of batches stands."""
        self._catch_up()
        self._epoch, self._began = epoch + 1, time.perf_counter()
        self._calls_before = self._calls()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows the numbers, new findings, and what the model says of the examples."""
        seconds = time.perf_counter() - self._began
        self._epoch_seconds = seconds
        numbers = {name: value for name, value in (logs or {}).items() if scalar(value) is not None}
        rates: dict[str, Any] = {}
        add_to_logs(self.model, rates)
        self._put_epoch(epoch + 1, {**numbers, **rates}, seconds)
        self._put_findings()
        if self._examples is not None:
            self._board.put(
                "examples", examples=self._examples.asked_of(self.model), examples_epoch=epoch + 1
            )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Says that training ended, and ends the page."""
        self._end("finished")

    def on_train_stopped(self, error: BaseException) -> None:
        """Says that training was stopped, and ends the page."""
        self._end(f"stopped: {type(error).__name__}")

    def close(self) -> None:
        """Ends the page, if it is there."""
        self._ends.set()
        server, self._server = self._server, None
        if server is not None:
            server.close()

    # -- what the page gets --------------------------------------------------------------------

    def _end(self, how: str) -> None:
        self._ends.set()
        self._put_findings()
        self._board.put("end", is_running=False, how=how)
        self.close()

    def _put_epoch(self, number: int, numbers: dict[str, Any], seconds: float | None) -> None:
        plain = {name: scalar(value) for name, value in numbers.items()}
        self._course.add(number, plain)
        entry = {"epoch": number, "numbers": plain, "seconds": seconds}
        self._board.put("epoch", entry=entry)
        if self._course.best is not None:
            value, best = self._course.best
            name = self._course.watched
            self._board.put("best", best={"name": name, "value": value, "epoch": best})

    def _catch_up(self) -> None:
        """Shows epochs of an interrupted run that this one goes on with."""
        history = getattr(self.model, "history", None)
        known = len(self._board.state()["epochs"])
        if history is None or known or not history.epoch:
            return
        for place, epoch in enumerate(history.epoch):
            numbers = {
                name: values[place]
                for name, values in history.history.items()
                if len(values) == len(history.epoch)
            }
            self._put_epoch(epoch + 1, numbers, None)

    def _put_findings(self) -> None:
        history = getattr(self.model, "history", None)
        findings = list(getattr(history, "findings", ()))
        new, self._num_findings = findings[self._num_findings :], len(findings)
        if new:
            entries = [
                {
                    "severity": finding.severity,
                    "code": finding.code,
                    "problem": finding.problem,
                    "fix": finding.fix,
                }
                for finding in new
            ]
            self._board.put("findings", entries=entries)

    def _calls(self) -> int:
        return int(getattr(getattr(self.model, "optimizer", None), "calls", 0))

    def _look(self, ends: threading.Event) -> None:
        """Shows the count of batches, from a thread of its own and without asking the device."""
        while not ends.wait(_LOOK_SECONDS):
            if self._epoch:
                self._board.put("progress", progress=self._progress())

    def _progress(self) -> dict[str, Any]:
        seconds = time.perf_counter() - self._began
        step, steps = self._calls() - self._calls_before, self.params.get("steps")
        epochs = self.params.get("epochs") or 1
        whole = self._epoch_seconds
        if whole is None and steps and step:
            whole = seconds / step * steps
        left = None if whole is None else max(0.0, whole * (epochs - self._epoch + 1) - seconds)
        return {"epoch": self._epoch, "step": step, "steps": steps, "seconds_left": left}
