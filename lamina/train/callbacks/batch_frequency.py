"""Says when something that happens every so many batches is due."""


class BatchFrequency:
    """Counts batches over the ends of epochs.

    Args:
        every: Batches from one time to the next.
    """

    def __init__(self, every: int) -> None:
        self.every = every
        self._since = 0
        self._last: int | None = None

    def is_due(self, batch: int) -> bool:
        """Counts the batches up to this one, which may be several after the last one told."""
        last = -1 if self._last is None or batch <= self._last else self._last  # -1: a new epoch
        self._since += batch - last
        self._last = batch
        if self._since < self.every:
            return False
        self._since = 0
        return True

    def state(self) -> dict[str, int | None]:
        """Both counters."""
        return {"since": self._since, "last": self._last}

    def load_state(self, state: dict[str, int | None]) -> None:
        """Goes on counting from here."""
        self._since, self._last = state["since"] or 0, state["last"]
