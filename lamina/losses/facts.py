"""What each loss takes for granted about labels and outputs, for checks before training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lamina.core import crossentropies, divergences
from lamina.losses import overlap, robust, similarity


@dataclass(frozen=True)
class LossFacts:
    """What a loss expects.

    Args:
        labels: What `y_true` holds: "classes" (class numbers), "one_hot", "binary" or "values".
        output: What `y_pred` holds: "probabilities" (from 0 to 1), "distribution"
            (probabilities that sum to 1), "values", "positive", "hinge" (scores around a margin
            of 1) or "embeddings".
        has_logits: Whether the loss takes `from_logits`.
    """

    labels: str
    output: str
    has_logits: bool = False


FACTS: dict[Callable[..., Any], LossFacts] = {
    crossentropies.binary_crossentropy: LossFacts("binary", "probabilities", True),
    crossentropies.binary_focal_crossentropy: LossFacts("binary", "probabilities", True),
    crossentropies.categorical_crossentropy: LossFacts("one_hot", "distribution", True),
    crossentropies.categorical_focal_crossentropy: LossFacts("one_hot", "distribution", True),
    crossentropies.sparse_categorical_crossentropy: LossFacts("classes", "distribution", True),
    robust.categorical_generalized_cross_entropy: LossFacts("classes", "distribution"),
    divergences.categorical_hinge: LossFacts("one_hot", "hinge"),
    divergences.hinge: LossFacts("binary", "hinge"),
    divergences.huber: LossFacts("values", "values"),
    divergences.kl_divergence: LossFacts("one_hot", "distribution"),
    divergences.log_cosh: LossFacts("values", "values"),
    divergences.mean_absolute_error: LossFacts("values", "values"),
    divergences.mean_absolute_percentage_error: LossFacts("values", "values"),
    divergences.mean_squared_error: LossFacts("values", "values"),
    divergences.mean_squared_logarithmic_error: LossFacts("values", "positive"),
    divergences.poisson: LossFacts("values", "positive"),
    divergences.squared_hinge: LossFacts("binary", "hinge"),
    overlap.dice: LossFacts("binary", "probabilities"),
    overlap.tversky: LossFacts("binary", "probabilities"),
    similarity.circle: LossFacts("classes", "embeddings"),
    similarity.cosine_similarity: LossFacts("values", "values"),
}


def facts_of(loss: Any) -> LossFacts | None:
    """The facts of a loss function or a Loss; `None` for one that this library does not know."""
    return FACTS.get(getattr(loss, "fn", loss))
