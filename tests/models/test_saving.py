"""A model and its file say the same: predictions, training, bytes, names and copies."""

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
from safetensors.torch import load_file

import lamina as keras
from lamina import layers
from lamina.core.errors import ArgumentError, LoadError, StateError, StorageError
from lamina.files import atomic
from lamina.models import clone_model, load_model, model_from_json

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(12, 4)).astype("float32")
CLASSES = RNG.integers(0, 3, 12)


def small(optimizer="adam", **compiled):
    """A compiled classifier with state and randomness of its own."""
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax"),
        ]
    )
    options = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **compiled}
    model.compile(optimizer=optimizer, **options)
    return model


def trained(model, epochs=2):
    keras.utils.set_random_seed(5)
    model.fit(ROWS, CLASSES, epochs=epochs, batch_size=5, verbose=0)
    return model


def reloaded(model, folder, **options):
    path = folder / "m.lamina"
    model.save(path)
    return load_model(path, **options)


def same_weights(one, other):
    assert list(one.state_dict()) == list(other.state_dict())
    for name, value in one.state_dict().items():
        torch.testing.assert_close(value, other.state_dict()[name], rtol=0, atol=0, msg=name)


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


def two_of_each():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    joined = layers.Concatenate()([a, b])
    return keras.Model({"a": a, "b": b}, {"p": layers.Dense(1)(joined), "q": layers.Dense(2)(a)})


def shared():
    x, layer = keras.Input((4,)), layers.Dense(4)
    return keras.Model(x, layer(layer(x)))


def nested():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()])
    outer = keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)])
    x = keras.Input((4,))
    return keras.Model(x, outer(x) + inner(x).sum(-1, keepdim=True))


def functions():
    x = keras.Input((4,))
    y = torch.cat([x[:, 1:3], x[..., ::2], torch.relu(x)], dim=-1)
    y = (2 - y) / (y.abs() + 1) ** 2
    y = y.reshape(-1, 8).transpose(0, 1).T @ torch.ones(8, 3)
    return keras.Model(x, torch.where(y > 0, y, torch.nn.functional.gelu(y)).to(torch.float64))


def trained_constant():
    x, scale = keras.Input((4,)), torch.nn.Parameter(torch.arange(4.0))
    return keras.Model(x, x * scale + scale)


def several_results():
    x = keras.Input((4,))
    first, second = torch.split(x, 2, dim=-1)
    values, places = x.topk(2)
    return keras.Model(x, [first, (second, values), places])


def from_the_middle():
    x = keras.Input((4,))
    middle = layers.Dense(4)(x)
    return keras.Model(middle, layers.Dense(2)(middle))


def special_arguments():
    x = keras.Input((4,))
    dense = layers.Dense(
        4,
        kernel_initializer=keras.initializers.Constant(np.ones((4, 4))),
        kernel_constraint=keras.constraints.MaxNorm(2.0),
        activation=torch.tanh,
        bias_regularizer=keras.regularizers.L1L2(0.1, 0.2),
        dtype="mixed_bfloat16",
    )
    return keras.Model(x, layers.ReLU(max_value=6.0)(dense(x)))


def frozen():
    model = nested()
    model.layers[1].trainable = False
    return model


STRUCTURES = [
    two_of_each,
    shared,
    nested,
    functions,
    trained_constant,
    several_results,
    from_the_middle,
    special_arguments,
    frozen,
]


def _inputs(model):
    values = [np.ones((2, *shape.shape[1:]), "float32") * 0.3 for shape in model.inputs]
    return values if len(values) > 1 else values[0]


def outputs(model):
    return model.predict(_inputs(model), verbose=0)


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


@pytest.mark.parametrize("make", STRUCTURES)
def test_every_structure_can_be_copied(make):
    model = make()
    before = outputs(model)

    copied = copy.deepcopy(model)
    with torch.no_grad():
        for weight in model.state_dict().values():
            weight.zero_()

    np.testing.assert_equal(outputs(copied), before)
    assert copied.to_json() == model.to_json()
    assert {id(w) for w in copied.weights}.isdisjoint(id(w) for w in model.weights)


@pytest.mark.parametrize("make", STRUCTURES)
def test_a_clone_has_the_structure_and_weights_of_its_own(make):
    model = make()

    clone = clone_model(model)

    assert clone.count_params() == model.count_params()
    assert clone.output_names == model.output_names
    assert {id(w) for w in clone.weights}.isdisjoint(id(w) for w in model.weights)


@pytest.mark.parametrize("make", STRUCTURES)
def test_a_configuration_makes_the_model_again(make):
    model = make()

    made = type(model).from_config(json.loads(json.dumps(model.get_config())))

    assert made.count_params() == model.count_params()
    assert made.get_config() == model.get_config()


def test_clone_model_asks_the_clone_function_for_each_layer():
    def without_dropout(layer):
        config = layer.get_config()
        is_dropout = isinstance(layer, layers.Dropout)
        return layers.Identity() if is_dropout else type(layer).from_config(config)

    clone = clone_model(small(), clone_function=without_dropout)

    assert [type(layer).__name__ for layer in clone.layers] == [
        "Dense",
        "BatchNormalization",
        "Identity",
        "Dense",
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

OPTIMIZERS = {
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


# -- classes and functions of the user's -----------------------------------------------------


class Scaled(layers.Layer):
    def __init__(self, units, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.factor = units, factor

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")

    def call(self, x):
        return x @ self.kernel * self.factor


class Nameless(layers.Layer):
    def __init__(self):
        super().__init__()
        self.table = torch.arange(4.0)

    def call(self, x):
        return x + self.table


class Written(layers.Layer):
    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return self.inner(x)

    def get_config(self):
        return {**super().get_config(), "inner": keras.saving.serialize_keras_object(self.inner)}

    @classmethod
    def from_config(cls, config):
        config["inner"] = keras.saving.deserialize_keras_object(config["inner"])
        return cls(**config)


class Both(keras.Model):
    def __init__(self, units=3):
        super().__init__()
        self.first, self.second = layers.Dense(units), layers.Dense(1)

    def call(self, x):
        return self.second(self.first(x))


class Counting(keras.Model):
    pass


def squared_error(y_true, y_pred):
    return ((y_true - y_pred) ** 2).mean(-1)


def twice(x):
    return 2 * x


def of_layer(layer):
    x = keras.Input((4,))
    return keras.Model(x, layer(x))


CUSTOM = {
    "layer": (lambda: of_layer(Scaled(3, factor=0.5)), {"Scaled": Scaled}),
    "layer without name": (lambda: of_layer(Nameless()), {"Nameless": Nameless}),
    "layer with from_config": (lambda: of_layer(Written(layers.Dense(2))), {"Written": Written}),
    "activation": (lambda: of_layer(layers.Dense(2, activation=twice)), {"twice": twice}),
    "graph subclass": (
        lambda: Counting(*(lambda x: (x, layers.Dense(1)(x)))(keras.Input((4,)))),
        {"Counting": Counting},
    ),
}


@pytest.mark.parametrize("name", CUSTOM)
def test_a_class_of_ones_own_comes_back_when_it_is_passed(name, tmp_path):
    make, custom_objects = CUSTOM[name]
    model = make()

    loaded = reloaded(model, tmp_path, custom_objects=custom_objects)

    assert type(loaded) is type(model)
    np.testing.assert_equal(outputs(loaded), outputs(model))


@pytest.mark.parametrize("name", CUSTOM)
def test_a_class_of_ones_own_is_never_found_by_itself(name, tmp_path):
    make, custom_objects = CUSTOM[name]
    make().save(tmp_path / "m.lamina")
    word = next(iter(custom_objects))

    with (
        keras.saving.custom_object_scope(custom_objects),
        pytest.raises(LoadError, match=f"it needs your own (class|function) '{word}'") as caught,
    ):
        load_model(tmp_path / "m.lamina")

    assert f"custom_objects={{'{word}': {word}}}" in caught.value.fix


def test_a_subclassed_model_is_built_as_it_was(tmp_path):
    model = Both(units=4)
    model.compile("adam", squared_error)
    model.fit(ROWS, ROWS[:, :1], verbose=0)

    loaded = reloaded(
        model, tmp_path, custom_objects={"Both": Both, "squared_error": squared_error}
    )

    same_weights(model, loaded)
    np.testing.assert_equal(loaded.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))


def test_a_function_of_ones_own_with_a_known_name_is_not_confused(tmp_path):
    def relu(x):
        return x.clamp(0.0, 0.1)

    model = of_layer(layers.Dense(2, activation=relu, kernel_initializer="ones"))
    model.save(tmp_path / "m.lamina")

    with pytest.raises(LoadError, match="it needs your own function 'relu'"):
        load_model(tmp_path / "m.lamina")
    loaded = load_model(tmp_path / "m.lamina", custom_objects={"relu": relu})

    np.testing.assert_allclose(outputs(loaded), 0.1)


UNSAVABLE = {
    "Lambda": (
        lambda: of_layer(layers.Lambda(lambda x: x, name="half")),
        "layer 'half' cannot be saved in a model file: it holds a Python function.",
    ),
    "torch module": (
        lambda: keras.Sequential([keras.Input((4,)), torch.nn.Linear(4, 2)]),
        "layer 'Linear' cannot be saved in a model file: it is a torch Linear, whose arguments "
        "nobody noted.",
    ),
    "lambda": (
        lambda: of_layer(layers.Dense(2, activation=lambda x: x, name="d")),
        "layer 'd' cannot be saved: it holds a lambda.",
    ),
    "name": (
        lambda: of_layer(layers.Dense(2, name="a/b")),
        "layer 'a/b' cannot be saved under this name.",
    ),
}


@pytest.mark.parametrize("name", UNSAVABLE)
def test_what_could_not_be_loaded_is_not_saved(name, tmp_path):
    make, problem = UNSAVABLE[name]

    with pytest.raises(ArgumentError, match="cannot be saved") as caught:
        make().save(tmp_path / "m.lamina")

    assert caught.value.problem == problem
    assert list(tmp_path.iterdir()) == []


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
    with pytest.raises(LoadError, match=r"m\.keras': its name does not have the ending"):
        load_model(tmp_path / "m.keras")


# -- weights alone ---------------------------------------------------------------------------


def test_weights_are_stored_under_the_names_of_state_dict(tmp_path):
    model = trained(small())

    model.save_weights(tmp_path / "w.safetensors")

    stored = load_file(tmp_path / "w.safetensors")
    assert sorted(stored) == sorted(model.state_dict())
    assert all(torch.equal(stored[name], value) for name, value in model.state_dict().items())


def test_weights_are_loaded_into_the_same_tensors(tmp_path):
    model = trained(small())
    model.save_weights(tmp_path / "w.safetensors")
    other = trained(small(), epochs=1)
    before = [weight.data_ptr() for weight in other.parameters()]

    other.load_weights(tmp_path / "w.safetensors")

    assert [weight.data_ptr() for weight in other.parameters()] == before
    np.testing.assert_equal(other.get_weights(), model.get_weights())


def test_weights_that_do_not_fit_are_listed_together_and_change_nothing(tmp_path):
    source = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, name="a"), layers.Dense(2, name="b")]
    )
    source.save_weights(tmp_path / "w.safetensors")
    target = keras.Sequential(
        [keras.Input((4,)), layers.Dense(6, name="a"), layers.Dense(2, name="c")]
    )
    before = copy.deepcopy(target.get_weights())

    with pytest.raises(LoadError, match="6 of its tensors do not fit the model") as caught:
        target.load_weights(tmp_path / "w.safetensors")

    assert caught.value.expected == (
        "exactly the weights of the model. missing: 'c.kernel', 'c.bias'; "
        "unexpected: 'b.bias', 'b.kernel'; of another shape or dtype: 'a.kernel' is (4, 5) "
        "float32, the model's (4, 6) float32, 'a.bias' is (5,) float32, the model's (6,) float32."
    )
    np.testing.assert_equal(target.get_weights(), before)


def test_skip_mismatch_takes_what_fits(tmp_path):
    source = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, name="a"), layers.Dense(2, name="b")]
    )
    source.save_weights(tmp_path / "w.safetensors")
    target = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, name="a"), layers.Dense(3, name="b")]
    )

    target.load_weights(tmp_path / "w.safetensors", skip_mismatch=True)

    assert torch.equal(target.layers[0].kernel, source.layers[0].kernel)


def test_a_model_without_weights_cannot_take_any(tmp_path):
    small().save_weights(tmp_path / "w.safetensors")
    model = keras.Sequential([layers.Dense(2)], name="empty")

    with pytest.raises(StateError, match="'empty' has no weights yet"):
        model.load_weights(tmp_path / "w.safetensors")


def test_to_json_and_back_gives_a_compiled_model_with_new_weights():
    model = small()

    made = model_from_json(model.to_json(indent=1))

    assert made.compiled
    assert made.to_json() == model.to_json()
    assert not torch.equal(made.layers[0].kernel, model.layers[0].kernel)
