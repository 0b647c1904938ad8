"""A name that a package does not have: the nearest one, or that Lamina leaves it out."""

import pytest

import lamina as keras
from lamina.core.errors import MissingNameError


@pytest.mark.parametrize(
    ("package", "name", "problem", "fix"),
    [
        (
            keras.layers,
            "LSTM",
            "lamina.layers has no LSTM: this part of Keras is not part of Lamina.",
            "wrap a module of torch: keras.layers.TorchModuleWrapper(module).",
        ),
        (
            keras,
            "ops",
            "lamina has no ops: this part of Keras is not part of Lamina.",
            "tensors are torch tensors: use torch's functions, for example torch.exp(x).",
        ),
        (
            keras.losses,
            "MeanSquareError",
            "lamina.losses has no 'MeanSquareError'.",
            "did you mean lamina.losses.MeanSquaredError?",
        ),
        (
            keras.callbacks,
            "Earlystopping",
            "lamina.callbacks has no 'Earlystopping'.",
            "did you mean lamina.callbacks.EarlyStopping?",
        ),
        (
            keras.initializers,
            "foo",
            "lamina.initializers has no 'foo'.",
            "see dir(lamina.initializers).",
        ),
    ],
)
def test_missing_name_is_explained(package, name, problem, fix):
    with pytest.raises(MissingNameError, match="has no") as caught:
        getattr(package, name)

    assert (caught.value.problem, caught.value.fix) == (problem, fix)
    assert not hasattr(package, name)
