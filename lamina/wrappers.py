"""keras.wrappers: models as estimators of scikit-learn, re-exported from where they live."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.models.sklearn_wrappers import (
        SKLearnClassifier,
        SKLearnRegressor,
        SKLearnTransformer,
    )

_PLACES = {
    "lamina.models.sklearn_wrappers": "SKLearnClassifier SKLearnRegressor SKLearnTransformer",
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
