"""How much is measured, and the command line that says so."""

import argparse
from dataclasses import dataclass

from benchmarks.parts.peers import OURS, PEERS


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        rounds: Times that every peer has its turn.
        epochs: Timed epochs of a worker, after the first.
        seconds: A worker starts no further epoch after that long, the first not counted.
        budget: A peer whose workers took that long in a job has no further turn in it, except
            for a second one that is not too long.
        quick: Tiny sizes, one round, no trials: shows that everything runs, measures nothing.
        only: Jobs, or `None` for all.
        peers: Peers beside ourselves, or `None` for all.
    """

    rounds: int = 3
    epochs: int = 3
    seconds: float = 8.0
    budget: float = 25.0
    quick: bool = False
    only: tuple[str, ...] | None = None
    peers: tuple[str, ...] | None = None

    def wants(self, job: str) -> bool:
        """Whether a job was asked for."""
        return self.only is None or job in self.only

    def chosen(self, names: list[str]) -> list[str]:
        """Those of some peers that were asked for; ourselves always."""
        return [name for name in names if self.peers is None or name in (OURS, *self.peers)]


def from_command_line(description: str, arguments: list[str] | None = None) -> Settings:
    """Reads the options that all programs share.

    Args:
        description: First line of the help text.
        arguments: Words of the command line; those of the process when `None`.
    """
    plain = Settings()
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one round")
    parser.add_argument("--only", type=_words, help="jobs, as A,B,C2")
    parser.add_argument("--peers", type=_peers, help="peers beside lamina, as torch,jax")
    parser.add_argument("--rounds", type=int, default=plain.rounds)
    parser.add_argument("--epochs", type=int, default=plain.epochs, help="timed, in a worker")
    parser.add_argument("--budget", type=float, default=plain.budget, help="seconds a peer, a job")
    given = parser.parse_args(arguments)
    return Settings(
        rounds=1 if given.quick else given.rounds,
        epochs=1 if given.quick else given.epochs,
        budget=given.budget,
        quick=given.quick,
        only=given.only,
        peers=given.peers,
    )


def without_only(arguments: list[str]) -> list[str]:
    """The words of a command line without the choice of jobs."""
    kept = [word for word in arguments if not word.startswith("--only=")]
    if "--only" in kept:
        place = kept.index("--only")
        del kept[place : place + 2]
    return kept


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _peers(text: str) -> tuple[str, ...]:
    unknown = [name for name in _words(text) if name not in PEERS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(PEERS)}")
    return _words(text)
