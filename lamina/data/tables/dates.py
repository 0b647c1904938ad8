"""Dates written as text: which way round they are, and how many seconds they lie from 1970."""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

ISO = "year-month-day"
DAY_FIRST = "day/month/year"
MONTH_FIRST = "month/day/year"
AMBIGUOUS = "day and month cannot be told apart"

_TIME = r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}}){_TIME}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def looks_like_date(text: str) -> bool:
    """Whether a text is written as a date, be it one of the calendar or not."""
    return _YEAR_FIRST.fullmatch(text) is not None or _YEAR_LAST.fullmatch(text) is not None


def form_of(texts: Collection[str]) -> str:
    """The order of day, month and year in which a column of dates is written.

    Args:
        texts: The different cells, all of which look like dates.

    Returns:
        ISO, DAY_FIRST, MONTH_FIRST or AMBIGUOUS. Dots always mean that the day comes first.
    """
    last = [found for found in map(_YEAR_LAST.fullmatch, texts) if found]
    if not last:
        return ISO
    if any(found[2] == "." or int(found[1]) > 12 for found in last):
        return DAY_FIRST
    return MONTH_FIRST if any(int(found[3]) > 12 for found in last) else AMBIGUOUS


def seconds_of(text: str, form: str) -> float | None:
    """Seconds from the start of 1970 (UTC) to a date; `None` where the text is no date.

    Args:
        text: A cell without blanks around it.
        form: The order in which dates with the year at the end are written.

    Example:
        >>> seconds_of("02.01.1970", DAY_FIRST)
        86400.0
    """
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        year, month, day, *time = found.groups()
    else:
        found = _YEAR_LAST.fullmatch(text)
        if not found or (form == ISO and found[2] != "."):
            return None
        first, mark, second, year, *time = found.groups()
        is_month_first = form == MONTH_FIRST and mark != "."
        month, day = (first, second) if is_month_first else (second, first)
    hour, minute, second, zone = time
    try:
        day_and_time = map(int, (year, month, day, hour or 0, minute or 0, second or 0))
        moment = datetime(*day_and_time).replace(tzinfo=UTC)  # type: ignore[arg-type]
        return (moment - _offset(zone) - _EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return None


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "Z"):
        return timedelta()
    hours, minutes = int(zone[:3]), int(zone[-2:])
    return timedelta(hours=hours, minutes=-minutes if zone[0] == "-" else minutes)
