"""Answers all questions one after the other.

    python -m benchmarks.run [--quick] [--only A,B,E] [--peers torch,jax] [--rounds 3]

Jobs: A, B, C, C2, D (epochs), E (predict), F (first epoch), G (import), H (memory), T (threads).
"""

import sys
from types import ModuleType

from benchmarks import (
    how_fast_is_one_prediction,
    how_light_is_the_import,
    how_long_until_the_first_epoch_ends,
    how_many_threads,
    how_much_memory_does_training_take,
    is_the_captured_step_faster,
    table,
)
from benchmarks.parts import settings
from benchmarks.parts.jobs import JOBS
from benchmarks.parts.workers import WorkerError

PROGRAMS = {
    "E": how_fast_is_one_prediction,
    "F": how_long_until_the_first_epoch_ends,
    "G": how_light_is_the_import,
    "H": how_much_memory_does_training_take,
    "T": how_many_threads,
}


def main() -> None:
    """Runs the programs of the jobs that were asked for, then renews the table."""
    arguments = sys.argv[1:]
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    shared = settings.without_only(arguments)
    for name in JOBS:
        if chosen.wants(name):
            is_the_captured_step_faster.main([*shared, "--only", name])
    failed = [
        letter
        for letter, program in PROGRAMS.items()
        if chosen.wants(letter) and not succeeds(letter, program, shared)
    ]
    if not chosen.quick:
        table.write()
    sys.exit(1 if failed else 0)


def succeeds(letter: str, program: ModuleType, arguments: list[str]) -> bool:
    """Runs one program; one that cannot be answered does not keep the others from running."""
    try:
        program.main(arguments)
    except WorkerError as error:
        print(f"{letter} has no answer: {error}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    main()
