"""scikit-learn's perceptrons: one `partial_fit` is one epoch.

They draw their own Glorot weights and have no swish: job D runs with relu, which is cheaper.
"""

from typing import Any

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.parts.jobs import EPSILON, LEARNING_RATE, SEED, Job
from benchmarks.parts.watch import Watch


def _make(job: Job) -> Any:
    kind = MLPClassifier if job.loss == "classes" else MLPRegressor
    return kind(
        hidden_layer_sizes=[entry[1] for entry in job.layers[:-1]],
        activation="relu",
        alpha=0.0,
        batch_size=job.batch,
        learning_rate_init=LEARNING_RATE,
        epsilon=EPSILON,
        random_state=SEED,
    )


def train(job: Job, x: np.ndarray, y: np.ndarray, weights: Any, watch: Watch) -> dict[str, Any]:
    """Trains epoch by epoch; its squared error is half of the mean."""
    model = _make(job)
    labels = y if job.loss == "classes" else y[:, 0]
    first = {"classes": np.arange(10)} if job.loss == "classes" else {}
    scale = 1 if job.loss == "classes" else 2
    going = True
    while going:
        model.partial_fit(x, labels, **first)
        first = {}
        going = watch.lap(scale * model.loss_)
    return {"activation": "relu"}


def versions() -> dict[str, str]:
    """Versions in use."""
    return {"scikit-learn": sklearn.__version__}
