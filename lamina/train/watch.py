"""Says when the training loop must look up: a checkpoint or a look is due, or a signal came.

The loop compares one number after each step; everything else is decided here, away from it.
"""

import signal
import sys
import threading
from types import FrameType
from typing import Any, Self

from lamina.core import checks
from lamina.train import feeding

NEVER = sys.maxsize
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Interrupted(BaseException):
    """A signal came while the loop waited for data; no step was under way."""


class Watch:
    """Signals and time, from the beginning to the end of `fit`.

    In the main thread SIGINT and SIGTERM are held back until the step is done; `deliver` then does
    what they would have done. A second SIGINT ends the run at once.

    Args:
        every: Steps (int), seconds (float) or "epoch" from one checkpoint to the next; `None`
            where none are written.
        look_seconds: Seconds from one look at the numbers to the next; `None` for none.

    Attributes:
        due: Number of steps made at which the loop must look up.
        pending: The signal that came, or `None`.
    """

    def __init__(
        self, every: int | float | str | None = None, look_seconds: float | None = None
    ) -> None:
        self.every, self._look_seconds = every, look_seconds
        self.due = NEVER
        self.pending: int | None = None
        self._time_is_up = False
        self._before: dict[int, Any] = {}
        self._clock: threading.Timer | None = None
        self._look_is_due = False
        self._look_clock: threading.Timer | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._hold_back(signal.SIGINT)
            self._hold_back(signal.SIGTERM)
        self._start_look_clock()
        return self

    def __exit__(self, *error: object) -> None:
        for clock in (self._clock, self._look_clock):
            if clock is not None:
                clock.cancel()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def plan(self, done: int, *, saved: bool = True) -> None:
        """Begins to wait for the next checkpoint, `done` steps being made.

        Time goes on from the last one that was saved.
        """
        self.due = NEVER
        if isinstance(self.every, int):
            self.due = (done // self.every + 1) * self.every
        elif isinstance(self.every, float) and saved:
            self._start_clock(self.every)
        if self.pending is not None or self._time_is_up or self._look_is_due:
            self.due = 0

    def takes_look(self) -> bool:
        """Whether a look at the numbers is due now; the next one is due some time later."""
        is_due, self._look_is_due = self._look_is_due, False
        if is_due:
            self._start_look_clock()
        return is_due

    def look_soon(self) -> None:
        """Makes a look due after the step that is under way."""
        self._look_is_due = True
        self.due = 0

    def wants_checkpoint(self, done: int, *, ends_epoch: bool = False) -> bool:
        """Whether one is due now, by the count, the clock, the end of an epoch or a signal."""
        if self.every is None:
            return False
        by_count = isinstance(self.every, int) and done >= self.due > 0
        by_epoch = ends_epoch and self.every == "epoch"
        return by_count or by_epoch or self._time_is_up or self.pending is not None

    @property
    def stops_here(self) -> bool:
        """Whether a signal came that ends the run, for sure."""
        return self.pending is not None and self._is_plain(self.pending)

    def deliver(self) -> None:
        """Does what the signal that came would have done without this watch.

        Raises:
            KeyboardInterrupt: It was SIGINT, and nobody else had asked for it.
            SystemExit: It was SIGTERM, likewise; the exit code is 143.
        """
        number, self.pending = self.pending, None
        if number is None:
            return
        before = self._before[number]
        if callable(before):
            try:
                before(number, None)
            except KeyboardInterrupt:
                raise KeyboardInterrupt from None  # where the loop stood says nothing
        else:
            raise SystemExit(128 + number)

    def _hold_back(self, number: int) -> None:
        """Puts our handler in the place of one that would act at once.

        A signal that is ignored stays ignored. SIGTERM without a handler ends the process in any
        case, so that it is held back only where there is something to save.
        """
        before = signal.getsignal(number)
        if callable(before) or (before is signal.SIG_DFL and self.every is not None):
            self._before[number] = signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT and self.pending is not None:
            raise KeyboardInterrupt
        self.pending = number
        self.due = 0
        if self._is_plain(number) and _waits_for_data(frame):
            raise Interrupted

    def _is_plain(self, number: int) -> bool:
        """Whether nobody but Python would handle it."""
        return self._before.get(number) in (signal.default_int_handler, signal.SIG_DFL)

    def _start_look_clock(self) -> None:
        if self._look_clock is not None:
            self._look_clock.cancel()
        if self._look_seconds is not None:
            self._look_clock = threading.Timer(self._look_seconds, self.look_soon)
            self._look_clock.daemon = True
            self._look_clock.start()

    def _start_clock(self, seconds: float) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._time_is_up = False
        self._clock = threading.Timer(seconds, self._ring)
        self._clock.daemon = True
        self._clock.start()

    def _ring(self) -> None:
        self._time_is_up = True
        self.due = 0


def checked_every(value: Any) -> int | float | str:
    """Accepts a number of steps, "epoch", or a time such as "60s", "10m", "2h" (as seconds)."""
    if value is None or value == "epoch":
        return "epoch"
    if checks.is_whole(value) and value >= 1:
        return int(value)
    if isinstance(value, str) and value[-1:] in _UNITS:
        number = value[:-1].strip()
        if number.replace(".", "", 1).isdecimal() and float(number) > 0:
            return float(number) * _UNITS[value[-1]]
    raise checks.refuse(
        "fit",
        "every",
        value,
        expected="'every' as a number of steps, 'epoch', or a time such as '60s' or '10m'.",
        fix="pass for example every='epoch'.",
    )


def _waits_for_data(frame: FrameType | None) -> bool:
    """Whether the loop is asking a stream for its next batch."""
    while frame is not None:
        if frame.f_code is feeding.STREAM_CODE:
            return True
        frame = frame.f_back
    return False
