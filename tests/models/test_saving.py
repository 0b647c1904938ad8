"""A model and its file say the same: predictions, training, bytes, notes and paths."""

import copy
import hashlib
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from layer_cases import CASES, Nested
from preprocessing_cases import EXACT, RANDOM

import lamina as keras
from lamina import layers
from lamina.core.errors import ArgumentError, LoadError, StorageError
from lamina.files import atomic
from lamina.models import load_model
from tests.models.saving_cases import (
    CLASSES,
    ROWS,
    STRUCTURES,
    outputs,
    reloaded,
    same_weights,
    small,
    trained,
)

# -- every layer -----------------------------------------------------------------------------


def _value(value):
    if isinstance(value, Nested):
        return getattr(layers, value.kind)(**value.config)
    return value


def _of_case(case):
    config = {key: _value(value) for key, value in case.config.items()}
    inputs = [keras.Input(shape[1:]) for shape in case.shapes]
    layer = getattr(layers, case.kind)(**config)
    return keras.Model(inputs, layer(inputs if len(inputs) > 1 else inputs[0]))


def _data(case):
    draw = np.random.default_rng(0)
    if case.high is not None:
        return [draw.integers(0, case.high, shape).astype("float32") for shape in case.shapes]
    return [draw.normal(size=shape).astype("float32") for shape in case.shapes]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_every_layer_predicts_the_same_bits_after_a_trip_through_a_file(case, tmp_path):
    model = _of_case(case)

    loaded = reloaded(model, tmp_path)

    same_weights(model, loaded)
    torch.testing.assert_close(
        model(_data(case)), loaded(_data(case)), rtol=0, atol=0, equal_nan=True
    )
    assert loaded.to_json() == model.to_json()


@pytest.mark.parametrize("case", [*EXACT, *RANDOM][::7], ids=lambda case: case.kind)
def test_image_layers_come_back_with_their_arguments(case, tmp_path):
    model = keras.Sequential([keras.Input((8, 9, 3)), getattr(layers, case.kind)(**case.config)])

    assert reloaded(model, tmp_path).to_json() == model.to_json()


def adapted_normalization():
    layer = layers.Normalization()
    layer.adapt(ROWS)
    return layer, ROWS


def given_normalization():
    return layers.Normalization(mean=[1.0, 2, 3, 4], variance=np.array([1.0, 4, 9, 16])), ROWS


def adapted_discretization():
    layer = layers.Discretization(num_bins=4, output_mode="one_hot")
    layer.adapt(ROWS[:, :1])
    return layer, ROWS[:, :1].copy()


def adapted_integers():
    layer = layers.IntegerLookup(output_mode="multi_hot")
    layer.adapt(np.array([[3], [5], [5], [2**60]]))
    return layer, np.array([[5], [2**60], [4]])


def adapted_strings():
    layer = layers.StringLookup(output_mode="tf_idf")
    layer.adapt(np.array([["a"], ["b"], ["b"], ["ü"]]))
    return layer, keras.layers.StringLookup(vocabulary=["x"])(np.array([["b"], ["ü"]])) * 0 + 7


def given_strings():
    return layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot"), np.array([[1], [2]])


ADAPTED = [
    adapted_normalization,
    given_normalization,
    adapted_discretization,
    adapted_integers,
    adapted_strings,
    given_strings,
]


@pytest.mark.parametrize("make", ADAPTED)
def test_what_preprocessing_learned_is_in_the_file(make, tmp_path):
    layer, data = make()
    kind = str(data.dtype) if isinstance(data, np.ndarray) else "int64"
    x = keras.Input((data.shape[1],), dtype=kind)
    model = keras.Model(x, layers.Dense(2)(layers.Rescaling(1.0)(layer(x))))

    loaded = reloaded(model, tmp_path)

    assert loaded.layers[1].is_adapted
    same_weights(model, loaded)
    torch.testing.assert_close(model(data), loaded(data), rtol=0, atol=0)


def test_a_vocabulary_comes_back_word_for_word(tmp_path):
    layer, _ = adapted_strings()
    x = keras.Input((1,), dtype="string")

    loaded = reloaded(keras.Model(x, layer(x)), tmp_path)

    assert loaded.layers[1].get_vocabulary() == ["[UNK]", "b", "ü", "a"]


# -- structures ------------------------------------------------------------------------------


@pytest.mark.parametrize("make", STRUCTURES)
def test_every_structure_comes_back(make, tmp_path):
    model = make()

    loaded = reloaded(model, tmp_path)

    assert loaded.to_json() == model.to_json()
    same_weights(model, loaded)
    np.testing.assert_equal(outputs(loaded), outputs(model))
    assert [w.requires_grad for w in loaded.parameters()] == [
        w.requires_grad for w in model.parameters()
    ]


# -- bytes -----------------------------------------------------------------------------------


def test_the_same_model_gives_the_same_bytes(tmp_path):
    model = trained(small())
    digests = []
    for name in ("a.lamina", "b.lamina"):
        model.save(tmp_path / name)
        digests.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    load_model(tmp_path / "a.lamina").save(tmp_path / "c.lamina")
    digests.append(hashlib.sha256((tmp_path / "c.lamina").read_bytes()).hexdigest())

    assert len(set(digests)) == 1


_PROGRAM = """
import sys, torch, lamina as keras
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(torch.ones(8, 4), torch.ones(8, 1), verbose=0)
model.save(sys.argv[1])
"""


def test_two_processes_write_the_same_bytes(tmp_path):
    for name in ("a.lamina", "b.lamina"):
        environment = {**os.environ, "PYTHONHASHSEED": name, "OMP_NUM_THREADS": "1"}
        environment["PYTHONHASHSEED"] = str(ord(name[0]))
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(tmp_path / name)], check=True, env=environment
        )

    assert (tmp_path / "a.lamina").read_bytes() == (tmp_path / "b.lamina").read_bytes()


def test_the_file_is_a_stored_zip_of_json_and_safetensors(tmp_path):
    model = trained(small())
    model.class_names = ["cat", "dog", "owl"]
    model.training_record = {"loss": [1.0, float("nan")]}
    model.save(tmp_path / "m.lamina")

    with zipfile.ZipFile(tmp_path / "m.lamina") as archive:
        names = archive.namelist()
        methods = {member.compress_type for member in archive.infolist()}
        notes = json.loads(archive.read("training.json"))

    assert names == [
        "metadata.json",
        "config.json",
        "weights.safetensors",
        "optimizer.safetensors",
        "training.json",
    ]
    assert methods == {zipfile.ZIP_STORED}
    assert notes["class_names"] == ["cat", "dog", "owl"]


def test_what_the_model_knows_of_its_data_comes_back(tmp_path):
    model = small()
    notes = {
        "class_names": ["a", "b", "c"],
        "column_names": ["w", "x", "y", "z"],
        "input_ranges": [[0.0, 1.0]],
        "data_fingerprint": {"rows": 12},
        "training_record": {"loss": [0.5]},
    }
    for key, value in notes.items():
        setattr(model, key, value)

    loaded = reloaded(model, tmp_path)

    assert {key: getattr(loaded, key) for key in notes} == notes


# -- training --------------------------------------------------------------------------------


def several_optimizers():
    slow = keras.optimizers.SGD(0.1, momentum=0.9)
    by_pattern = {r"batch_normalization.*": slow}
    return keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(keras.optimizers.Adam(), by_pattern)
    )


def decaying_kernels():
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma"])
    return optimizer


OPTIMIZERS = {
    "several": several_optimizers,
    "excluded weights": decaying_kernels,
    "adam": lambda: keras.optimizers.Adam(0.01, weight_decay=0.01),
    "sgd": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "schedule": lambda: keras.optimizers.RMSprop(
        keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.9)
    ),
    "ema": lambda: keras.optimizers.AdamW(0.01, use_ema=True, global_clipnorm=1.0),
    "lamb": lambda: keras.optimizers.Lamb(0.01),
    "accumulating": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=2),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_with_the_same_bits(name, tmp_path):
    model = trained(small(OPTIMIZERS[name]()))
    loaded = reloaded(model, tmp_path)
    copied = copy.deepcopy(model)

    for one in (model, loaded, copied):
        trained(one, epochs=2)

    same_weights(model, loaded)
    same_weights(model, copied)
    assert loaded.optimizer.iterations == model.optimizer.iterations


def test_a_layer_with_a_seed_goes_on_with_its_own_stream(tmp_path):
    model = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5, seed=3), layers.Dense(3)])
    model.compile("sgd", "mse")
    targets = np.zeros((12, 3), "float32")
    model.fit(ROWS, targets, epochs=2, batch_size=4, verbose=0, shuffle=False)
    loaded = reloaded(model, tmp_path)

    for one in (model, loaded):
        one.fit(ROWS, targets, epochs=2, batch_size=4, verbose=0, shuffle=False)

    same_weights(model, loaded)


def test_a_loop_written_by_hand_goes_on_with_the_same_bits(tmp_path):
    def steps(model, count):
        for _ in range(count):
            loss = torch.nn.functional.cross_entropy(
                model(torch.as_tensor(ROWS)), torch.as_tensor(CLASSES)
            )
            gradients = torch.autograd.grad(loss, model.trainable_weights)
            model.optimizer.apply(gradients, model.trainable_weights)

    model = small("adam")
    steps(model, 3)
    loaded = reloaded(model, tmp_path)
    steps(model, 2)
    steps(loaded, 2)

    same_weights(model, loaded)


def test_a_model_is_compiled_as_it_was(tmp_path):
    model = trained(small(loss=keras.losses.SparseCategoricalCrossentropy(), run_eagerly=True))

    loaded = reloaded(model, tmp_path)

    assert loaded.compiled
    assert loaded.evaluate(ROWS, CLASSES, verbose=0) == model.evaluate(ROWS, CLASSES, verbose=0)
    assert loaded._plan.tier == "eager"
    assert loaded.optimizer.get_config() == model.optimizer.get_config()


def test_compile_false_leaves_the_model_uncompiled(tmp_path):
    assert not reloaded(small(), tmp_path, compile=False).compiled


# -- paths -----------------------------------------------------------------------------------


def test_paths_that_cannot_be_written_are_told_before_any_work(tmp_path):
    model = small()
    model.save(tmp_path / "there.lamina")
    before = (tmp_path / "there.lamina").read_bytes()
    (tmp_path / "folder.lamina").mkdir()

    with pytest.raises(ArgumentError, match="has no ending that is written here"):
        model.save(tmp_path / "m.keras")
    with pytest.raises(ArgumentError, match=r"save_weights.* has no ending that is written here"):
        model.save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(StorageError, match="does not exist, so"):
        model.save(tmp_path / "missing" / "m.lamina")
    with pytest.raises(StorageError, match="is a folder and cannot be written as a file"):
        model.save(tmp_path / "folder.lamina")
    with pytest.raises(StorageError, match="exists, and overwrite=False"):
        model.save(tmp_path / "there.lamina", overwrite=False)
    with pytest.raises(ArgumentError, match=r"save\(\) received 3 as a path"):
        model.save(3)

    assert (tmp_path / "there.lamina").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.lamina", "there.lamina"]


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    class Full(atomic.Effects):
        def write(self, descriptor, data):
            raise OSError(28, "No space left on device")

    model = small()
    model.save(tmp_path / "m.lamina")
    before = (tmp_path / "m.lamina").read_bytes()
    trained(model)
    monkeypatch.setattr(atomic, "effects", Full())

    with pytest.raises(StorageError, match="cannot be written: No space left on device"):
        model.save(tmp_path / "m.lamina")

    assert (tmp_path / "m.lamina").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["m.lamina"]


def test_a_missing_file_is_not_called_damaged(tmp_path):
    with pytest.raises(StorageError, match=r"m\.lamina' does not exist"):
        load_model(tmp_path / "m.lamina")


def test_files_of_other_programs_are_told_by_their_ending(tmp_path):
    with pytest.raises(LoadError, match=r"m\.keras': it is a file of Keras"):
        load_model(tmp_path / "m.keras")
