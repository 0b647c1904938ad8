"""Training, evaluation and prediction of any torch module."""

from lamina.core.later import imported_later

__getattr__ = imported_later(
    __name__,
    dict.fromkeys(
        (
            "lamina.train.callbacks",
            "lamina.train.plan",
            "lamina.train.predict",
            "lamina.train.reviewing",
            "lamina.train.session",
            "lamina.train.tasks",
        ),
        "",
    ),
)

__all__ = ["callbacks"]
