"""Finished runs as pages that people read."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.report.intervals import Interval, bootstrap, wilson
    from lamina.report.notebook import Report
    from lamina.report.page import write
    from lamina.report.paired import Comparison, compare_correct, compare_errors

_PLACES = {
    "lamina.report.intervals": "Interval bootstrap wilson",
    "lamina.report.notebook": "Report",
    "lamina.report.page": "write",
    "lamina.report.paired": "Comparison compare_correct compare_errors",
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = [
    "Comparison",
    "Interval",
    "Report",
    "bootstrap",
    "compare_correct",
    "compare_errors",
    "wilson",
    "write",
]
