"""Models as scikit-learn's estimators, with Keras's names and arguments.

They follow scikit-learn's rules, as its own `check_estimator` tests them, so that Pipeline,
cross_val_score and GridSearchCV take them. What they are made of is in `sklearn_parts.py`.
"""

from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
)
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.core import checks
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.names import shown
from lamina.models.model import Model
from lamina.models.sklearn_parts import (
    DEFAULT_FIT,
    labels_for,
    mlp,
    new_model,
    outputs_of,
    probabilities,
    seeded,
)


class SKLearnBase(BaseEstimator):
    """What the three wrappers share. Abstract.

    Args:
        model: A compiled model, of which each `fit` trains a clone with new weights; or a
            function called as `model(X=X, y=y, **model_kwargs)` that returns a compiled one; or
            "mlp" for a small network that is sized by the data.
        warm_start: Whether `fit` goes on with the weights of the `fit` before; a model that was
            given is then trained itself, not a clone of it.
        model_kwargs: Further arguments of the function.
        fit_kwargs: Arguments of `Model.fit`; nothing is printed unless they say `verbose`.
        random_state: Seed of weights, order and dropout; `None` for that of the program.

    Attributes:
        model_: The trained model.
        history_: What `Model.fit` returned.
    """

    # What `fit` may be handed by scikit-learn's metadata routing.
    __metadata_request__fit: ClassVar[dict[str, None]] = {"sample_weight": None}
    _is_classifier = False
    model_: Model
    history_: Any

    def __init__(
        self,
        model: Any = "mlp",
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs
        self.random_state = random_state

    def set_params(self, **params: Any) -> Self:
        """Sets arguments by name; `fit_kwargs__epochs` is one of those of `Model.fit`.

        So a search can go over them: `GridSearchCV(estimator, {"fit_kwargs__epochs": [5, 10]})`.
        """
        whole: dict[str, Any] = {}
        for name, value in params.items():
            head, _, key = name.partition("__")
            if key and head in ("fit_kwargs", "model_kwargs"):
                before = whole.get(head, params.get(head, getattr(self, head)))
                whole[head] = {**(before or {}), key: value}
            else:
                whole.setdefault(name, value)
        super().set_params(**whole)
        return self

    @property
    def epoch_(self) -> int:
        """Number of epochs of the last `fit`."""
        return len(self.history_.epoch) if hasattr(self, "history_") else 0

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Self:  # noqa: N803
        """Trains a new model, or the last one again with `warm_start`.

        Args:
            X: Inputs, an example a row.
            y: Labels of any type for a classifier, otherwise numbers.
            **kwargs: Arguments of `Model.fit`, before those of `fit_kwargs`.

        Raises:
            ArgumentError: An argument of the constructor is impossible.
            ArgumentTypeError: `model` is neither a model nor a function.
            StateError: The model is not compiled.
        """
        goes_on = checks.boolean(self, "warm_start", self.warm_start) and hasattr(self, "model_")
        self._check_model()
        x, y = self._checked(X, y)
        options: dict[str, Any] = {"verbose": 0, **(DEFAULT_FIT if self.model == "mlp" else {})}
        options |= {**(self.fit_kwargs or {}), **kwargs}
        self._check_weight(y, options.get("sample_weight"))
        with seeded(self.random_state):
            model = self.model_ if goes_on else self._new_model(x, y)
            self.history_ = model.fit(x, self._target(model, y), **options)
        self.model_ = model
        return self

    def _check_model(self) -> None:
        is_known = isinstance(self.model, Model) or callable(self.model)
        if not is_known and not (isinstance(self.model, str) and self.model == "mlp"):
            raise ArgumentTypeError(
                f"{type(self).__name__}(model={shown(self.model)}) is not possible.",
                expected='a compiled model, a function that returns one, or "mlp".',
                fix='pass model="mlp", or model=build with def build(X, y).',
            )

    def _new_model(self, x: np.ndarray, y: np.ndarray) -> Model:
        if self.warm_start and isinstance(self.model, Model):
            return self.model
        given = self.model
        if isinstance(given, str):
            given = partial(mlp, is_classifier=self._is_classifier)
        return new_model(given, x, y, self.model_kwargs or {}, type(self).__name__)

    def _checked(self, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and columns of numbers."""
        x, y = validate_data(self, x, y, allow_nd=True, multi_output=True, y_numeric=True)
        self._has_columns = y.ndim > 1
        return x, y.reshape(len(y), -1)

    def _check_weight(self, y: np.ndarray, sample_weight: Any) -> None:
        """Refuses weights that leave nothing to learn."""

    def _target(self, model: Model, y: np.ndarray) -> np.ndarray:
        return y

    def _outputs(self, x: Any) -> np.ndarray:
        check_is_fitted(self)
        return outputs_of(self.model_, validate_data(self, x, reset=False, allow_nd=True))


class SKLearnClassifier(ClassifierMixin, SKLearnBase):
    """Trains a model to tell classes, which may be named by numbers, text or anything else.

    The function given as `model` gets `y` as one-hot rows, as in Keras. A loss that wants class
    numbers, or one output for two classes, gets its labels in that form.

    Args:
        model: A compiled model, a function `model(X, y, **model_kwargs)` that returns one, or
            "mlp"; see `SKLearnBase`.
        warm_start: Whether `fit` goes on with the weights of the `fit` before.
        model_kwargs: Further arguments of the function.
        fit_kwargs: Arguments of `Model.fit`.
        random_state: Seed of weights, order and dropout.

    Attributes:
        classes_: The labels, sorted; column i of the probabilities belongs to label i.
        model_: The trained model.
        history_: What `Model.fit` returned.
        n_features_in_: Number of columns of X.

    Raises:
        ArgumentError: `y` holds one class only, or with `warm_start` a new one.
        ArgumentTypeError: `model` is neither a model nor a function.
        StateError: The model is not compiled.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> SKLearnClassifier(random_state=0).fit(X, y).score(X, y) > 0.9
        True
    """

    _is_classifier = True
    classes_: np.ndarray

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The most probable label of each row."""
        chosen = self.predict_proba(X).argmax(1)
        return self.classes_[chosen]

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """The probability of each class, (examples, classes), in the order of `classes_`."""
        outputs = self._outputs(X)
        return probabilities(self.model_, outputs.reshape(len(outputs), -1))

    def decision_function(self, X: Any) -> np.ndarray:  # noqa: N803
        """Probabilities of the classes; for two, that of the second above one half.

        Keras returns raw outputs, of two columns for two classes; scikit-learn's rule is one
        number, positive where the second class is predicted.
        """
        values = self.predict_proba(X)
        return values[:, 1] - 0.5 if values.shape[1] == 2 else values

    def _checked(self, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        x, y = validate_data(self, x, y, allow_nd=True)
        check_classification_targets(y)
        classes = np.unique(y)
        if len(classes) == 1:
            raise ArgumentError(
                f"y holds one class only: {shown(classes.tolist()[0])}.",
                expected="labels of at least two classes.",
                fix="look at how y was made or split: numpy.unique(y).",
            )
        if self.warm_start and hasattr(self, "model_"):
            new = np.setdiff1d(classes, self.classes_)
            if len(new):
                raise ArgumentError(
                    f"y holds a class that the fit before did not know: {shown(new.tolist()[0])}.",
                    expected=f"classes among {shown(self.classes_.tolist())}.",
                    fix="pass warm_start=False, to begin with a new model.",
                )
        else:
            self.classes_ = classes
        numbers = np.searchsorted(self.classes_, y)
        return x, np.eye(len(self.classes_))[numbers]

    def _check_weight(self, y: np.ndarray, sample_weight: Any) -> None:
        weights = None if sample_weight is None else np.asarray(sample_weight)
        if weights is None or weights.shape != (len(y),):
            return
        left = np.flatnonzero(y[weights > 0].any(0))
        if len(left) < 2:
            raise ArgumentError(
                f"sample_weight leaves examples of {len(left)} class"
                f"{'' if len(left) == 1 else 'es'} of {y.shape[1]}.",
                expected="weights above 0 for examples of at least two classes.",
                fix="give each class some weight, or leave out the examples of weight 0.",
            )

    def _target(self, model: Model, y: np.ndarray) -> np.ndarray:
        return labels_for(model, y.argmax(1), y)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = not isinstance(self.model, str)
        return tags


class SKLearnRegressor(RegressorMixin, SKLearnBase):
    """Trains a model to predict numbers, one or several an example.

    The function given as `model` gets `y` in columns, as in Keras.

    Args:
        model: A compiled model, a function `model(X, y, **model_kwargs)` that returns one, or
            "mlp"; see `SKLearnBase`.
        warm_start: Whether `fit` goes on with the weights of the `fit` before.
        model_kwargs: Further arguments of the function.
        fit_kwargs: Arguments of `Model.fit`.
        random_state: Seed of weights, order and dropout.

    Attributes:
        model_: The trained model.
        history_: What `Model.fit` returned.
        n_features_in_: Number of columns of X.

    Raises:
        ArgumentError: An argument is impossible.
        ArgumentTypeError: `model` is neither a model nor a function.
        StateError: The model is not compiled.

    Example:
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> SKLearnRegressor(random_state=0).fit(X, y).predict(X[:2]).shape
        (2,)
    """

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The number of each row, or its numbers in columns where `y` had columns."""
        outputs = self._outputs(X).astype(np.float64)
        return outputs if self._has_columns or outputs.shape[1:] != (1,) else outputs[:, 0]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.regressor_tags.poor_score = not isinstance(self.model, str)
        return tags


class SKLearnTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, SKLearnBase):
    """Trains a model and hands its outputs on as features.

    Args:
        model: A compiled model, a function `model(X, y, **model_kwargs)` that returns one, or
            "mlp"; see `SKLearnBase`.
        warm_start: Whether `fit` goes on with the weights of the `fit` before.
        model_kwargs: Further arguments of the function.
        fit_kwargs: Arguments of `Model.fit`.
        random_state: Seed of weights, order and dropout.

    Attributes:
        model_: The trained model.
        history_: What `Model.fit` returned.
        n_features_in_: Number of columns of X.

    Raises:
        ArgumentError: An argument is impossible.
        ArgumentTypeError: `model` is neither a model nor a function.
        StateError: The model is not compiled.

    Example:
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> SKLearnTransformer(random_state=0).fit(X, y).transform(X[:2]).shape
        (2, 1)
    """

    def transform(self, X: Any) -> np.ndarray:  # noqa: N803
        """The outputs of the model, (examples, ...)."""
        return self._outputs(X)

    @property
    def _n_features_out(self) -> int:
        """Number of outputs, for the names of the features."""
        return int(self.model_.output_shape[-1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = []
        return tags
