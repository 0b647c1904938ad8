"""How findings write numbers, counts and names."""

import math
from collections.abc import Sequence


def counted(count: int, thing: str) -> str:
    """A number with its noun: "1 row", "3 rows", "2 classes"."""
    if count == 1:
        return f"1 {thing}"
    plural = f"{thing}es" if thing.endswith(("s", "x", "ch")) else f"{thing}s"
    return f"{count:,} {plural}"


def number(value: float) -> str:
    """A number with at most four significant digits, whole numbers in full up to a million."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.4g}"


def percent(share: float) -> str:
    """A share as a percentage that does not round to 0 or 100 when it is neither."""
    value = 100 * share
    return f"{value:.0f} %" if 10 <= value <= 99 else f"{value:.2g} %" if value < 10 else "100 %"


def listed(names: Sequence[object], limit: int = 3) -> str:
    """Names in quotes, at most `limit` of them."""
    shown = [repr(str(name)) for name in names[:limit]]
    if len(names) > limit:
        shown.append(f"{len(names) - limit} more")
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def shortened(text: str, limit: int = 200) -> str:
    """A line cut to the length that problems may have."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
