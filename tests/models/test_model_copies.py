"""clone_model, copy.deepcopy, configurations and JSON give models of the same structure."""

import copy
import json

import numpy as np
import pytest
import torch

from lamina import layers
from lamina.models import clone_model, model_from_json
from tests.models.saving_cases import STRUCTURES, outputs, small


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


def test_to_json_and_back_gives_a_compiled_model_with_new_weights():
    model = small()

    made = model_from_json(model.to_json(indent=1))

    assert made.compiled
    assert made.to_json() == model.to_json()
    assert not torch.equal(made.layers[0].kernel, model.layers[0].kernel)
