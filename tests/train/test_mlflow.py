"""The MLflow callback: what it hands over, checked on a stand-in, and on MLflow where it is."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import lamina as keras
from lamina.callbacks import Callback, MLflow

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
Y = np.arange(40) % 2


class Recorder:
    """Notes calls as MLflow's module would get them."""

    def __init__(self, active=None):
        self.calls, self.active, self.files = [], active, []

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self.calls.append((name, *args, *kwargs.items()))

    def active_run(self):
        return self.active

    def log_artifact(self, path):
        self.calls.append(("log_artifact", path.rsplit("/")[-1]))
        self.files.append(keras.models.load_model(path).count_params())

    def of(self, name):
        return [call[1:] for call in self.calls if call[0] == name]


@pytest.fixture
def install(monkeypatch):
    def installed(**options):
        recorder = Recorder(**options)
        monkeypatch.setitem(sys.modules, "mlflow", recorder)
        return recorder

    return installed


def fit(*callbacks, **options):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "sigmoid")], name="my net")
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model.fit(X, Y, epochs=2, callbacks=list(callbacks), verbose=0, **options)


def test_a_run_is_begun_filled_and_ended(install):
    recorder = install()
    history = fit(MLflow("trial", "first", "runs"), validation_split=0.2)

    assert [name for name, *_ in recorder.calls] == [
        "set_tracking_uri", "set_experiment", "start_run", "log_params",
        "log_metrics", "log_metrics", "end_run",
    ]  # fmt: skip
    assert recorder.of("set_tracking_uri") == [("runs",)]
    assert recorder.of("set_experiment") == [("trial",)]
    assert recorder.of("start_run") == [(("run_name", "first"),)]
    assert recorder.of("end_run") == [("FINISHED",)]
    (first, step), _ = recorder.of("log_metrics")
    assert step == ("step", 0)
    assert first == {
        **{name: values[0] for name, values in history.history.items()},
        "learning_rate": pytest.approx(0.01),
    }


def test_settings_are_flat_and_short(install):
    recorder = install()
    fit(MLflow())
    ((settings,),) = recorder.of("log_params")

    assert settings["model"] == "my net"
    assert settings["optimizer"] == "Adam"
    assert settings["loss"] == "binary_crossentropy"
    assert settings["optimizer_learning_rate"] == pytest.approx(0.01)
    assert (settings["epochs"], settings["steps"], settings["parameters"]) == (2, 2, 4)
    assert all(isinstance(value, (int, float)) or len(value) <= 500 for value in settings.values())


def test_a_run_that_is_active_is_used_and_left_open(install):
    recorder = install(active=SimpleNamespace())
    fit(MLflow())

    assert recorder.of("start_run") == []
    assert recorder.of("end_run") == []
    assert len(recorder.of("log_metrics")) == 2


def test_the_model_is_kept_if_asked(install):
    recorder = install()
    fit(MLflow(save_model=True))

    assert recorder.of("log_artifact") == [("my_net.lamina",)]
    assert recorder.files == [4]


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, "KILLED"), (RuntimeError, "FAILED")]
)
def test_a_run_that_did_not_end_well_says_so(install, error, status):
    class Stops(Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise error

    recorder = install()
    with pytest.raises(error):
        fit(MLflow(), Stops())

    assert recorder.of("end_run") == [(status,)]


@pytest.mark.filterwarnings("ignore")  # MLflow's own, when it is imported
def test_mlflow_itself_takes_it_all(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # what the small package comes with
    mlflow = pytest.importorskip("mlflow")
    history = fit(MLflow("trial", tracking_uri=tmp_path.as_uri()))
    (run,) = mlflow.MlflowClient().search_runs(
        [mlflow.get_experiment_by_name("trial").experiment_id]
    )

    assert run.info.status == "FINISHED"
    assert run.data.metrics["loss"] == pytest.approx(history.history["loss"][-1])
    assert run.data.params["optimizer"] == "Adam"
