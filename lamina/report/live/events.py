"""Board: what the live page shows, kept whole for those who come later, and told to listeners."""

import json
import math
import queue
import threading
from typing import Any

_MOST_LISTENERS = 16
_MOST_WAITING = 256
Message = tuple[str, str] | None
"""The name of an event and its JSON; `None` at the end."""


class Board:
    """The state of a run as plain data; changes are handed to everyone who listens.

    A listener gets the whole state first. One that is too slow to take what comes is let go; it
    will come again, and get the whole state again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: dict[str, Any] = {"epochs": [], "findings": []}
        self._listeners: set[queue.Queue[Message]] = set()
        self._is_closed = False

    def put(self, event: str, **values: Any) -> None:
        """Writes values over those of the same names, and tells them.

        "epoch" is one of the list "epochs", "findings" are added to those before.
        """
        with self._lock:
            if event == "epoch":
                self._state["epochs"].append(values["entry"])
            elif event == "findings":
                self._state["findings"] += values["entries"]
            else:
                self._state.update(values)
            self._tell(event, values)

    def _tell(self, event: str, values: dict[str, Any]) -> None:
        message = (event, dumped(values))
        for listener in list(self._listeners):
            try:
                listener.put_nowait(message)
            except queue.Full:
                self._listeners.discard(listener)

    def state(self) -> dict[str, Any]:
        """A copy of the whole state, as a new listener gets it."""
        with self._lock:
            copied: dict[str, Any] = json.loads(dumped(self._state))
            return copied

    def join(self) -> "queue.Queue[Message] | None":
        """A queue that begins with the whole state; `None` where too many listen already."""
        listener: queue.Queue[Message] = queue.Queue(_MOST_WAITING)
        with self._lock:
            if len(self._listeners) >= _MOST_LISTENERS:
                return None
            listener.put_nowait(("state", dumped(self._state)))
            if self._is_closed:
                listener.put_nowait(None)
            self._listeners.add(listener)
        return listener

    def leave(self, listener: "queue.Queue[Message]") -> None:
        """Ends listening."""
        with self._lock:
            self._listeners.discard(listener)

    def is_listening(self, listener: "queue.Queue[Message]") -> bool:
        """Whether a listener is still told what comes."""
        with self._lock:
            return listener in self._listeners

    @property
    def num_listeners(self) -> int:
        """How many listen now."""
        with self._lock:
            return len(self._listeners)

    def close(self) -> None:
        """Tells all listeners that nothing comes any more."""
        with self._lock:
            self._is_closed = True
            for listener in self._listeners:
                if not listener.full():
                    listener.put_nowait(None)


def dumped(values: Any) -> str:
    """Plain data as one line of JSON; NaN and infinity, which JSON lacks, become words."""
    return json.dumps(_plain(values), separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value
