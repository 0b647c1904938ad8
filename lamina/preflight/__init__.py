"""Mistakes that are named before they cost an afternoon."""

from lamina.preflight.finding import Finding, PreflightError
from lamina.preflight.report import Report
from lamina.preflight.run import check
from lamina.preflight.subject import Part, Subject

__all__ = ["Finding", "Part", "PreflightError", "Report", "Subject", "check"]
