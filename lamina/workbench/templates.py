"""Pages of the workbench: templates of the floor below, filled, with all they need in one file."""

import base64
import hashlib
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lamina.report.page import as_command, as_name
from lamina.version import VERSION


def fill(template: str, **context: Any) -> str:
    """A page as text: needs no network and no other file; what comes from outside is escaped.

    Args:
        template: The name of its file.
        **context: What the template shows.
    """
    environment = Environment(
        loader=PackageLoader("lamina.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"name": as_name, "count": "{:,}".format, "command": as_command}
    style, script = (_source(environment, name) for name in ("style.css", "script.js"))
    return environment.get_template(template).render(
        **context,
        style=style,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        version=VERSION,
    )


def _source(environment: Environment, name: str) -> Markup:
    loader = environment.loader
    return Markup(loader.get_source(environment, name)[0] if loader is not None else "")
