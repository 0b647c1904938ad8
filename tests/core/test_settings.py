"""Settings under Keras's names say what is true of this library."""

import re

import pytest
import torch

from lamina import Input, backend, config, layers, utils
from lamina.core import randomness, settings
from lamina.core.errors import ArgumentError


@pytest.fixture(autouse=True)
def _own_limits(monkeypatch):
    monkeypatch.setattr(settings, "_limits", {"epochs": None, "steps": None})


def test_clear_session_starts_names_and_seeds_again():
    utils.set_random_seed(3)
    backend.clear_session()
    first = layers.Dense(2).name, randomness.next_seed()
    backend.clear_session()

    assert (layers.Dense(2).name, randomness.next_seed()) == first
    assert first[0] == "dense"
    assert randomness.current_seed() == 3


def test_clear_session_leaves_other_settings():
    before = backend.floatx(), backend.epsilon(), config.dtype_policy()
    backend.clear_session(free_memory=False)

    assert (backend.floatx(), backend.epsilon(), config.dtype_policy()) == before


def test_engine_and_layout():
    assert (config.backend(), config.image_data_format()) == ("torch", "channels_last")
    config.set_backend("torch")
    config.set_image_data_format("channels_last")


def test_switches_of_other_engines_answer_honestly():
    config.enable_traceback_filtering()

    assert config.is_traceback_filtering_enabled() is False
    assert config.is_nnx_enabled() is False


def test_flash_attention_is_the_switch_of_torch():
    before = torch.backends.cuda.flash_sdp_enabled()
    config.disable_flash_attention()
    off = config.is_flash_attention_enabled(), torch.backends.cuda.flash_sdp_enabled()
    config.enable_flash_attention()
    on = config.is_flash_attention_enabled()
    torch.backends.cuda.enable_flash_sdp(before)

    assert (off, on) == ((False, False), True)


def test_limits_are_kept_and_taken_off():
    config.set_max_epochs(2)
    config.set_max_steps_per_epoch(3)
    kept = config.max_epochs(), config.max_steps_per_epoch()
    config.set_max_epochs(None)

    assert kept == (2, 3)
    assert config.max_epochs() is None


def test_interactive_logging_is_switched():
    utils.disable_interactive_logging()
    off = config.is_interactive_logging_enabled()
    utils.enable_interactive_logging()

    assert (off, utils.is_interactive_logging_enabled()) == (False, True)


def test_keras_tensors_are_symbols():
    assert utils.is_keras_tensor(Input(shape=(2,)))
    assert not backend.is_keras_tensor(torch.ones(2))


REFUSALS = {
    "engine": (
        lambda: config.set_backend("jax"),
        "set_backend(backend='jax') is not possible.\n"
        '  expected: "torch": this library computes with PyTorch only.\n'
        '  fix: call set_backend("torch"), or leave the call out.',
    ),
    "layout": (
        lambda: config.set_image_data_format("channels_first"),
        "set_image_data_format(data_format='channels_first') is not possible.\n"
        '  expected: "channels_last": images are (batch, height, width, channels) by default.\n'
        '  fix: pass data_format="channels_first" to the layers that need it.',
    ),
    "code": (
        config.enable_unsafe_deserialization,
        "enable_unsafe_deserialization() is not possible.\n"
        "  expected: files that hold data only: no switch makes this library run code from a "
        "file.\n"
        "  fix: pass your own classes and functions as custom_objects={...} when you load.",
    ),
    "epochs": (
        lambda: config.set_max_epochs(0),
        "set_max_epochs(max_epochs=0) is not possible.\n"
        "  expected: 'max_epochs' as a whole number of at least 1.\n"
        "  fix: pass for example max_epochs=1.",
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusal(call, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        call()
