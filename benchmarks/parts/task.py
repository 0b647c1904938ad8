"""What a worker is asked for and what it answers, as plain data."""

from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.parts.jobs import Job, job_named


@dataclass(frozen=True)
class Task:
    """One run of one peer.

    Attributes:
        kind: "train", "predict", "first-epoch" or "memory".
        peer: Name in `peers.PEERS`.
        job: Name of the job.
        batches: The first so many batches of the job; all when `None`.
        epochs: Timed epochs after the first.
        seconds: No further epoch or call starts after that long (the first epoch not counted).
        calls: Predictions of one row.
        options: Settings of the variant, read by the peer.
    """

    kind: str
    peer: str
    job: str
    batches: int | None = None
    epochs: int = 3
    seconds: float = 20.0
    calls: int = 1000
    options: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data that JSON can hold."""
        return asdict(self)

    def whole_job(self) -> Job:
        """The job with its sizes."""
        return job_named(self.job, batches=self.batches)
