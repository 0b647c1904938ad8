"""The floors below, each imported when a command runs: help and completion need none of them."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.cli import results
    from lamina.data import catalog
    from lamina.data.catalog import presence
    from lamina.study.plan import Settings as StudySettings
    from lamina.study.run import carry_out as study
    from lamina.workbench import (
        checking,
        comparison,
        comparison_lines,
        comparison_page,
        doctor,
        evaluation,
        experiment,
        exporting,
        listing,
        plan_file,
        prediction,
        reporting,
        settings,
        settings_list,
        showing,
        summarizing,
        targets,
    )

_WORKBENCH = (
    *("checking", "comparison", "comparison_lines", "comparison_page", "doctor", "evaluation"),
    *("experiment", "exporting", "listing", "plan_file", "prediction", "reporting", "settings"),
    *("settings_list", "showing", "summarizing", "targets"),
)
_PLACES = {
    "lamina.cli.results": "",
    "lamina.data.catalog": "",
    "lamina.data.catalog.presence": "",
    "lamina.study.plan": "StudySettings=Settings",
    "lamina.study.run": "study=carry_out",
    **{f"lamina.workbench.{name}": "" for name in _WORKBENCH},
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = [
    "StudySettings",
    "catalog",
    "checking",
    "comparison",
    "comparison_lines",
    "comparison_page",
    "doctor",
    "evaluation",
    "experiment",
    "exporting",
    "listing",
    "plan_file",
    "prediction",
    "presence",
    "reporting",
    "results",
    "settings",
    "settings_list",
    "showing",
    "study",
    "summarizing",
    "targets",
]
