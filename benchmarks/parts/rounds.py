"""Gives every peer its turn, round after round, so that a slow minute hits all of them alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.parts import workers
from benchmarks.parts.jobs import QUICK_BATCHES, TRIAL_BATCHES
from benchmarks.parts.peers import PEERS, Variant
from benchmarks.parts.settings import Settings
from benchmarks.parts.task import Task
from benchmarks.parts.workers import Answer

TRIAL_SECONDS = 4.0
TURNS_AT_LEAST = 2
LONG_TURN = 40.0  # seconds
Say = Callable[[str], None]
Trial = Callable[[str, Variant], tuple[Answer, float]]


@dataclass
class Record:
    """What is known of one peer in one job.

    Attributes:
        peer: Its name.
        variant: How it is set.
        trials: Seconds an epoch of each setting that was tried, on a part of the data.
        answers: Figures of its turns, one entry a round.
        failure: Why it has none, or no more.
        spent: Seconds of its workers.
    """

    peer: str
    variant: Variant
    trials: dict[str, float] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)
    failure: str | None = None
    spent: float = 0.0

    def take(self, answer: Answer) -> None:
        """Notes a turn."""
        self.spent += answer.seconds
        if answer.failure is None:
            self.answers.append(answer.figures)
        else:
            self.failure = answer.failure

    def is_done(self, budget: float) -> bool:
        """Whether there is nothing more to learn, or no time left for it.

        A second turn is worth more than a kept budget, unless it would take very long.
        """
        if self.failure is not None:
            return True
        enough = len(self.answers) >= TURNS_AT_LEAST or self.spent > LONG_TURN
        return enough and self.spent > budget


def training(job: str, names: list[str], settings: Settings, say: Say = print) -> list[Record]:
    """Trains a job with each peer, in rounds.

    Args:
        job: Name of the job.
        names: Peers in the order of their turns.
        settings: How much is measured.
        say: Told what is going on.
    """
    records = [choose(name, job, settings, say) for name in names]
    batches = QUICK_BATCHES[job] if settings.quick else None

    def turn(record: Record) -> Answer:
        task = Task(
            "train", record.peer, job, batches, epochs=settings.epochs, seconds=settings.seconds
        )
        return workers.run(task, record.variant)

    return take_turns(records, turn, settings, lambda r: f"job {job}, {r.peer}", say)


def take_turns(
    records: list[Record],
    turn: Callable[[Record], Answer],
    settings: Settings,
    called: Callable[[Record], str],
    say: Say = print,
) -> list[Record]:
    """Runs `turn` for every record that is not done, `settings.rounds` times."""
    for number in range(settings.rounds):
        for record in records:
            if not record.is_done(settings.budget):
                answer = turn(record)
                record.take(answer)
                say(f"  round {number + 1}, {called(record)}: {outcome(answer)}")
    return records


def outcome(answer: Answer) -> str:
    """One turn in a few words."""
    if answer.failure is not None:
        return f"FAILED: {answer.failure.splitlines()[-1]}"
    if "laps" in answer.figures:
        laps = " ".join(f"{lap:.3f}" for lap in answer.figures["laps"])
        return f"first {answer.figures['first']:.2f} s, then {laps}"
    return f"{answer.seconds:.1f} s"


def choose(name: str, job: str, settings: Settings, say: Say = print) -> Record:
    """Tries the settings of a peer on a part of a job and takes the fastest."""

    def trial(name: str, variant: Variant) -> tuple[Answer, float]:
        task = Task("train", name, job, TRIAL_BATCHES[job], epochs=4, seconds=TRIAL_SECONDS)
        answer = workers.run(task, variant)
        return answer, median(answer.figures["laps"]) if answer.figures else float("inf")

    return choose_among(name, job, settings, trial, say)


def choose_among(name: str, job: str, settings: Settings, trial: Trial, say: Say = print) -> Record:
    """The record of a peer, with the setting that took the fewest seconds in a trial."""
    variants = PEERS[name].variants_for(job)
    record = Record(name, variants[0])
    if settings.quick or len(variants) == 1:
        return record
    for variant in variants:
        answer, seconds = trial(name, variant)
        say(f"  trial, job {job}, {name}, {variant.label}: {outcome(answer)}")
        if answer.failure is None:
            record.trials[variant.label] = seconds
        else:
            record.failure = record.failure or answer.failure
    if record.trials:
        record.failure = None
        best = min(record.trials, key=record.trials.__getitem__)
        record.variant = next(variant for variant in variants if variant.label == best)
    return record
