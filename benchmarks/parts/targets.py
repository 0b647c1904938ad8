"""The aims: how many times our time each peer should take, on two cores."""

# Ratio of medians, theirs to ours; `None` where there is no aim. Columns as in COLUMNS.
COLUMNS = ("A", "B", "C", "C2", "D", "E", "F")
TARGETS: dict[str, tuple[float | None, ...]] = {
    "keras-tensorflow": (12, 2, 2.2, 2, 9, 300, 3),
    "keras-torch": (20, 2, 2.4, 2, 22, 20, 3),
    "keras-jax": (2, 1.2, 5, 5, 2.4, 50, 1.3),
    "torch": (2.5, 1.15, 1.03, 1.03, 4, 0.8, 0.9),
    "torch-compile": (2.5, 1.1, 1.1, 1.1, 3, None, 3),
    "jax": (1.0, 1.2, 5, 5, 0.33, None, 0.8),
    "scikit-learn": (3, None, None, None, 3, None, None),
}
JAX_AGAINST_MAX = 0.8  # job D, with jit="max" on our side
SECONDS_ABOVE_TORCH = 0.1  # import
MEMORY_AGAINST_TORCH = 1.1  # ours to theirs, so less is better


def target(peer: str, column: str) -> float | None:
    """The aim against a peer in a job, or `None`."""
    row = TARGETS.get(peer)
    return None if row is None else row[COLUMNS.index(column)]
