"""The jobs: which model, on which data, with which batch. Plain data, no library.

A layer is a tuple of a word and numbers; each peer builds it in its own way.
"""

from dataclasses import dataclass, replace

LEARNING_RATE = 1e-3
EPSILON = 1e-7
SEED = 7

CONVOLUTIONS = (
    ("conv", 32), ("conv", 32), ("pool",),
    ("conv", 64), ("conv", 64), ("pool",),
    ("flatten",), ("dense", 128, "relu"), ("dense", 10, None),
)  # fmt: skip
CONVOLUTIONS_NORMALIZED = (
    ("flip",), ("shift",),
    ("conv-norm", 32), ("conv-norm", 32), ("pool",),
    ("conv-norm", 64), ("conv-norm", 64), ("pool",),
    ("flatten",), ("dense", 128, "relu"), ("dense", 10, None),
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """One training job.

    Attributes:
        name: Letter in the tables.
        title: What it is, for people.
        data: Name of the prepared data.
        shape: One example.
        rows: Examples in an epoch.
        batch: Examples in a step.
        layers: The model; "conv" is 3x3, same padding, relu, and "shift" moves by up to a tenth.
        loss: "classes" (cross-entropy of logits) or "mse".
        tolerance: How far a peer's loss may be from the middle one, as a share of it.
    """

    name: str
    title: str
    data: str
    shape: tuple[int, ...]
    rows: int
    batch: int
    layers: tuple[tuple, ...]
    loss: str = "classes"
    tolerance: float = 0.1

    def shrunk(self, batches: int) -> "Job":
        """The job on its first few batches, for trials; the last batch stays a short one."""
        short = self.rows % self.batch
        return replace(self, rows=min(self.rows, batches * self.batch + short))


def dense(*sizes: int, activation: str) -> tuple[tuple, ...]:
    """A stack of dense layers; the last one is linear."""
    hidden = tuple(("dense", size, activation) for size in sizes[:-1])
    return (*hidden, ("dense", sizes[-1], None))


JOBS = {
    job.name: job
    for job in (
        Job(
            "A", "Fashion-MNIST 784-128-10 relu, batch 32",
            "fashion", (784,), 60_000, 32, dense(128, 10, activation="relu"),
        ),
        Job(
            "B", "CIFAR-10 3072-1024-512-256-10 swish, batch 128",
            "cifar", (3072,), 50_000, 128, dense(1024, 512, 256, 10, activation="swish"),
        ),
        Job(
            "C", "10,000 of 28x28x1, convolutions 32-32-64-64, batch 128",
            "fashion", (28, 28, 1), 10_000, 128, CONVOLUTIONS, tolerance=0.15,
        ),
        Job(
            "C2", "10,000 of 32x32x3, the same with BatchNormalization and augmentation",
            "cifar", (32, 32, 3), 10_000, 128, CONVOLUTIONS_NORMALIZED, tolerance=0.15,
        ),
        Job(
            "D", "table 8-32-32-16-8-1 swish, mse, 20,640 rows, batch 32",
            "table", (8,), 20_640, 32, dense(32, 32, 16, 8, 1, activation="swish"),
            loss="mse", tolerance=0.25,
        ),
    )
}  # fmt: skip

TRIAL_BATCHES = {"A": 300, "B": 30, "C": 12, "C2": 12, "D": 300}
QUICK_BATCHES = {"A": 12, "B": 3, "C": 2, "C2": 2, "D": 12}


def job_named(name: str, *, batches: int | None = None) -> Job:
    """A job, whole or on its first `batches`."""
    job = JOBS[name]
    return job if batches is None else job.shrunk(batches)
