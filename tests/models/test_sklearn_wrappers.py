"""The wrappers keep scikit-learn's rules, as its own checks test them, and Keras's arguments."""

import pickle
import re

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

import lamina as keras
from lamina.core import randomness
from lamina.core.errors import ArgumentError, ArgumentTypeError, StateError
from lamina.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
FIT = {"epochs": 3, "batch_size": 50}


def dynamic_model(X, y, loss, layers=(10,)):  # noqa: N803
    """The function in Keras's documentation of its wrappers."""
    inputs = keras.layers.Input(shape=(X.shape[1],))
    hidden = inputs
    for units in layers:
        hidden = keras.layers.Dense(units, activation="relu")(hidden)
    activation = "softmax" if loss == "categorical_crossentropy" else None
    units = y.shape[1] if len(y.shape) > 1 else 1
    outputs = keras.layers.Dense(units, activation=activation)(hidden)
    model = keras.models.Model(inputs, outputs)
    model.compile(loss=loss, optimizer="rmsprop")
    return model


def compiled(units=3, activation="softmax", loss="sparse_categorical_crossentropy"):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(units, activation)]
    )
    model.compile(keras.optimizers.Adam(0.01), loss)
    return model


# -- scikit-learn's own checks --------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        SKLearnClassifier(),
        SKLearnRegressor(),
        SKLearnTransformer(fit_kwargs={"epochs": 2}),
    ]
)
def test_estimator_keeps_the_rules_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "loss"),
    [
        (SKLearnClassifier, "categorical_crossentropy"),
        (SKLearnRegressor, "mse"),
        (SKLearnTransformer, "mse"),
    ],
)
def test_estimator_of_a_function_keeps_the_rules_of_scikit_learn(kind, loss):
    results = check_estimator(
        kind(dynamic_model, model_kwargs={"loss": loss}), on_skip=None, on_fail="raise"
    )

    assert {result["status"] for result in results} <= {"passed", "skipped"}


# -- as part of scikit-learn's programs -----------------------------------------------------------


def test_default_model_tells_irises():
    assert cross_val_score(SKLearnClassifier(random_state=0), X, NAMES, cv=3).mean() > 0.9


def test_default_model_predicts_diabetes():
    x, y = load_diabetes(return_X_y=True)

    assert cross_val_score(SKLearnRegressor(random_state=0), x, y, cv=3).mean() > 0.4


@pytest.mark.slow  # processes that import torch
def test_search_runs_in_two_processes():
    pipeline = make_pipeline(
        StandardScaler(),
        SKLearnClassifier(dynamic_model, fit_kwargs=FIT, random_state=0),
    )
    grid = [{"loss": "categorical_crossentropy", "layers": (units,)} for units in (2, 16)]
    search = GridSearchCV(pipeline, {"sklearnclassifier__model_kwargs": grid}, cv=2, n_jobs=2)
    search.fit(X, NAMES)

    assert search.best_params_["sklearnclassifier__model_kwargs"] in grid
    assert set(search.predict(X)) <= set(NAMES)


def test_a_search_goes_over_arguments_of_fit():
    estimator = SKLearnClassifier(fit_kwargs={"batch_size": 16}, random_state=0)
    search = GridSearchCV(estimator, {"fit_kwargs__epochs": [1, 2]}, cv=2)
    search.fit(X, NAMES)

    epochs = search.best_params_["fit_kwargs__epochs"]
    assert search.best_estimator_.fit_kwargs == {"batch_size": 16, "epochs": epochs}
    assert len(search.best_estimator_.history_.history["loss"]) == epochs
    assert estimator.fit_kwargs == {"batch_size": 16}


def test_weights_are_routed_to_fit():
    with config_context(enable_metadata_routing=True):
        estimator = SKLearnClassifier(fit_kwargs=FIT).set_fit_request(sample_weight=True)
        estimator.set_score_request(sample_weight=False)
        result = cross_validate(estimator, X, Y, cv=2, params={"sample_weight": np.ones(len(Y))})

    assert len(result["test_score"]) == 2


def test_a_transformer_feeds_the_next_step():
    features = SKLearnTransformer(fit_kwargs=FIT).set_output(transform="default")
    pipeline = make_pipeline(features, SKLearnRegressor(fit_kwargs=FIT))
    pipeline.fit(X, Y)

    assert pipeline.predict(X).shape == (150,)
    assert features.get_feature_names_out().tolist() == ["sklearntransformer0"]


# -- labels and outputs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "activation", "loss"),
    [
        (3, "softmax", "sparse_categorical_crossentropy"),
        (3, "softmax", "categorical_crossentropy"),
        (3, None, keras.losses.CategoricalCrossentropy(from_logits=True)),
        (3, None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        (3, "sigmoid", "binary_crossentropy"),
    ],
)
def test_labels_reach_each_loss_in_its_form(units, activation, loss):
    estimator = SKLearnClassifier(compiled(units, activation, loss), fit_kwargs=FIT)
    values = estimator.fit(X, NAMES).predict_proba(X)

    np.testing.assert_allclose(values.sum(1), 1.0)
    assert (estimator.predict(X) == np.unique(NAMES)[values.argmax(1)]).all()


@pytest.mark.parametrize(
    ("activation", "loss"),
    [
        ("sigmoid", "binary_crossentropy"),
        (None, keras.losses.BinaryCrossentropy(from_logits=True)),
    ],
)
def test_one_output_tells_two_classes(activation, loss):
    model = compiled(1, activation, loss)
    estimator = SKLearnClassifier(model, fit_kwargs={**FIT, "epochs": 40}, random_state=0)
    estimator.fit(X, Y == 0)

    assert estimator.predict_proba(X).shape == (150, 2)
    assert estimator.score(X, Y == 0) > 0.95
    assert ((estimator.decision_function(X) > 0) == estimator.predict(X)).all()


def test_a_function_gets_one_hot_rows_as_in_keras():
    seen = []

    def build(X, y):  # noqa: N803
        seen.append(y)
        return compiled()

    SKLearnClassifier(build, fit_kwargs=FIT).fit(X, NAMES)

    np.testing.assert_array_equal(seen[0], np.eye(3)[Y])


@pytest.mark.parametrize("columns", [1, 2])
def test_numbers_in_columns_come_back_in_columns(columns):
    y = np.stack([Y] * columns, 1)
    estimator = SKLearnRegressor(fit_kwargs=FIT).fit(X, y)

    assert estimator.predict(X).shape == (150, columns)


def test_pictures_are_inputs_too():
    pictures = np.random.default_rng(0).random((20, 4, 5))
    estimator = SKLearnClassifier(fit_kwargs=FIT).fit(pictures, np.arange(20) % 2)

    assert estimator.predict(pictures).shape == (20,)


def test_answers_do_not_depend_on_the_rows_beside():
    estimator = SKLearnRegressor(fit_kwargs=FIT).fit(X, Y)
    alone = np.concatenate([estimator.predict(row[None]) for row in X[:5]])

    np.testing.assert_array_equal(alone, estimator.predict(X)[:5])


# -- seeds, copies, going on ----------------------------------------------------------------------


def test_a_seed_fixes_weights_order_and_dropout():
    def answers():
        return SKLearnClassifier(fit_kwargs=FIT, random_state=7).fit(X, Y).predict_proba(X)

    np.testing.assert_array_equal(answers(), answers())


def test_a_seed_leaves_that_of_the_program_alone():
    keras.utils.set_random_seed(3)
    before = randomness.state()
    SKLearnClassifier(fit_kwargs=FIT, random_state=np.random.RandomState(0)).fit(X, Y)

    assert randomness.state() == before


def test_a_given_model_is_not_trained_itself():
    model = compiled()
    before = [weight.copy() for weight in model.get_weights()]
    estimator = SKLearnClassifier(model, fit_kwargs=FIT).fit(X, Y)

    assert estimator.model_ is not model
    np.testing.assert_equal(model.get_weights(), before)


def test_a_warm_start_goes_on_with_the_weights():
    model = compiled()
    estimator = SKLearnClassifier(model, warm_start=True, fit_kwargs=FIT)
    first = estimator.fit(X, Y).model_
    estimator.fit(X, Y)

    assert first is model
    assert estimator.model_ is model
    assert int(model.optimizer.iterations) == 2 * 3 * 3


def test_arguments_of_fit_come_before_those_of_the_constructor():
    estimator = SKLearnClassifier(compiled(), fit_kwargs=FIT)
    estimator.fit(X, Y, epochs=1)

    assert estimator.epoch_ == 1
    assert estimator.fit_kwargs == {"epochs": 3, "batch_size": 50}


def test_a_clone_keeps_all_arguments():
    estimator = SKLearnClassifier(dynamic_model, True, {"loss": "mse"}, {"epochs": 2}, 5)

    assert clone(estimator).get_params() == estimator.get_params()


def test_a_fitted_estimator_survives_a_pickle():
    estimator = SKLearnClassifier(compiled(), fit_kwargs=FIT).fit(X, NAMES)
    copied = pickle.loads(pickle.dumps(estimator))

    np.testing.assert_array_equal(copied.predict_proba(X), estimator.predict_proba(X))
    assert copied.history_.history == estimator.history_.history


def test_nothing_is_printed_unless_it_is_asked_for(capsys):
    estimator = SKLearnClassifier(compiled(), fit_kwargs=FIT).fit(X, Y)
    silence = capsys.readouterr().out
    estimator.fit(X, Y, verbose=2, check="off")

    assert silence == ""
    assert capsys.readouterr().out.count("epoch ") == 3


# -- mistakes -------------------------------------------------------------------------------------


def refused(kind, message):
    return pytest.raises(kind, match=f"^{re.escape(message)}$")


def test_one_class_is_refused():
    message = (
        "y holds one class only: 'a'.\n"
        "  expected: labels of at least two classes.\n"
        "  fix: look at how y was made or split: numpy.unique(y)."
    )

    with refused(ArgumentError, message):
        SKLearnClassifier().fit([[1.0], [2.0]], ["a", "a"])


def test_weights_that_leave_one_class_are_refused():
    message = (
        "sample_weight leaves examples of 1 class of 3.\n"
        "  expected: weights above 0 for examples of at least two classes.\n"
        "  fix: give each class some weight, or leave out the examples of weight 0."
    )

    with refused(ArgumentError, message):
        SKLearnClassifier().fit(X, NAMES, sample_weight=Y == 0)


def test_a_new_class_is_refused_with_a_warm_start():
    estimator = SKLearnClassifier(warm_start=True, fit_kwargs=FIT).fit(X[:100], NAMES[:100])
    message = (
        "y holds a class that the fit before did not know: 'virginica'.\n"
        "  expected: classes among ['setosa', 'versicolor'].\n"
        "  fix: pass warm_start=False, to begin with a new model."
    )

    with refused(ArgumentError, message):
        estimator.fit(X, NAMES)


def test_a_model_that_is_none_is_refused():
    message = (
        "SKLearnRegressor(model=None) is not possible.\n"
        '  expected: a compiled model, a function that returns one, or "mlp".\n'
        '  fix: pass model="mlp", or model=build with def build(X, y).'
    )

    with refused(ArgumentTypeError, message):
        SKLearnRegressor(None).fit(X, Y)


def test_a_function_that_returns_no_model_is_refused():
    message = (
        "SKLearnRegressor: the function given as 'model' returned None.\n"
        "  expected: a compiled lamina Model.\n"
        "  fix: end it with: return model."
    )

    with refused(ArgumentTypeError, message):
        SKLearnRegressor(lambda X, y: None).fit(X, Y)  # noqa: N803


def test_a_model_that_is_not_compiled_is_refused():
    model = keras.Sequential([keras.layers.Dense(1)], name="net")
    message = (
        "SKLearnRegressor: the model 'net' has not been compiled with a loss.\n"
        "  expected: a compiled model, with a loss and an optimizer.\n"
        '  fix: net.compile(loss="mse", optimizer="adam").'
    )

    with refused(StateError, message):
        SKLearnRegressor(model).fit(X, Y)
