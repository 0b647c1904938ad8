"""Answers all questions one after the other.

    python -m benchmarks.run [--quick] [--only A,B,E] [--peers torch,jax] [--rounds 3]

Jobs: A, B, C, C2, D (epochs), E (predict), F (first epoch), G (import), H (memory), T (threads).
"""

import sys

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
    training = [name for name in JOBS if chosen.wants(name)]
    if training:
        is_the_captured_step_faster.main([*shared, "--only", ",".join(training)])
    for letter, program in PROGRAMS.items():
        if chosen.wants(letter):
            program.main(shared)
    if not chosen.quick:
        table.write()


if __name__ == "__main__":
    main()
