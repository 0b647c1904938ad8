"""Times epochs inside a worker and says when there are enough of them."""

import time


class Watch:
    """Takes the time of each epoch from the end of the one before.

    The first epoch holds everything that is done once: building, tracing, compiling.

    Args:
        epochs: Timed epochs after the first.
        seconds: After that long without the first epoch, no further one starts; one is always
            timed.
    """

    def __init__(self, epochs: int, seconds: float) -> None:
        self.epochs = epochs
        self.seconds = seconds
        self.laps: list[float] = []
        self.losses: list[float] = []
        self.ended_first: float | None = None
        self._last = time.perf_counter()

    @property
    def most_epochs(self) -> int:
        """The first epoch and those that are timed."""
        return self.epochs + 1

    def lap(self, loss: float) -> bool:
        """Notes the end of an epoch and its mean loss; returns whether another one is wanted."""
        now = time.perf_counter()
        self.laps.append(now - self._last)
        self.losses.append(float(loss))
        self.ended_first = self.ended_first or time.time()
        self._last = now
        if len(self.laps) >= self.most_epochs:
            return False
        return len(self.laps) < 2 or sum(self.laps[1:]) < self.seconds
