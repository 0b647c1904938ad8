"""`lamina doctor`: is this machine ready, and how fast is it?"""

from typing import Annotated

import typer

from lamina.cli import below
from lamina.cli.arguments import Json
from lamina.cli.printing import as_json, as_lines

Quick = Annotated[bool, typer.Option("--quick", help="Leave out the speed test.")]


def doctor(quick: Quick = False, json: Json = False) -> None:
    """Shows versions, devices, threads, memory and extras, and measures the speed for 10 seconds.

    Example: lamina doctor --quick
    """
    found = below.doctor.examine(has_speed_test=not quick)
    if json:
        as_json(found.to_dict())
    else:
        as_lines(found.lines())
